/** Users of a live endpoint through a rollout, an abort, a resume and a rollback: none of them is harmed. */
import { afterAll, beforeAll, expect } from 'vitest';
import { Desk, FIRST_WEIGHT, type Cell } from './desk.js';
import { matrix } from './sample.js';
import { startUsers } from './users.js';
import { wrongWith } from './verdict.js';

const desk = new Desk();
beforeAll(() => desk.start());
afterAll(() => desk.stop());

/** Each with its exit code; the plan holds for an approval at its first weight. */
const WAY: readonly [string[], number][] = [
  [['run', '$plan', '--yes'], 8],
  [['abort', '$endpoint', '--yes'], 0],
  [['run', '$plan', '--yes'], 8],
  [['resume', '$plan', '--approve', String(FIRST_WEIGHT)], 0],
  [['rollback', '$endpoint', '--yes'], 0],
];

const words = (cell: Cell, args: readonly string[]): string[] =>
  args.map((each) => each.replace('$plan', cell.plan).replace('$endpoint', cell.endpoint));

matrix(
  'load',
  [1, 3].map((instances) => ({ id: `${instances} instances`, instances })),
  2,
  ({ instances }) =>
    desk.cell(
      async (cell) => {
        const wrong: string[] = [];
        const users = startUsers(cell, 10);
        for (const [args, code] of WAY) {
          const ended = await cell.run(...words(cell, args));
          if (ended.code !== code) wrong.push(`${args[0]} ended with ${ended.code}`);
          wrong.push(...(await wrongWith(cell, ended)));
        }
        const { served, failed } = await users.leave();
        if (failed.length > 0) wrong.push(`${failed.length} requests failed: ${failed[0]}`);
        if (served < 20) wrong.push(`only ${served} requests were sent`);
        expect(wrong, cell.story()).toEqual([]);
      },
      { instances, hold: 'approval: true' },
    ),
);
