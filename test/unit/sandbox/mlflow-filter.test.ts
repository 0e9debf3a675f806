import { describe, expect, it } from 'vitest';
import { holds, inOrder, parseSearchFilter } from '../../../src/sandbox/mlflow/filter.js';
import type { RunRecord } from '../../../src/sandbox/mlflow/records.js';
import { searchedRuns } from '../../../src/sandbox/mlflow/run-search.js';

describe('a filter', () => {
  it('is comparisons joined by AND, with or without an entity', () => {
    expect(
      parseSearchFilter(
        "metrics.auc >= 0.9 and tags.`a b` != 'it''s' AND params.\"x.y\" = \"1\" AND name IN ('a', 'b,c')",
      ),
    ).toEqual([
      { entity: 'metrics', key: 'auc', operator: '>=', values: ['0.9'] },
      { entity: 'tags', key: 'a b', operator: '!=', values: ["it's"] },
      { entity: 'params', key: 'x.y', operator: '=', values: ['1'] },
      { entity: 'attributes', key: 'name', operator: 'IN', values: ['a', 'b,c'] },
    ]);
    expect(parseSearchFilter('  ')).toEqual([]);
    expect(parseSearchFilter("tags.mlflow.parentRunId='x'")[0]).toMatchObject({
      entity: 'tags',
      key: 'mlflow.parentRunId',
    });
  });

  it.each([
    ["name = 'a' or name = 'b'", 'joined by AND only'],
    ['name', 'Invalid clause'],
    ["name = 'a' and", 'Comparisons are joined'],
    ["nope.x = 'a'", "Invalid entity type 'nope'"],
  ])('%s is refused', (filter, sentence) => {
    expect(() => parseSearchFilter(filter)).toThrow(sentence);
  });

  it.each([
    ["a = 'x'", 'x', true],
    ["a = 'x'", 'X', false],
    ["a != 'x'", 'y', true],
    ["a LIKE 'he%t_'", 'heart1', true],
    ["a LIKE 'he%'", 'Heart', false],
    ["a ILIKE 'he%'", 'Heart', true],
    ["a LIKE 'a.c'", 'abc', false],
    ["a NOT IN ('x')", 'x', false],
    ['a > 9', 10, true],
    ["a > '9'", '10', false],
    ['a <= -1e3', -1000, true],
    ["a = 'x'", undefined, false],
    ["a != 'x'", undefined, false],
  ])('%s, of %j: %s', (filter, found, expected) => {
    expect(holds(parseSearchFilter(filter)[0]!, found)).toBe(expected);
  });
});

it('orders by the first column that differs', () => {
  const rows = [
    { a: 1, b: 'x' },
    { a: 2, b: 'y' },
    { a: 2, b: 'x' },
  ];
  const column = (name: string) => (row: Record<string, number | string>) => row[name]!;
  const sorted = rows.toSorted(inOrder(['attributes.a DESC', 'b'], column));
  expect(sorted).toEqual([rows[2], rows[1], rows[0]]);
  expect(() => inOrder(['a sideways'], column)).toThrow('Invalid order_by');
});

describe('runs', () => {
  const run = (id: string, more: Partial<RunRecord> = {}): RunRecord => ({
    id,
    experimentId: 'e',
    name: id,
    userId: 'u',
    userName: 'You',
    status: 'FINISHED',
    startTime: 1_000,
    endTime: 3_000,
    lifecycleStage: 'active',
    params: {},
    tags: {},
    metrics: {},
    ...more,
  });
  const runs = [
    run('old', { metrics: { auc: [{ value: 0.9, timestamp: 1, step: 0 }] } }),
    run('new', {
      startTime: 2_000,
      status: 'FAILED',
      metrics: {
        auc: [
          { value: 0.95, timestamp: 1, step: 0 },
          { value: 0.5, timestamp: 2, step: 1 },
        ],
      },
    }),
  ];
  const ids = (filter?: string, order: string[] = []) =>
    searchedRuns(runs, filter, order).map(({ id }) => id);

  it('are listed newest first, and filtered by the last value of a metric', () => {
    expect(ids()).toEqual(['new', 'old']);
    expect(ids('metrics.auc > 0.8')).toEqual(['old']);
    expect(ids("attributes.status = 'Failed'")).toEqual(['new']);
    expect(ids("status != 'FAILED'")).toEqual(['old']);
    expect(ids("attributes.duration > '1500'")).toEqual(['old']);
    expect(ids("metrics.constructor = '1'")).toEqual([]);
    expect(ids(undefined, ['attributes.start_time ASC'])).toEqual(['old', 'new']);
  });

  it('are not ordered by what Azure does not order by', () => {
    expect(() => ids(undefined, ['metrics.auc DESC'])).toThrow('not supported by Azure');
    expect(() => ids("attributes.nope = 'x'")).toThrow("Invalid attribute key 'nope'");
  });
});
