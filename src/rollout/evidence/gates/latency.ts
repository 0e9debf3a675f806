/**
 * Is green slower on the same rows? Harm is more than the ratio *and* more than the milliseconds,
 * since × 1.1 of 4 ms hurts nobody. Fail: signed-rank tests of logarithms of ratios and of
 * differences both say so. Pass: one of the two upper bounds is within its limit.
 */
import { z } from 'zod';
import { median } from '../compare.js';
import { hodgesLehmann, type Shift, wilcoxon } from '../statistics/ranks.js';
import { rowsForShift } from '../statistics/sample-size.js';
import { askedPairs, type Evidence } from './evidence.js';
import { millis, needed, times } from './text.js';
import { rule, type Common, type Finding, type GateMode, type ReplayGate } from './gate.js';

/** Values below which no interval is worth a word. */
const FEWEST = 20;

/** Milliseconds of the rows that both answered, without the warm-up. */
export function timings(
  evidence: Evidence,
  measure: Common['measure'],
): { blue: number[]; green: number[] } {
  const warmUp = evidence.warmUp ?? 5;
  const pairs = askedPairs(evidence).filter(({ blue, green }) => blue.ok && green.ok);
  const warm = pairs.length > 2 * warmUp ? pairs.slice(warmUp) : pairs;
  const timed = warm.flatMap(({ blue, green }) => {
    const [b, g] =
      measure === 'model' ? [blue.modelMs, green.modelMs] : [blue.latencyMs, green.latencyMs];
    // A clock that stood still has no logarithm.
    return b !== undefined && g !== undefined && b > 0 && g > 0 ? [{ b, g }] : [];
  });
  return { blue: timed.map(({ b }) => b), green: timed.map(({ g }) => g) };
}

function rowsToTell(n: number, shifts: readonly (readonly [Shift, number])[]): number | undefined {
  if (n < FEWEST) return FEWEST;
  const inside = shifts.flatMap(([{ estimate, upper }, limit]) => {
    const rows = estimate < limit ? rowsForShift(n, limit - estimate, upper - estimate) : undefined;
    return rows === undefined ? [] : [rows];
  });
  if (inside.length > 0) return Math.min(...inside);
  // Above both limits: rows until that is certain.
  const above = shifts.map(([{ estimate, lower }, limit]) =>
    rowsForShift(n, estimate - limit, estimate - lower),
  );
  return above.includes(undefined) ? undefined : Math.max(...above.map((rows) => rows ?? 0));
}

interface Settings {
  mode: GateMode;
  /** Harm is above both: so many times the latency of blue, and so many milliseconds more. */
  ratio: number;
  addedMs: number;
  measure: Common['measure'];
}

export function latencyFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha }: Common,
): Finding | undefined {
  const { ratio, addedMs, measure } = settings;
  const { blue, green } = timings(evidence, measure);
  const n = blue.length;
  if (n === 0) return undefined;
  const logs = blue.map((ms, index) => Math.log((green[index] ?? ms) / ms));
  const added = blue.map((ms, index) => (green[index] ?? ms) - ms);
  const factor = hodgesLehmann(logs, alpha);
  const extra = hodgesLehmann(added, alpha);
  const [seen, upper] = [Math.exp(factor.estimate), Math.exp(factor.upper)];
  const within = factor.upper < Math.log(ratio) || extra.upper < addedMs;
  const total = rowsToTell(n, [
    [factor, Math.log(ratio)],
    [extra, addedMs],
  ]);
  const more = total === undefined ? undefined : Math.max(1, total - n);
  const limits = `${times(ratio)} and ${addedMs} ms`;
  const says = `${times(seen)} (${extra.estimate >= 0 ? '+' : ''}${extra.estimate.toFixed(1)} ms)`;
  return {
    live: millis(median(blue) ?? Number.NaN),
    fresh: millis(median(green) ?? Number.NaN),
    difference: Number.isFinite(upper)
      ? `${times(seen)}, up to ${upper.toFixed(2)}`
      : `${times(seen)}, bound n/a`,
    limit: times(ratio),
    outcome: within && n >= FEWEST ? 'pass' : n < FEWEST ? 'inconclusive' : 'by-p',
    p: Math.max(wilcoxon(logs, Math.log(ratio)).greater, wilcoxon(added, addedMs).greater),
    needsMoreRows: more,
    why: (outcome) =>
      outcome === 'pass'
        ? `On the same rows NEW takes ${says} of LIVE, within ${limits}.`
        : outcome === 'fail'
          ? `On the same rows NEW takes ${says} of LIVE, surely more than ${limits}.`
          : `On the same rows NEW takes ${says} of LIVE; that may be more than ${limits}.${needed(more)}`,
  };
}

export const latency: ReplayGate<'latency', Settings> = {
  id: 'latency',
  title: 'latency median',
  defaults: { mode: 'enforce', ratio: 1.1, addedMs: 5, measure: 'wall' },
  schema: {
    ratio: rule.ratio,
    addedMs: rule.amount,
    measure: z.enum(['wall', 'model'], 'use wall or model').optional(),
  },
  needs: 'rows',
  byRepeating: true,
  describe: 'Green is slower on the same rows, by more than the ratio and the milliseconds.',
  judge: latencyFinding,
};
