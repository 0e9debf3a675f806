/** The program is ended before, at and after every request of a rollout, and the rollout is continued. */
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { Desk } from './desk.js';
import { CODES, killAt, killCells } from './kill-places.js';
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

matrix('kill', killCells(moments(inject('recording'))), 16, (met) =>
  desk.cell(async (cell) => {
    const running = cell.program('run', cell.plan, '--yes');
    const killed = killAt(cell, met, async () => {
      running.interrupt(met.signal);
      await running;
    });
    const first = await cell.ended(running);
    cell.proxy.interfere = undefined;
    const wrong: string[] = [];
    expect(killed(), `the moment did not come: ${cell.story()}`).toBe(true);
    if (met.signal !== 'SIGKILL') {
      wrong.push(...(await wrongWith(cell, first)));
      // After its last request a run ends by itself.
      if (first.code !== 0 && first.code !== CODES[met.signal]) wrong.push(`code ${first.code}`);
    }
    if (first.code !== 0) {
      const again = await cell.goOn(first);
      wrong.push(...(await wrongWith(cell, again)).map((each) => `then ${each}`));
      if (again.code !== 0) wrong.push(`then it ended with ${again.code}`);
    }
    wrong.push(...(await wrongWithPromoted(cell)));
    expect(wrong, cell.story()).toEqual([]);
  }),
);
