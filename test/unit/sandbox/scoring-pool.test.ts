import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { InstancePool } from '../../../src/sandbox/scoring/instances.js';
import { onnxRunner } from '../../../src/sandbox/scoring/onnx-runner.js';
import { BUILT_WORKER, ROWS, SAMPLES } from './scoring-support.js';
import { patience } from '../../support/patience.js';

const input = { kind: 'table' as const, columns: ROWS.columns, rows: ROWS.data };
/** Longer than any test: the thread is ended with the pool. */
const FOREVER = patience(600_000);
const LONG = patience(20_000);

let pool: InstancePool;
beforeEach(async () => {
  const file = readFileSync(new URL('v1/model.onnx', SAMPLES));
  pool = new InstancePool({
    start: onnxRunner(BUILT_WORKER, file, 'labels', {
      outputs: { kind: 'columns', columns: [{ name: 'label', type: 'long', required: true }] },
    }),
    concurrency: 1,
    warmUp: undefined,
    log: () => undefined,
  });
  await pool.resize(1);
});
afterEach(() => pool.close());

it('does not run what timed out while it waited', async () => {
  const first = pool.score({ input, delayMs: 200 }, 20);
  const second = pool.score({ input, delayMs: FOREVER }, 20);
  await expect(first).rejects.toMatchObject({ name: 'TimedOut' });
  await expect(second).rejects.toMatchObject({ name: 'TimedOut' });
  expect((await pool.score({ input, delayMs: 0 }, LONG)).value).toEqual([0, 1, 1, 0, 0]);
});

it('keeps the place of what timed out while it ran', async () => {
  await expect(pool.score({ input, delayMs: FOREVER }, 20)).rejects.toMatchObject({
    name: 'TimedOut',
  });
  const waiting = pool.score({ input, delayMs: 0 }, LONG);
  await expect(pool.score({ input, delayMs: 0 }, LONG)).rejects.toMatchObject({
    name: 'TooManyRequests',
  });
  await pool.resize(2);
  expect((await waiting).value).toEqual([0, 1, 1, 0, 0]);
});
