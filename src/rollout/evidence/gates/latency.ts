/**
 * Is green slower on the same rows? Harm is more than the ratio *and* more than the milliseconds,
 * since 1.1 times 4 ms hurts nobody. Fail: the intervals of both lie beyond their limits. Pass: one of
 * the two lies within. Calls that follow each other are not independent, see `batchedShift`.
 */
import * as z from 'zod';
import { median } from '../compare.js';
import { batchedShift, type MeanShift } from '../statistics/ranks.js';
import { MOST_ROWS, widening } from '../statistics/sample-size.js';
import { askedPairs, type Evidence } from './evidence.js';
import { rule, type Common, type GateFinding, type GateMode, type ReplayGate } from './gate.js';
import { measured } from './measured.js';
import { rowsOf } from '../../../common/counts.js';
import { millis, needed, times } from './text.js';

/** Values below which no interval is worth a word. */
const FEWEST = 20;
/** Calls at the start that never count, and those among which a cold start may still be going on. */
const WARM_UP = 5;
const MOST_COLD = 30;
/** A cold start is this much slower than what comes after it, and beyond its spread. */
const COLD = Math.log(1.3);
const SPREADS = 3;

interface Timings {
  blue: number[];
  green: number[];
  /** Pairs at the start that were left out, since a deployment was still cold. */
  cold: { calls: number; deployment: 'blue' | 'green' } | undefined;
}

/** Milliseconds of the rows that both answered, without the warm-up. */
export function timings(evidence: Evidence, measure: Common['measure']): Timings {
  const pairs = askedPairs(evidence).filter(({ blue, green }) => blue.ok && green.ok);
  const timed = pairs.flatMap(({ blue, green }) => {
    const [b, g] =
      measure === 'model' ? [blue.modelMs, green.modelMs] : [blue.latencyMs, green.latencyMs];
    // A clock that stood still has no logarithm.
    return b !== undefined && g !== undefined && b > 0 && g > 0 ? [{ b, g }] : [];
  });
  const warmUp = evidence.warmUp ?? WARM_UP;
  const cold = coldStart(timed.map(({ b, g }) => Math.log(g / b)));
  const from = Math.max(timed.length > 2 * warmUp ? warmUp : 0, cold?.calls ?? 0);
  const warm = timed.slice(from);
  return { blue: warm.map(({ b }) => b), green: warm.map(({ g }) => g), cold };
}

/** A start that is not like the rest; looked for where there is a rest to compare with. */
function coldStart(logs: readonly number[]): Timings['cold'] {
  if (logs.length < 2 * MOST_COLD) return undefined;
  const rest = logs.slice(MOST_COLD);
  const middle = median(rest) ?? 0;
  const spread = 1.4826 * (median(rest.map((log) => Math.abs(log - middle))) ?? 0);
  const window = 5;
  const off = (at: number) => (median(logs.slice(at, at + window)) ?? middle) - middle;
  // The median of five scatters about half as much as one call.
  const edge = Math.max(COLD, (SPREADS * spread) / 2);
  const sign = Math.sign(off(0));
  if (Math.abs(off(0)) <= edge) return undefined;
  let calls = window;
  while (calls < MOST_COLD && sign * off(calls) > edge / 2) calls += 1;
  return { calls: Math.min(MOST_COLD, calls), deployment: sign > 0 ? 'green' : 'blue' };
}

/** Rows in all until an interval that shrinks with their square root leaves its limit outside. */
function rowsFor(
  n: number,
  { estimate, upper }: MeanShift,
  limit: number,
  wider: number,
): number | undefined {
  const distance = Math.abs(limit - estimate);
  if (distance === 0 || !Number.isFinite(upper)) return undefined;
  // The estimate at the end scatters half as much again as the interval is wide.
  const rows = Math.ceil(n * ((1.5 * wider * (upper - estimate)) / distance) ** 2) + 1;
  return rows <= MOST_ROWS ? rows : undefined;
}

function rowsToTell(n: number, shifts: readonly (readonly [MeanShift, number])[], wider: number) {
  if (n < FEWEST) return FEWEST;
  const rows = shifts.map(([shift, limit]) => rowsFor(n, shift, limit, wider));
  const inside = shifts.flatMap(([{ estimate }, limit], at) => {
    const total = rows[at];
    return estimate < limit && total !== undefined ? [total] : [];
  });
  if (inside.length > 0) return Math.min(...inside);
  // Above both limits: rows until that is certain.
  return rows.includes(undefined) ? undefined : Math.max(...rows.map((total) => total ?? 0));
}

interface Settings {
  mode: GateMode;
  /** Harm is above both: so many times the latency of blue, and so many milliseconds more. */
  ratio: number;
  addedMs: number;
  measure: Common['measure'];
}

/** `+0.4 ms`; nothing is `0.0 ms`. */
function signed(ms: number): string {
  const text = ms.toFixed(1);
  return `${Number(text) > 0 ? '+' : ''}${Number(text) === 0 ? '0.0' : text} ms`;
}

function latencyFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha, alphaOfMore }: Common,
): GateFinding | undefined {
  const { ratio, addedMs, measure } = settings;
  const { blue, green, cold } = timings(evidence, measure);
  const n = blue.length;
  if (n === 0) return undefined;
  const most = Math.log(ratio);
  const factor = batchedShift(
    blue.map((ms, index) => Math.log((green[index] ?? ms) / ms)),
    alpha,
    most,
  );
  const extra = batchedShift(
    blue.map((ms, index) => (green[index] ?? ms) - ms),
    alpha,
    addedMs,
  );
  const seen = Math.exp(factor.estimate);
  const [byRatio, byMs] = [factor.upper < most, extra.upper < addedMs];
  const total = rowsToTell(
    n,
    [
      [factor, most],
      [extra, addedMs],
    ],
    widening(alpha, alphaOfMore),
  );
  const more = total === undefined ? undefined : Math.max(1, total - n);
  const limits = `${times(ratio)} or ${addedMs} ms`;
  const says = `${times(seen)} (${signed(extra.estimate)})`;
  const started = cold
    ? ` The first ${rowsOf(cold.calls, 'call')} of ${cold.deployment} were a cold start and do not count.`
    : '';
  // The bound that is shown is the one that decides, so that no pass looks beyond its limit.
  const upTo = !Number.isFinite(factor.upper)
    ? 'bound n/a'
    : byMs && !byRatio
      ? `up to ${extra.upper.toFixed(1)}`
      : `up to ${times(Math.exp(factor.upper))}`;
  const [blueMs = Number.NaN, greenMs = Number.NaN] = [median(blue), median(green)];
  const sides = { blue: blueMs, green: greenMs };
  return {
    blue: millis(blueMs),
    green: millis(greenMs),
    difference: `${byMs && !byRatio ? signed(extra.estimate) : times(seen)}, ${upTo}`,
    limit: limits,
    measured:
      byMs && !byRatio
        ? measured('ms', {
            ...sides,
            difference: extra.estimate,
            low: extra.lower,
            high: extra.upper,
            limit: addedMs,
          })
        : measured('ratio', {
            ...sides,
            difference: seen,
            low: Math.exp(factor.lower),
            high: Math.exp(factor.upper),
            limit: ratio,
          }),
    outcome: (byRatio || byMs) && n >= FEWEST ? 'pass' : n < FEWEST ? 'inconclusive' : 'by-p',
    p: Math.max(factor.greater, extra.greater),
    needsMoreRows: more,
    leastMoreRows: n < FEWEST ? FEWEST - n : undefined,
    why: (outcome) =>
      (outcome === 'pass'
        ? `On the same rows green takes ${says} of blue, within ${limits}.`
        : outcome === 'fail'
          ? `On the same rows green takes ${says} of blue, clearly more than ${limits}.`
          : `On the same rows green takes ${says} of blue; more than ${limits} can't be ruled out.${needed(more)}`) +
      started,
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
