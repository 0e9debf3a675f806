/** The wizard is ended before, at and after its requests, and opened again. */
import { afterAll, beforeAll, expect } from 'vitest';
import { Pending, withMissed, type Chain } from './chains.js';
import { CODES, endAt, ends, type End } from './kill-places.js';
import { isWrite } from './kinds.js';
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

const ended = (chain: Chain<End>): Promise<readonly End[]> =>
  desk.cell(async (cell) => {
    const face = await personAt(desk, cell);
    try {
      const pending = new Pending(cell, chain);
      const wrong: string[] = [];
      for (;;) {
        pending.arm((end, passing, isFirst) => {
          // What it still sends while it ends.
          if (!isFirst) return undefined;
          return endAt(end, passing, async () => {
            face.app.kill(end.signal);
            await face.app.exited;
          });
        });
        const meaning = await face.rollOut();
        const [end] = pending.happened;
        if (!end) {
          if (meaning !== 'promoted') wrong.push(`at last it ended ${meaning}`);
          break;
        }
        const { exitCode } = await face.app.waitForExit();
        if (end.signal === 'SIGKILL') continue;
        const said = { code: exitCode, stdout: '', stderr: face.app.scrollback() };
        wrong.push(...(await wrongWith(cell, said)).map((each) => `${end.id}: ${each}`));
        if (exitCode !== CODES[end.signal]) wrong.push(`${end.id}: code ${exitCode}`);
      }
      cell.proxy.interfere = undefined;
      wrong.push(...(await wrongWithPromoted(cell)));
      expect(wrong, face.says()).toEqual([]);
      return pending.left;
    } finally {
      await face.close();
    }
  });

matrix('wizard', ends(moments), 3, (chain) => withMissed(chain, ended));
