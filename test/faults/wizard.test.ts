/** The wizard is ended before, at and after its requests, and opened again. */
import { afterAll, beforeAll, expect } from 'vitest';
import { CODES, killAt, killCells } from './kill-places.js';
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

matrix('wizard', killCells(moments), 6, (met) =>
  desk.cell(async (cell) => {
    const face = await personAt(desk, cell);
    try {
      const killed = killAt(cell, met, async () => {
        face.app.kill(met.signal);
        await face.app.exited;
      });
      await face.rollOut();
      cell.proxy.interfere = undefined;
      expect(killed(), `the moment did not come:\n${face.says()}`).toBe(true);
      const { exitCode } = await face.app.waitForExit();
      const said = face.app.scrollback();
      const wrong: string[] = [];
      if (met.signal !== 'SIGKILL') {
        wrong.push(...(await wrongWith(cell, { code: exitCode, stdout: '', stderr: said })));
        if (exitCode !== CODES[met.signal]) wrong.push(`code ${exitCode}`);
      }
      const meaning = await face.rollOut();
      if (meaning !== 'promoted') wrong.push(`then it ended ${meaning}`);
      wrong.push(...(await wrongWithPromoted(cell)));
      expect(wrong, `${said}\n${face.says()}`).toEqual([]);
    } finally {
      await face.close();
    }
  }),
);
