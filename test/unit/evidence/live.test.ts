/** Minutes of live traffic. */
import { describe, expect, it } from 'vitest';
import { decision } from '../../../src/rollout/evidence/gates/decision.js';
import { judgeLive } from '../../../src/rollout/evidence/gates/judge.js';
import type { LiveMinute, MinuteOfOne } from '../../../src/rollout/evidence/gates/live.js';
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

  it('do not fail on the p95 of few requests by chance, and do when it stays', () => {
    // 30 requests a minute: 12 minutes are 360, and three slow ones among them are chance.
    const few = (count: number, slow: (minute: number) => boolean) =>
      minutes(count, (each) => ({ requests: 30, p95Ms: slow(each) ? 150 : 90 }), { requests: 30 });
    const chance = of(
      'liveLatency',
      few(20, (each) => each >= 17),
    );
    expect(chance).toMatchObject({ verdict: 'inconclusive', mode: 'warn' });
    expect(chance?.why).toMatch(
      /in 3 of 5 minutes, which may be chance: over 12 minutes with 360 requests to each it is × 1\.14\.$/,
    );
    expect(decision(chance ? [chance] : [])).toEqual({ do: 'hold', because: [] });
    const stays = of(
      'liveLatency',
      few(20, (each) => each >= 9),
    );
    expect(stays).toMatchObject({ verdict: 'fail', mode: 'enforce' });
    expect(stays?.why).toMatch(/in 5 of 5 minutes; over 12 minutes with 360 requests to each/);
    // At the very start nothing speaks against three slow minutes of three.
    expect(
      of(
        'liveLatency',
        few(3, () => true),
      )?.verdict,
    ).toBe('fail');
    // With 72 in each, five minutes are enough.
    const many = (slow: number) =>
      minutes(20, (each) => ({ requests: 72, p95Ms: each >= 20 - slow ? 200 : 90 }));
    expect(of('liveLatency', many(3))?.verdict).toBe('fail');
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
