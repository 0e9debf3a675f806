/** What the journal keeps of a replay for the report's charts: counts and row numbers, no cells. */
import { expect, it } from 'vitest';
import { replayFigures } from '../../../src/rollout/evidence/replay-figures.js';
import type { RowAnswers } from '../../../src/rollout/evidence/replay.js';

const answer = (prediction: unknown, latencyMs = 10) => ({
  ok: true,
  status: 200,
  latencyMs,
  prediction,
});
const failed = { ok: false, problem: 'model' as const, status: 424, latencyMs: 3 };
const row = (number: number, blue: object, green: object, truth?: string): RowAnswers => ({
  row: number,
  ...(truth !== undefined && { truth }),
  answers: { old: blue, new: green } as RowAnswers['answers'],
});
const figures = (rows: RowAnswers[]) => replayFigures({ rows, blue: 'old', green: 'new' });

it('keeps latencies of the rows that both answered, in the order sent', () => {
  const found = figures([
    row(7, answer('a', 10.04), answer('a', 12.36)),
    row(3, answer('b'), failed),
    row(5, answer('b', 11), answer('b', 9)),
  ]);
  expect(found?.latency).toEqual({ rows: [7, 5], ms: { old: [10, 11], new: [12.4, 9] } });
});

it('keeps no more than a thousand, and nothing where no row was answered', () => {
  const many = figures(
    Array.from({ length: 1_200 }, (_, index) => row(index, answer(0), answer(1))),
  );
  expect(many?.latency.rows).toHaveLength(1_000);
  expect(many?.latency.ms['new']).toHaveLength(1_000);
  // Counts cost no more with more rows.
  expect(many?.classes?.agreement).toEqual([
    [0, 1_200],
    [0, 0],
  ]);
  expect(figures([row(1, failed, answer(1))])).toBeUndefined();
});

it('counts rows by class, against each other and against the target', () => {
  const rows = [
    ...Array.from({ length: 8 }, (_, index) => row(index, answer(0), answer(0), '0')),
    ...Array.from({ length: 6 }, (_, index) => row(20 + index, answer(1), answer(1), '1.0')),
    row(40, answer(0), answer(1), '1'),
    row(41, answer(1), answer(0), ' '),
  ];
  expect(figures(rows)?.classes).toEqual({
    names: ['0', '1'],
    agreement: [
      [8, 1],
      [1, 6],
    ],
    target: {
      old: [
        [8, 0],
        [1, 6],
      ],
      new: [
        [8, 0],
        [0, 7],
      ],
    },
  });
});

it('names no class that nobody answers, and leaves out what are too many to be classes', () => {
  const cell = 'a-cell-of-the-file';
  const rows = Array.from({ length: 30 }, (_, index) =>
    row(index, answer('a'), answer('b'), index === 0 ? cell : 'a'),
  );
  const found = figures(rows);
  expect(found?.classes?.names).toEqual(['a', 'b']);
  expect(JSON.stringify(found)).not.toContain(cell);
  const texts = Array.from({ length: 60 }, (_, index) =>
    row(index, answer(`t${index % 15}`), answer('t0'), `t${index % 15}`),
  );
  expect(figures(texts)).not.toHaveProperty('classes');
});

it('bins scores by the class that is answered, with how often it is right', () => {
  const rows = [
    ...Array.from({ length: 20 }, (_, index) => row(index, answer(0.91), answer(0.95), '1')),
    ...Array.from({ length: 20 }, (_, index) =>
      row(50 + index, answer(0.22), answer(index < 5 ? 0.65 : 0.05), '0'),
    ),
  ];
  expect(figures(rows)?.calibration).toEqual({
    old: [
      { rows: 20, meanScore: 0.78, right: 20 },
      { rows: 20, meanScore: 0.91, right: 20 },
    ],
    new: [
      { rows: 5, meanScore: 0.65, right: 0 },
      { rows: 35, meanScore: 0.95, right: 35 },
    ],
  });
  expect(
    figures(rows.map((each) => ({ row: each.row, answers: each.answers }))),
  ).not.toHaveProperty('calibration');
});
