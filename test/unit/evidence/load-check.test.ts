/** Green alone under load, and how often blue differs from itself. */
import { describe, expect, it } from 'vitest';
import type { MinuteMetrics, Scored } from '../../../src/azure/types.js';
import type { Clock } from '../../../src/common/clock.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { mostInFlight } from '../../../src/rollout/evidence/in-flight.js';
import { judgeLoad, loadText } from '../../../src/rollout/evidence/judge-load.js';
import {
  busiestMinute,
  loadCheck,
  planLoad,
  type LoadSeen,
} from '../../../src/rollout/evidence/load-check.js';
import { noiseFloor } from '../../../src/rollout/evidence/noise.js';
import { readAnswer } from '../../../src/rollout/evidence/replay.js';
import { deployment, endpoint } from '../rollout/fixtures.js';

const good: Scored = { status: 200, body: [1], latencyMs: 10, deployment: 'green' };
const at = { endpoint: endpoint({ blue: 100 }), green: 'green', bodies: [1, 2], runId: 'r1' };

/** Time that passes only where it is waited for. */
function stubClock(): Clock & { waited: number[] } {
  let now = 1_000_000;
  const waited: number[] = [];
  return {
    waited,
    now: () => now,
    delay: async (ms) => {
      waited.push(ms);
      now += ms;
    },
  };
}

describe('the load of a share', () => {
  it('is its part of the busiest minute, and bounded', () => {
    expect(planLoad(600, 10)).toEqual({ perMinute: 60, seconds: 30, requests: 30 });
    expect(planLoad(1, 10, 30)).toEqual({ perMinute: 1, seconds: 30, requests: 1 });
    expect(planLoad(1_000_000, 50, 300).requests).toBe(3000);
  });

  it('looks at the last hour of the one that serves', async () => {
    const asked: unknown[] = [];
    const minute = (requests: number): MinuteMetrics => ({
      at: '2026-01-01T00:00:00.000Z',
      deployment: 'blue',
      requests,
      failed: 0,
      errors: 0,
      busy: 0,
    });
    const workspace = {
      metrics: async (_: unknown, names: readonly string[], from: Date, to: Date) => {
        asked.push([...names], to.getTime() - from.getTime());
        return [minute(3), minute(40), minute(7)];
      },
    };
    expect(await busiestMinute(workspace, at.endpoint, 'blue', 7_200_000)).toBe(40);
    expect(asked).toEqual([['blue'], 3_600_000]);
    const none = { metrics: async () => [] };
    expect(await busiestMinute(none, at.endpoint, 'blue', 7_200_000)).toBe(0);
  });
});

describe('a load check', () => {
  it('asks green alone, at its rate, and counts what came', async () => {
    const pins: (string | undefined)[] = [];
    const statuses = [200, 429, 424, 200];
    const clock = stubClock();
    const seen = await loadCheck({
      ...at,
      ...planLoad(120, 100, 2),
      clock,
      workspace: {
        score: async (_, __, options) => {
          pins.push(options?.deployment);
          return { ...good, status: statuses[pins.length - 1] ?? 500 };
        },
      },
    });
    expect(pins).toEqual(['green', 'green', 'green', 'green']);
    expect(clock.waited).toEqual([500, 500, 500]);
    expect(seen).toMatchObject({ sent: 4, ok: 2, busy: 1, errors: 1, other: 0, p95Ms: 10 });
  });

  it('ends in time although green hangs, and says that the rate was not reached', async () => {
    const clock = stubClock();
    const seen = await loadCheck({
      ...at,
      ...planLoad(60_000, 100, 1),
      clock,
      workspace: {
        score: async () => {
          await Promise.resolve();
          await clock.delay(100);
          return good;
        },
      },
    });
    expect(seen.sent).toBeLessThan(200);
    const { verdicts, decision } = judgeLoad(seen);
    expect(verdicts).toMatchObject([
      { gate: 'errors', verdict: 'pass' },
      { gate: 'capacity', verdict: 'inconclusive' },
    ]);
    expect(decision.do).toBe('hold');
  });

  it('ends at a refused sign-in and at a cancel', async () => {
    let calls = 0;
    const refused = await loadCheck({
      ...at,
      ...planLoad(600, 100, 30),
      clock: stubClock(),
      workspace: { score: async () => ({ status: 401, latencyMs: 1, ...{ call: (calls += 1) } }) },
    });
    expect(refused.stopped).toBe('sign-in');
    expect(calls).toBeLessThan(5);
    const cancel = new AbortController();
    const cancelled = await loadCheck({
      ...at,
      ...planLoad(600, 100, 30),
      clock: stubClock(),
      signal: cancel.signal,
      workspace: {
        score: async () => {
          cancel.abort();
          return good;
        },
      },
    });
    expect(cancelled).toMatchObject({ stopped: 'aborted', sent: 1 });
  });

  const load: LoadSeen = {
    ...planLoad(200, 100),
    sent: 100,
    ok: 100,
    errors: 0,
    busy: 0,
    other: 0,
    p50Ms: 12,
    p95Ms: 30,
  };

  it.each<[Partial<LoadSeen>, string, string[]]>([
    [{}, 'promote', ['pass', 'pass']],
    [{ ok: 99, busy: 1 }, 'promote', ['pass', 'pass']],
    [{ ok: 98, busy: 2 }, 'stop', ['pass', 'fail']],
    [{ ok: 98, errors: 2 }, 'stop', ['fail', 'pass']],
    [{ ok: 0, other: 100 }, 'hold', ['error', 'error']],
  ])('of %j ends with %s', (change, what, verdicts) => {
    const judged = judgeLoad({ ...load, ...change });
    expect(judged.decision.do).toBe(what);
    expect(judged.verdicts.map(({ verdict }) => verdict)).toEqual(verdicts);
  });

  it('says what was sent, and stands in no way where no gate is enforced', () => {
    expect(loadText(load)).toBe('100 of 100 requests at 200 a minute: p50 12 ms, p95 30 ms');
    const gates = {
      ...DEFAULT_GATES,
      errors: { ...DEFAULT_GATES.errors, mode: 'off' as const },
      capacity: { ...DEFAULT_GATES.capacity, mode: 'warn' as const },
    };
    const judged = judgeLoad({ ...load, ok: 0, busy: 100 }, gates);
    expect(judged).toMatchObject({ decision: { do: 'promote' }, verdicts: [{ verdict: 'fail' }] });
  });
});

describe('rows under way at once', () => {
  it('are what the smaller deployment works on', () => {
    const wide = { requestTimeoutMs: 5000, maxConcurrentRequestsPerInstance: 4, maxQueueWaitMs: 0 };
    const blue = deployment('blue', { instanceCount: 3 });
    const green = deployment('green', { instanceCount: 2, requestSettings: wide });
    expect(mostInFlight(blue, green)).toBe(3);
    expect(mostInFlight(deployment('blue', { instanceCount: 1 }), green)).toBe(1);
  });
});

describe('the noise floor', () => {
  it('asks a fifth of the rows twice, and counts answers unlike the first', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({ number: index + 1, body: index }));
    const rounds: number[] = [];
    const noise = await noiseFloor(rows, 'blue', async (some) => {
      rounds.push(some.length);
      return some.map(({ number }) => ({
        row: number,
        answers: {
          blue: readAnswer(
            number === 4
              ? { status: 424, latencyMs: 1 }
              : { status: 200, latencyMs: 1, body: [number <= 3 ? rounds.length : 0] },
          ),
        },
      }));
    });
    // Five first: a deployment that answers none of them is not asked the others.
    expect(rounds).toEqual([5, 5, 10]);
    expect(noise).toEqual({ pairs: 9, differing: 3 });
  });

  it('does not ask a deployment again that answers nothing', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({ number: index + 1, body: index }));
    const rounds: number[] = [];
    const noise = await noiseFloor(rows, 'blue', async (some) => {
      rounds.push(some.length);
      return some.map(({ number }) => ({
        row: number,
        answers: { blue: readAnswer({ status: 404, latencyMs: 1 }) },
      }));
    });
    expect(rounds).toEqual([5]);
    expect(noise).toEqual({ pairs: 0, differing: 0 });
  });
});
