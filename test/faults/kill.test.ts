/** The program is ended before, at and after every request of a rollout, and the rollout is continued. */
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { Desk } from './desk.js';
import { CODES, endAt, ends, type End } from './kill-places.js';
import { Pending, withMissed, type Chain } from './chains.js';
import type { Moment } from './kinds.js';
import { matrix } from './sample.js';
import { wrongWith, wrongWithPromoted } from './verdict.js';

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
  desk.cell(async (cell) => {
    const pending = new Pending(cell, chain);
    const wrong: string[] = [];
    let running = cell.program('run', cell.plan, '--yes');
    for (;;) {
      pending.arm((end, passing, isFirst) => {
        // What it still sends while it ends.
        if (!isFirst) return undefined;
        return endAt(end, passing, async () => {
          running.interrupt(end.signal);
          await running;
        });
      });
      const result = await cell.ended(running);
      const [end] = pending.happened;
      const at = end ? `${end.id}: ` : 'at last: ';
      if (end?.signal !== 'SIGKILL')
        wrong.push(...(await wrongWith(cell, result)).map((each) => at + each));
      // After its last request a run ends by itself.
      if (result.code === 0) break;
      const code = end ? CODES[end.signal] : 0;
      if (code !== undefined && result.code !== code) wrong.push(`${at}code ${result.code}`);
      if (!end) break;
      running = cell.again(result);
    }
    cell.proxy.interfere = undefined;
    wrong.push(...(await wrongWithPromoted(cell)));
    expect(wrong, cell.story()).toEqual([]);
    return pending.left;
  });

matrix('kill', ends(moments(inject('recording'))), 6, (chain) => withMissed(chain, ended));
