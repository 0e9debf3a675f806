/** Minutes of live traffic. */
import { describe, expect, it } from 'vitest';
import { decision } from '../../../src/rollout/evidence/gates/decision.js';
import {
  judgeLive,
  type LiveMinute,
  type MinuteOfOne,
} from '../../../src/rollout/evidence/gates/live.js';
import type { GateName } from '../../../src/rollout/evidence/gates/settings.js';

const quiet: MinuteOfOne = { requests: 100, errors: 0, busy: 0, p95Ms: 90 };
const minutes = (
  count: number,
  green: (minute: number) => Partial<MinuteOfOne> = () => ({}),
  blue: Partial<MinuteOfOne> = {},
): LiveMinute[] =>
  Array.from({ length: count }, (_, index) => ({
    at: `2026-01-01T12:0${index}:00Z`,
    blue: { ...quiet, ...blue },
    green: { ...quiet, ...green(index) },
  }));
const of = (gate: GateName, each: readonly LiveMinute[]) =>
  judgeLive(each).find((verdict) => verdict.gate === gate);

describe('live minutes', () => {
  it('pass when nothing is wrong', () => {
    expect(judgeLive(minutes(5)).map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass']);
  });

  it('fail on p95 in three minutes of five, not in two', () => {
    const slow = (count: number) => minutes(5, (minute) => (minute < count ? { p95Ms: 150 } : {}));
    expect(of('liveLatency', slow(2))?.verdict).toBe('pass');
    expect(of('liveLatency', slow(3))).toMatchObject({ verdict: 'fail', mode: 'enforce' });
    // Old minutes are forgotten.
    expect(of('liveLatency', [...slow(3), ...minutes(5)])?.verdict).toBe('pass');
  });

  it('do not hold an endpoint that has next to no traffic', () => {
    const calm = judgeLive(minutes(9, () => ({ requests: 3 }), { requests: 3 }));
    expect(calm.find(({ gate }) => gate === 'liveLatency')).toMatchObject({
      verdict: 'inconclusive',
      mode: 'warn',
    });
    expect(judgeLive([]).every(({ mode }) => mode === 'warn')).toBe(true);
    expect(decision(calm)).toEqual({ do: 'promote' });
  });

  it('fail on errors that green has and blue has not, also at 100 %', () => {
    const errors = minutes(3, () => ({ errors: 5 }));
    expect(of('liveErrors', errors)).toMatchObject({ verdict: 'fail', mode: 'enforce' });
    const both = minutes(3, () => ({ errors: 5 }), { errors: 5 });
    expect(of('liveErrors', both)?.verdict).toBe('inconclusive');
    const alone = minutes(3, () => ({ errors: 10 }), { requests: 0 });
    expect(of('liveErrors', alone)?.verdict).toBe('fail');
    expect(
      of(
        'liveErrors',
        minutes(3, () => ({}), { requests: 0 }),
      )?.verdict,
    ).toBe('pass');
  });

  it('do not fail on a difference within the margin, however sure', () => {
    const few = minutes(60, () => ({ requests: 10_000, errors: 50 }), { requests: 10_000 });
    expect(of('liveErrors', few)?.verdict).toBe('pass');
  });

  it('fail when green turns users away', () => {
    expect(
      of(
        'liveCapacity',
        minutes(3, () => ({ busy: 6 })),
      )?.verdict,
    ).toBe('fail');
    expect(
      of(
        'liveCapacity',
        minutes(1, () => ({ busy: 1 })),
      )?.verdict,
    ).toBe('inconclusive');
  });
});
