/** Quantiles, ranks and what is built on them: Wilcoxon, Hodges and Lehmann, Spearman; and the mean beside them. */
import jStat from 'jstat';
import { binomialPmf, type Interval, normalCdf, normalQuantile } from './proportions.js';

/** Quantiles of a sample, and which order statistics bound a quantile of the population. */

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

/** Ranks from 1; equal values share the mean of their ranks. NaN has no rank that means anything. */

interface Ranks {
  ranks: number[];
  /** Sizes of the groups of equal values, those of one left out. */
  ties: number[];
}

function averageRanks(values: readonly number[]): Ranks {
  const order = values.map((value, index) => ({ value, index }));
  order.sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  const ties: number[] = [];
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value) end += 1;
    for (const { index } of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2;
    if (end - start > 1) ties.push(end - start);
    start = end;
  }
  return { ranks, ties };
}

/** The exact distribution of the signed-rank sum, when each rank is counted with probability 1/2. */

/**
 * P(W >= w) for the given ranks; halves are allowed (ties). Time and memory grow with the sum of
 * the ranks times their number: fine for some fifty.
 */
function signedRankUpperTail(ranks: readonly number[], w: number): number {
  // Doubled, so that the half ranks of ties are whole.
  const doubled = ranks.map((rank) => Math.round(rank * 2));
  const top = doubled.reduce((sum, rank) => sum + rank, 0);
  const probability = new Float64Array(top + 1);
  probability[0] = 1;
  let reached = 0;
  for (const rank of doubled) {
    for (let sum = reached; sum >= 0; sum -= 1) {
      const half = (probability[sum] ?? 0) / 2;
      probability[sum] = half;
      probability[sum + rank] = (probability[sum + rank] ?? 0) + half;
    }
    reached += rank;
  }
  let tail = 0;
  for (let sum = top; sum >= Math.max(0, Math.ceil(w * 2 - 1e-9)); sum -= 1) {
    tail += probability[sum] ?? 0;
  }
  return Math.min(1, tail);
}

/**
 * Wilcoxon's signed-rank test of paired differences against a shift `mu`.
 * Source: Wilcoxon (1945); zeros are dropped, as is NaN, which lies on neither side; and the choice of method is that of SciPy 1.17's
 * `wilcoxon`: exact up to 50 values without ties and zeros, and up to 13 in any case; otherwise
 * normal with the variance corrected for ties and no continuity correction.
 */

interface SignedRank {
  /** Sum of the ranks of the positive differences. */
  statistic: number;
  /** Values other than mu. */
  n: number;
  method: 'exact' | 'normal';
  /** Small when the values lie above mu. */
  greater: number;
  /** Small when the values lie below mu. */
  less: number;
}

export function wilcoxon(values: readonly number[], mu = 0): SignedRank {
  const shifted = values.map((value) => value - mu).filter((value) => !Number.isNaN(value));
  const used = shifted.filter((value) => value !== 0);
  const n = used.length;
  const { ranks, ties } = averageRanks(used.map(Math.abs));
  let statistic = 0;
  ranks.forEach((rank, index) => {
    if ((used[index] ?? 0) > 0) statistic += rank;
  });
  if (n === 0) return { statistic, n, method: 'exact', greater: 1, less: 1 };
  const total = (n * (n + 1)) / 2;
  const plain = ties.length === 0 && n === shifted.length;
  if ((plain && n <= 50) || shifted.length <= 13) {
    const greater = signedRankUpperTail(ranks, statistic);
    // The distribution is symmetric about its middle.
    const less = signedRankUpperTail(ranks, total - statistic);
    return { statistic, n, method: 'exact', greater, less };
  }
  const tied = ties.reduce((sum, size) => sum + size ** 3 - size, 0);
  const variance = (n * (n + 1) * (2 * n + 1) - tied / 2) / 24;
  const z = (statistic - total / 2) / Math.sqrt(variance);
  return { statistic, n, method: 'normal', greater: normalCdf(-z), less: normalCdf(z) };
}

/**
 * The shift that Wilcoxon's signed-rank test finds: the median of all means of two values (Walsh
 * averages, each value with itself too), and the interval of shifts that the test would not reject.
 * Source: Hodges and Lehmann (1963); Hollander, Wolfe and Chicken, "Nonparametric Statistical
 * Methods", 3rd ed., 3.3 and 3.4 (normal approximation of the rank above 50 values).
 */

interface Shift extends Interval {
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

/**
 * The mean of paired differences, and Student's one-sided test of it against a shift `mu`. Sees
 * what the signed-rank test does not: a few rows that are far off.
 * Source: Student (1908), as SciPy 1.17's `ttest_1samp`.
 */

export interface MeanShift extends Shift {
  /** Small when the mean lies above mu. */
  greater: number;
}

/** @param alpha one-sided for each bound; bounds are infinite for fewer than two values */
export function meanShift(values: readonly number[], alpha: number, mu = 0): MeanShift {
  const n = values.length;
  const estimate = values.reduce((sum, each) => sum + each, 0) / n;
  if (n < 2) return { estimate, lower: -Infinity, upper: Infinity, greater: 1 };
  const squares = values.reduce((sum, each) => sum + (each - estimate) ** 2, 0);
  const error = Math.sqrt(squares / (n - 1) / n);
  const half = jStat.studentt.inv(1 - alpha, n - 1) * error;
  const greater =
    error === 0 ? Number(estimate <= mu) : jStat.studentt.cdf((mu - estimate) / error, n - 1);
  return { estimate, lower: estimate - half, upper: estimate + half, greater };
}

/** Spearman's rank correlation: Pearson's of the ranks. Source: Spearman (1904). */

/** -1 to 1; NaN when one side has no spread. @param x and @param y in the same order */
export function spearman(x: readonly number[], y: readonly number[]): number {
  const a = averageRanks(x).ranks;
  const b = averageRanks(y).ranks;
  const middle = (a.length + 1) / 2;
  let [both, left, right] = [0, 0, 0];
  a.forEach((rank, index) => {
    const other = (b[index] ?? middle) - middle;
    both += (rank - middle) * other;
    left += (rank - middle) ** 2;
    right += other ** 2;
  });
  return left === 0 || right === 0 ? Number.NaN : both / Math.sqrt(left * right);
}

/** Batches of consecutive values, and the fewest values of one. */
const BATCHES = 10;
const OF_BATCH = 5;

const medianOf = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * The middle of values that follow each other in time and are not independent: a slow minute of the
 * machine is many slow calls. The values are cut into batches of neighbours, and the batches' medians
 * are the values of Student's interval; neighbouring batches that are alike widen it.
 * Source: Law (2014), "Simulation Modeling and Analysis", 5th ed., 9.5.3, batch means; the widening
 * is that of a first-order autoregression, with Kendall's (1954) correction of its bias.
 * @param alpha one-sided for each bound; bounds are infinite for fewer than 20 values
 */
export function batchedShift(values: readonly number[], alpha: number, mu = 0): MeanShift {
  const n = values.length;
  const count = Math.min(BATCHES, Math.floor(n / OF_BATCH));
  if (count < 4) {
    return { estimate: medianOf(values), lower: -Infinity, upper: Infinity, greater: 1 };
  }
  const medians = Array.from({ length: count }, (_, batch) =>
    medianOf(values.slice(Math.floor((batch * n) / count), Math.floor(((batch + 1) * n) / count))),
  );
  const estimate = medians.reduce((sum, each) => sum + each, 0) / count;
  const off = medians.map((each) => each - estimate);
  const squares = off.reduce((sum, each) => sum + each ** 2, 0);
  const alike =
    squares === 0
      ? 0
      : off.slice(1).reduce((sum, each, at) => sum + each * (off[at] ?? 0), 0) / squares;
  const correlation = Math.max(0, Math.min(MOST_ALIKE, alike + (1 + 3 * alike) / count));
  const widened = (1 + correlation) / (1 - correlation);
  const freedom = Math.max(2, Math.round(count / widened) - 1);
  const error = Math.sqrt(((squares / (count - 1)) * widened) / count);
  const half = jStat.studentt.inv(1 - alpha, freedom) * error;
  const greater =
    error === 0 ? Number(estimate <= mu) : jStat.studentt.cdf((mu - estimate) / error, freedom);
  return { estimate, lower: estimate - half, upper: estimate + half, greater };
}

/** Of neighbouring batches; more can't be told from a trend with so few. */
const MOST_ALIKE = 0.8;
