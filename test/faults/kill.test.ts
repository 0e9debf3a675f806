/** The program is ended before, at and after every request of a rollout, and the rollout is continued. */
import { afterAll, beforeAll, inject } from 'vitest';
import { withMissed, type Chain } from './chains.js';
import { Desk } from './desk.js';
import { byRun, disturbedRollout } from './disturbed-rollout.js';
import { endedBy, ends, type End } from './kill-places.js';
import type { Moment } from './kinds.js';
import { matrix } from './sample.js';

const desk = new Desk();
beforeAll(() => desk.start());
afterAll(() => desk.stop());

/** Files of the first model; how many of the second one's are sent is not the same in every run. */
const FIRST_FILES = 7;

/** Of many requests of one kind in a row the first, the last and every seventh. */
function moments(recording: readonly Moment[]): Moment[] {
  return recording.filter(({ kind, nth }, index) => {
    if (kind.includes('blob file') && nth > FIRST_FILES) return false;
    const many = kind.includes('score');
    const [before, after] = [recording[index - 1], recording[index + 1]];
    return !many || nth % 7 === 0 || before?.kind !== kind || after?.kind !== kind;
  });
}

const ended = (chain: Chain<End>): Promise<readonly End[]> =>
  desk.cell((cell) => {
    const { end, ...run } = byRun(cell);
    return disturbedRollout(cell, chain, { ...run, ...endedBy(end) });
  });

matrix('kill', ends(moments(inject('recording'))), 6, (chain) => withMissed(chain, ended));
