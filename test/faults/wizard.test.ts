/** The wizard is ended before, at and after its requests, and opened again. */
import { afterAll, beforeAll } from 'vitest';
import { withMissed, type Chain } from './chains.js';
import { disturbedRollout } from './disturbed-rollout.js';
import { endedBy, ends, type End } from './kill-places.js';
import { isWrite } from './kinds.js';
import { rehearsedTwice } from './rehearsal.js';
import { matrix } from './sample.js';
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
    const end = async (signal: End['signal']) => {
      face.app.kill(signal);
      await face.app.exited;
    };
    try {
      return await disturbedRollout(cell, chain, {
        ...endedBy(end),
        async rollOut(happened) {
          const meaning = await face.rollOut();
          if (happened.length > 0) {
            const { exitCode } = await face.app.waitForExit();
            const stderr = face.app.scrollback();
            return { code: exitCode, stdout: '', stderr, isPromoted: false };
          }
          if (meaning !== 'promoted') throw new Error(`At last: ${meaning}\n${face.says()}`);
          return { code: 0, stdout: '', stderr: '', isPromoted: true };
        },
        story: () => face.says(),
      });
    } finally {
      await face.close();
    }
  });

matrix('wizard', ends(moments), 3, (chain) => withMissed(chain, ended));
