/** The split that is served, by probes that answer and probes that fail. */
import { describe, expect, it } from 'vitest';
import { decision } from '../../../src/rollout/evidence/gates/decision.js';
import { judgeProbeErrors } from '../../../src/rollout/evidence/judge-split.js';
import { judge } from '../../../src/rollout/evidence/gates/judge.js';
import { evidence } from './made-up-answers.js';

describe('split', () => {
  const probes = (served: Record<string, number>, sent?: number, failedProbes = 0) =>
    judge({
      ...evidence(0),
      split: {
        configured: { blue: 90, green: 10 },
        served,
        sent: sent ?? Object.values(served).reduce((sum, count) => sum + count, 0),
        failed: failedProbes,
      },
    });

  it('matches, is unknown below 100 probes, and is caught at 50/50', () => {
    expect(probes({ blue: 372, green: 40 })).toMatchObject([{ gate: 'split', verdict: 'pass' }]);
    const few = probes({ blue: 45, green: 5 });
    expect(few).toMatchObject([{ verdict: 'inconclusive' }]);
    expect(few[0]?.needsMoreRows).toBeGreaterThanOrEqual(50);
    expect(decision(few)).toMatchObject({ do: 'probe-more', probes: few[0]?.needsMoreRows });
    expect(probes({ blue: 25, green: 35 })).toMatchObject([{ verdict: 'fail' }]);
    expect(probes({ blue: 400 })).toMatchObject([{ verdict: 'fail' }]);
  });

  it('says what it rules out, and goes on where that is not enough', () => {
    const [fits] = probes({ blue: 90, green: 10 });
    expect(fits).toMatchObject({ verdict: 'pass' });
    expect(fits?.why).toMatch(
      /rules out less than \d(\.\d)?% and more than (19|20)(\.\d)?% for green/,
    );
    // 16 of 100 may be 10% and may be 20%.
    const [open] = probes({ blue: 84, green: 16 });
    expect(open).toMatchObject({ verdict: 'inconclusive' });
    expect(open?.needsMoreRows).toBeGreaterThan(20);
    expect(probes({ blue: 160, green: 50 })).toMatchObject([{ verdict: 'fail' }]);
    expect(probes({ blue: 100 })[0]?.verdict).not.toBe('pass');
  });

  it('does not fail a share that is within the tolerance, however many probes', () => {
    expect(probes({ blue: 17_700, green: 2_300 })).toMatchObject([{ verdict: 'pass' }]);
  });

  it('fails on a single answer from a deployment at 0%', () => {
    expect(probes({ blue: 90, green: 9, 'old-one': 1 })).toMatchObject([{ verdict: 'fail' }]);
    const alone = (served: Record<string, number>) =>
      judge({
        ...evidence(0),
        split: { configured: { blue: 100, green: 0 }, served, sent: 100, failed: 0 },
      })[0]?.verdict;
    expect(alone({ blue: 100 })).toBe('pass');
    expect(alone({ blue: 99, green: 1 })).toBe('fail');
  });

  it('says when the answers name nobody, or none came', () => {
    expect(probes({}, 100)[0]?.why).toMatch(/Azure Monitor/);
    expect(probes({}, 9, 9)).toMatchObject([{ verdict: 'error' }]);
    // Users get no answers either.
    expect(probes({}, 10, 10)).toMatchObject([{ verdict: 'fail' }]);
    expect(probes({ blue: 9, green: 1 }, 10, 10)).toMatchObject([{ verdict: 'fail' }]);
  });
});

describe('probes that fail', () => {
  const seen = (
    errors: Record<string, number>,
    served = { blue: 50, green: 50 },
    configured = { blue: 50, green: 50 },
  ) =>
    judgeProbeErrors(
      { configured, served, sent: 100, failed: 0, errors },
      { blue: 'blue', green: 'green' },
    );

  it('tell of a green that fails, also where it serves alone', () => {
    expect(seen({})).toBeUndefined();
    expect(seen({ green: 12 })).toMatchObject({ gate: 'liveErrors', verdict: 'fail' });
    expect(seen({ green: 12 })?.why).toMatch(
      /^Probes fail at least \d+\.\d pp more often on green: 12 of 50, blue 0 of 50/,
    );
    expect(seen({ blue: 12, green: 12 })).toMatchObject({ verdict: 'inconclusive', mode: 'warn' });
    expect(seen({ green: 1 })).toMatchObject({ verdict: 'inconclusive', mode: 'warn' });
    // However many of blue's did not fail.
    for (const blue of [9, 97, 100_000]) {
      expect(seen({ green: 1 }, { blue, green: 1 })?.verdict).toBe('inconclusive');
      expect(seen({ green: 1 }, { blue, green: 2 })?.verdict).toBe('inconclusive');
    }
    expect(seen({ green: 3 }, { blue: 97, green: 3 })?.verdict).toBe('fail');
    const alone = { blue: 0, green: 100 };
    expect(seen({ green: 100 }, alone, alone)).toMatchObject({ verdict: 'fail' });
  });

  it('say nothing of green before blue was met, where it serves', () => {
    expect(seen({ green: 2 }, { blue: 0, green: 2 })).toBeUndefined();
  });
});
