/** Quantiles of a sample, and which order statistics bound a quantile of the population. */
import { binomialPmf } from './binomial.js';
import type { Interval } from './interval.js';

/**
 * Linear between order statistics: NumPy's default, type 7 of Hyndman and Fan (1996).
 * @param sorted ascending. NaN for none.
 */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const last = sorted.length - 1;
  if (last < 0) return Number.NaN;
  const at = q * last;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export const quantile = (values: readonly number[], q: number): number =>
  quantileOfSorted(Float64Array.from(values).sort(), q);

/**
 * Two-sided interval of a quantile without a model: the count of values below it is Bin(n, q).
 * A bound is infinite where n is too small for one. Source: Conover, "Practical Nonparametric
 * Statistics", 3rd ed., 3.2.
 */
export function quantileInterval(values: readonly number[], q: number, alpha = 0.05): Interval {
  const n = values.length;
  const sorted = Float64Array.from(values).sort();
  // Largest rank r with P(X <= r - 1) <= alpha / 2.
  let lowerRank = 0;
  for (let tail = 0, k = 0; k < n; k += 1) {
    tail += binomialPmf(k, n, q);
    if (tail > alpha / 2) break;
    lowerRank = k + 1;
  }
  // Smallest rank r with P(X >= r) <= alpha / 2.
  let upperRank = n + 1;
  for (let tail = 0, k = n; k >= 0; k -= 1) {
    tail += binomialPmf(k, n, q);
    if (tail > alpha / 2) break;
    upperRank = k;
  }
  return {
    lower: lowerRank < 1 ? -Infinity : (sorted[lowerRank - 1] ?? -Infinity),
    upper: upperRank > n ? Infinity : (sorted[upperRank - 1] ?? Infinity),
  };
}

/** The smallest sample that gives a finite upper bound: q^n <= alpha / 2. */
export const rowsForQuantile = (q: number, alpha = 0.05): number =>
  Math.ceil(Math.log(alpha / 2) / Math.log(q));
