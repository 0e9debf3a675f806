/** The wizard is ended before, at and after its requests, and opened again. */
import { afterAll, beforeAll, expect } from 'vitest';
import { CODES, Ends, killCells, withMissed, type KillCell } from './kill-places.js';
import { isWrite, type Moment } from './kinds.js';
import { rehearsedTwice } from './rehearsal.js';
import { matrix } from './sample.js';
import { wrongWith, wrongWithPromoted } from './verdict.js';
import { personAt, WizardDesk } from './wizard.js';

let desk: WizardDesk;
beforeAll(async () => {
  desk = new WizardDesk();
  await desk.start();
});
afterAll(() => desk.stop());

const recording = await rehearsedTwice(new WizardDesk(), async (cell, stage) => {
  const face = await personAt(stage, cell);
  try {
    const meaning = await face.rollOut();
    if (meaning !== 'promoted') throw new Error(`Nothing to record: ${meaning}\n${face.says()}`);
  } finally {
    await face.close();
  }
});
// Its looks go by the clock: only what opens each part of a rollout comes in every one.
const moments = recording.filter(({ kind, nth }) => isWrite(kind) || nth === 1);

const ended = (met: KillCell): Promise<readonly Moment[]> =>
  desk.cell(async (cell) => {
    const face = await personAt(desk, cell);
    try {
      const ends = new Ends(cell, met);
      const wrong: string[] = [];
      for (;;) {
        ends.arm(async () => {
          face.app.kill(met.signal);
          await face.app.exited;
        });
        const meaning = await face.rollOut();
        if (!ends.at) {
          if (meaning !== 'promoted') wrong.push(`at last it ended ${meaning}`);
          break;
        }
        const at = `at ${ends.at.id}: `;
        const { exitCode } = await face.app.waitForExit();
        if (met.signal === 'SIGKILL') continue;
        const said = { code: exitCode, stdout: '', stderr: face.app.scrollback() };
        wrong.push(...(await wrongWith(cell, said)).map((each) => at + each));
        if (exitCode !== CODES[met.signal]) wrong.push(`${at}code ${exitCode}`);
      }
      cell.proxy.interfere = undefined;
      wrong.push(...(await wrongWithPromoted(cell)));
      expect(wrong, face.says()).toEqual([]);
      return ends.left;
    } finally {
      await face.close();
    }
  });

matrix('wizard', killCells(moments), 3, (met) => withMissed(met, ended));
