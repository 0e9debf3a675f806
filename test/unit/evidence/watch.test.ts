/** Minutes of live traffic as they are told: which count, what they say, and what nobody saw. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MinuteMetrics } from '../../../src/azure/types.js';
import type { GateName } from '../../../src/rollout/evidence/gates/registry.js';
import {
  firstWholeMinute,
  judgeMinutes,
  liveMinutes,
  settledUntil,
  unwatched,
} from '../../../src/rollout/evidence/watch.js';

const roles = { blue: 'default', green: 'xgb' };
const start = Date.parse('2026-01-01T12:00:00Z');
const at = (minute: number) =>
  new Date(start + minute * 60_000).toISOString().replace('.000Z', 'Z');
const of = (
  minute: number,
  deployment: string,
  told: Partial<MinuteMetrics> = {},
): MinuteMetrics => ({
  at: at(minute),
  deployment,
  requests: 100,
  failed: 0,
  errors: 0,
  busy: 0,
  p95Ms: 90,
  ...told,
});
const minutes = (
  count: number,
  green: (minute: number) => Partial<MinuteMetrics> = () => ({}),
  blue: (minute: number) => Partial<MinuteMetrics> = () => ({}),
) =>
  Array.from({ length: count }, (_, minute) => [
    of(minute, 'default', blue(minute)),
    of(minute, 'xgb', green(minute)),
  ]).flat();
const verdictOf = (gate: GateName, given: MinuteMetrics[]) =>
  judgeMinutes(given, roles).verdicts.find((verdict) => verdict.gate === gate);

describe('side by side', () => {
  it('a minute told of one only is one without requests to the other', () => {
    expect(liveMinutes([of(1, 'default'), of(0, 'xgb', { requests: 3 })], roles)).toEqual([
      {
        at: at(0),
        blue: { requests: 0, errors: 0, busy: 0 },
        green: { requests: 3, errors: 0, busy: 0, p95Ms: 90 },
      },
      {
        at: at(1),
        blue: { requests: 100, errors: 0, busy: 0, p95Ms: 90 },
        green: { requests: 0, errors: 0, busy: 0 },
      },
    ]);
  });

  it('a minute told of neither, or of a third deployment, is left out', () => {
    expect(liveMinutes([of(0, 'grey')], roles)).toEqual([]);
    expect(judgeMinutes([], roles)).toMatchObject({ failures: [] });
    expect(judgeMinutes([], roles).verdicts.every(({ verdict }) => verdict !== 'pass')).toBe(true);
  });
});

describe('judging every minute', () => {
  it('finds a slow quarter of an hour in an unwatched hour', () => {
    const hour = minutes(60, (minute) => (minute >= 20 && minute < 35 ? { p95Ms: 200 } : {}));
    const { verdicts, failures } = judgeMinutes(hour, roles);
    expect(verdicts.find(({ gate }) => gate === 'liveLatency')?.verdict).toBe('pass');
    expect(failures.map(({ at: when, verdict }) => [when, verdict.gate])).toEqual([
      [at(25), 'liveLatency'],
    ]);
  });

  it('tells a failure once, also when minutes come in pieces', () => {
    const all = minutes(30, (minute) => ({ errors: minute < 10 ? 0 : 30 }));
    const whole = judgeMinutes(all, roles);
    expect(whole.failures).toHaveLength(1);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 8 }), (cuts) => {
        const ends = [...cuts, 30].sort((a, b) => a - b);
        let after: string | undefined;
        const found = ends.flatMap((end) => {
          const told = all.slice(0, end * 2);
          const { failures } = judgeMinutes(told, {
            ...roles,
            ...(after !== undefined && { after }),
          });
          after = told.at(-1)?.at ?? after;
          return failures;
        });
        expect(found).toEqual(whole.failures);
      }),
      { numRuns: 30 },
    );
  });

  it('does not take the callers’ mistakes for errors of green', () => {
    const callers = minutes(10, () => ({ failed: 50 }));
    expect(verdictOf('liveErrors', callers)?.verdict).toBe('pass');
  });
});

describe('capacity', () => {
  it('fails when green turns away more than its share', () => {
    expect(
      verdictOf(
        'liveCapacity',
        minutes(5, () => ({ busy: 10 })),
      ),
    ).toMatchObject({
      verdict: 'fail',
      mode: 'enforce',
    });
  });

  it('does not fail when both are short: going back would make it worse', () => {
    const both = minutes(
      5,
      () => ({ busy: 10 }),
      () => ({ busy: 10 }),
    );
    expect(verdictOf('liveCapacity', both)).toMatchObject({
      verdict: 'inconclusive',
      mode: 'warn',
      why: 'Both turn requests away, green 50 / 500 and blue 50 / 500: the endpoint needs more instances.',
    });
    const less = minutes(
      5,
      () => ({ busy: 10 }),
      () => ({ busy: 30 }),
    );
    expect(verdictOf('liveCapacity', less)?.verdict).toBe('inconclusive');
  });

  it('at 100% the limit alone decides', () => {
    const alone = minutes(
      5,
      () => ({ busy: 10 }),
      () => ({ requests: 0 }),
    );
    expect(verdictOf('liveCapacity', alone)?.verdict).toBe('fail');
    expect(
      verdictOf(
        'liveCapacity',
        minutes(5, () => ({ busy: 10 })).filter(({ deployment }) => deployment === 'xgb'),
      )?.verdict,
    ).toBe('fail');
  });
});

describe('time', () => {
  it('takes the lag off: a minute is final three minutes after its end', () => {
    const ended = start + 60_000;
    expect(settledUntil(ended + 180_000 - 1)).toBe(start);
    expect(settledUntil(ended + 180_000)).toBe(ended);
    expect(settledUntil(ended, 0)).toBe(ended);
  });

  it('begins with the first whole minute of a split', () => {
    expect(firstWholeMinute(start)).toBe(start);
    expect(firstWholeMinute(start + 1)).toBe(start + 60_000);
  });

  it('a gap is over a minute between two looks', () => {
    const looks = [0, 30, 90, 151, 180, 3780].map((seconds) => start + seconds * 1000);
    expect(unwatched(looks)).toEqual([
      { from: '2026-01-01T12:01:30.000Z', to: '2026-01-01T12:02:31.000Z', cause: 'asleep' },
      { from: '2026-01-01T12:03:00.000Z', to: '2026-01-01T13:03:00.000Z', cause: 'asleep' },
    ]);
    // A clock that was set back is no gap.
    expect(unwatched([start, start - 3_600_000])).toEqual([]);
    expect(unwatched([start])).toEqual([]);
  });
});
