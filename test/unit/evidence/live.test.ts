/** Minutes of live traffic. */
import { describe, expect, it } from 'vitest';
import { decision } from '../../../src/rollout/evidence/gates/decision.js';
import { judgeLive } from '../../../src/rollout/evidence/gates/judge.js';
import type { LiveMinute, MinuteOfOne } from '../../../src/rollout/evidence/gates/live.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import type { GateName } from '../../../src/rollout/evidence/gates/registry.js';

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

  it('fail on a p95 that is clearly above the limit, and still is', () => {
    const ratios = [1.9, 2.1, 2, 1.95, 2.05, 2, 2.1, 1.9];
    const slow = (from: number, count = 8) =>
      minutes(count, (minute) => ({
        p95Ms: 90 * (minute >= from ? (ratios[minute % 8] ?? 2) : 1),
      }));
    expect(of('liveLatency', slow(0, 3))).toMatchObject({ verdict: 'inconclusive', mode: 'warn' });
    expect(of('liveLatency', slow(0, 6))).toMatchObject({ verdict: 'fail', mode: 'enforce' });
    expect(of('liveLatency', slow(0, 6))?.why).toMatch(
      /^Over 6 minutes the p95 of green is (2\.00|1\.99)x that of blue, clearly above 1\.50x; it still is in 5 of the last 5\.$/,
    );
    // Old minutes are forgotten: it is fast again.
    expect(of('liveLatency', [...slow(0), ...minutes(10)])?.verdict).not.toBe('fail');
    // One that grows slow after an hour is found within ten minutes.
    expect(of('liveLatency', [...minutes(60), ...slow(0, 10)])?.verdict).toBe('fail');
  });

  it('do not fail on a p95 that is within the limit, or on few slow minutes', () => {
    const within = minutes(60, (minute) => ({ p95Ms: 90 * (1.4 + (minute % 3) / 10) }));
    expect(of('liveLatency', within)?.verdict).not.toBe('fail');
    const chance = minutes(20, (minute) => ({ p95Ms: minute >= 17 ? 150 : 90 }));
    expect(of('liveLatency', chance)).toMatchObject({ verdict: 'inconclusive', mode: 'warn' });
    expect(decision(judgeLive(chance))).toEqual({ do: 'promote' });
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

  it('fail on errors that green has and blue has not', () => {
    const errors = minutes(3, () => ({ errors: 10 }));
    expect(of('liveErrors', errors)).toMatchObject({ verdict: 'fail', mode: 'enforce' });
    const both = minutes(3, () => ({ errors: 10 }), { errors: 10 });
    expect(of('liveErrors', both)?.verdict).toBe('inconclusive');
    const dead = minutes(1, () => ({ requests: 10, errors: 10 }), { requests: 10, errors: 10 });
    expect(of('liveErrors', dead)).toMatchObject({ verdict: 'fail', difference: 'all failed' });
  });

  it('compare green at 100% with blue at the steps before, never with zero', () => {
    const alone = (errors: number) => minutes(5, () => ({ errors }), { requests: 0 });
    const at = (errors: number, before?: { requests: number; errors: number }) =>
      judgeLive(alone(errors), DEFAULT_GATES, before).find(({ gate }) => gate === 'liveErrors');
    const threeInHundred = { requests: 3000, errors: 90 };
    expect(at(3, threeInHundred)?.verdict).not.toBe('fail');
    expect(at(3, threeInHundred)?.blue).toBe('90 / 3000');
    expect(at(10, threeInHundred)).toMatchObject({ verdict: 'fail', mode: 'enforce' });
    expect(at(10, threeInHundred)?.why).toMatch(/blue 90 of 3,000 at the steps before\.$/);
    expect(at(0, threeInHundred)?.verdict).toBe('pass');
    // Without a rate of blue's, only what is bad in any case is known.
    expect(at(10)).toMatchObject({ verdict: 'inconclusive', mode: 'warn' });
    expect(at(10, { requests: 0, errors: 0 })?.verdict).toBe('inconclusive');
    expect(at(80)).toMatchObject({ verdict: 'fail', mode: 'enforce' });
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
