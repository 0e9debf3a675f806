/** The program is ended before, at and after every request of a rollout, and the rollout is continued. */
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { Desk } from './desk.js';
import { CODES, Ends, killCells, withMissed, type KillCell } from './kill-places.js';
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

const ended = (met: KillCell): Promise<readonly Moment[]> =>
  desk.cell(async (cell) => {
    const ends = new Ends(cell, met);
    const wrong: string[] = [];
    let running = cell.program('run', cell.plan, '--yes');
    for (;;) {
      ends.arm(async () => {
        running.interrupt(met.signal);
        await running;
      });
      const result = await cell.ended(running);
      const at = ends.at ? `at ${ends.at.id}: ` : 'at last: ';
      if (met.signal !== 'SIGKILL' || !ends.at)
        wrong.push(...(await wrongWith(cell, result)).map((each) => at + each));
      // After its last request a run ends by itself.
      if (result.code === 0) break;
      const code = ends.at ? CODES[met.signal] : 0;
      if (code !== undefined && result.code !== code) wrong.push(`${at}code ${result.code}`);
      if (!ends.at) break;
      running = cell.again(result);
    }
    cell.proxy.interfere = undefined;
    wrong.push(...(await wrongWithPromoted(cell)));
    expect(wrong, cell.story()).toEqual([]);
    return ends.left;
  });

matrix('kill', killCells(moments(inject('recording'))), 6, (met) => withMissed(met, ended));
