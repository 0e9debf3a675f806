/**
 * The shift that Wilcoxon's signed-rank test finds: the median of all means of two values (Walsh
 * averages, each value with itself too), and the interval of shifts that the test would not reject.
 * Source: Hodges and Lehmann (1963); Hollander, Wolfe and Chicken, "Nonparametric Statistical
 * Methods", 3rd ed., 3.3 and 3.4 (normal approximation of the rank above 50 values).
 */
import type { Interval } from './interval.js';
import { normalQuantile } from './normal.js';
import { signedRankUpperTail } from './signed-rank-distribution.js';

export interface Shift extends Interval {
  estimate: number;
}

/** How many Walsh averages of the sorted values are at most x; one pass with two pointers. */
function countUpTo(sorted: Float64Array, x: number): number {
  let count = 0;
  let left = 0;
  for (let right = sorted.length - 1; right >= 0; right -= 1) {
    while (left <= right && (sorted[left] ?? 0) + (sorted[right] ?? 0) <= 2 * x) left += 1;
    // Pairs (i, right) with i < left and i <= right, and those that earlier rights counted.
    count += Math.min(left, right + 1);
  }
  return count;
}

/** The k-th smallest Walsh average, from 1; halving finds it without making all n(n+1)/2. */
function walshAverage(sorted: Float64Array, k: number): number {
  let low = sorted[0] ?? 0;
  let high = sorted[sorted.length - 1] ?? 0;
  if (countUpTo(sorted, low) >= k) return low;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (countUpTo(sorted, middle) >= k) high = middle;
    else low = middle;
  }
  return high;
}

/** The largest number of averages that may be cut off each end at one-sided alpha. */
function cutOff(n: number, alpha: number): number {
  const total = (n * (n + 1)) / 2;
  if (n > 50) {
    const spread = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
    return Math.max(0, Math.floor(total / 2 - normalQuantile(1 - alpha) * spread));
  }
  const ranks = Array.from({ length: n }, (_, index) => index + 1);
  let cut = 0;
  // P(W <= cut - 1) = P(W >= total - cut + 1) by symmetry.
  while (signedRankUpperTail(ranks, total - cut) <= alpha) cut += 1;
  return cut;
}

/** @param alpha one-sided for each bound; bounds are infinite for too few values */
export function hodgesLehmann(values: readonly number[], alpha: number): Shift {
  const n = values.length;
  if (n === 0) return { estimate: Number.NaN, lower: -Infinity, upper: Infinity };
  const sorted = Float64Array.from(values).sort();
  const total = (n * (n + 1)) / 2;
  const estimate =
    total % 2 === 1
      ? walshAverage(sorted, (total + 1) / 2)
      : (walshAverage(sorted, total / 2) + walshAverage(sorted, total / 2 + 1)) / 2;
  const cut = cutOff(n, alpha);
  if (cut === 0) return { estimate, lower: -Infinity, upper: Infinity };
  return {
    estimate,
    lower: walshAverage(sorted, cut),
    upper: walshAverage(sorted, total - cut + 1),
  };
}
