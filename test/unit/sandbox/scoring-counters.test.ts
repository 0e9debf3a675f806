import { expect, it } from 'vitest';
import { Counters } from '../../../src/sandbox/scoring/counters.js';

const MINUTE = 60_000;
const seen = (at: number, statusCode = 200, latencyMs = 1) => ({
  endpoint: 'Heart',
  deployment: 'blue',
  at,
  statusCode,
  latencyMs,
});

it('counts by minute, deployment and status', () => {
  const counters = new Counters();
  counters.record(seen(0));
  counters.record(seen(59_999, 200, 3));
  counters.record({ ...seen(30_000, 424), modelStatusCode: 500 });
  counters.record(seen(MINUTE));
  expect(counters.minutes('heart', 0, MINUTE)).toEqual([
    { minute: 0, deployment: 'blue', statusCode: 200, count: 2, latencies: [1, 3] },
    {
      minute: 0,
      deployment: 'blue',
      statusCode: 424,
      modelStatusCode: 500,
      count: 1,
      latencies: [1],
    },
  ]);
  expect(counters.minutes('heart', MINUTE, 2 * MINUTE)).toHaveLength(1);
  expect(counters.minutes('other', 0, MINUTE)).toEqual([]);
});

it('keeps a bounded sample of a busy minute, spread over all of it', () => {
  let at = 0;
  // A low-discrepancy sequence in place of chance.
  const counters = new Counters(() => (at = (at + 0.618_033_988_75) % 1));
  for (let request = 0; request < 5_000; request += 1) counters.record(seen(0, 200, request));
  const [bucket] = counters.minutes('heart', 0, MINUTE);
  expect(bucket?.count).toBe(5_000);
  expect(bucket?.latencies).toHaveLength(500);
  const late = bucket?.latencies.filter((latency) => latency >= 2_500).length ?? 0;
  expect(late).toBeGreaterThan(175);
  expect(late).toBeLessThan(325);
});

it('forgets what is older than a day', () => {
  const counters = new Counters();
  counters.record(seen(0));
  counters.record(seen(25 * 60 * MINUTE));
  expect(counters.minutes('heart', 0, Number.MAX_SAFE_INTEGER)).toHaveLength(1);
});
