/**
 * Shares and their differences: exact binomial probabilities, score intervals, paired and unpaired,
 * McNemar's test, and Holm's adjustment for several tests at once.
 */
import jStat from 'jstat';

/** A confidence interval; a bound that the data can't give is infinite. */
export interface Interval {
  lower: number;
  upper: number;
}

/** One-sided error probability for a finding of harm, unless a plan says otherwise. */
export const ALPHA = 0.05;

/** The standard normal distribution. */

/** P(Z <= z). */
export const normalCdf = (z: number): number => jStat.normal.cdf(z, 0, 1);

/** The z with P(Z <= z) = p. */
export const normalQuantile = (p: number): number => jStat.normal.inv(p, 0, 1);

/**
 * Binomial probabilities, as sums of terms in logarithms: exact where the incomplete beta function
 * of jstat stops at seven digits. Cost grows with n, which is at most some thousand rows here.
 */

const logChoose = (n: number, k: number): number =>
  jStat.gammaln(n + 1) - jStat.gammaln(k + 1) - jStat.gammaln(n - k + 1);

/** P(X = k), X ~ Bin(n, p). */
export function binomialPmf(k: number, n: number, p: number): number {
  if (k < 0 || k > n) return 0;
  if (p <= 0) return k === 0 ? 1 : 0;
  if (p >= 1) return k === n ? 1 : 0;
  return Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

function sum(from: number, to: number, n: number, p: number): number {
  let total = 0;
  for (let k = Math.max(0, from); k <= Math.min(n, to); k += 1) {
    const term = binomialPmf(k, n, p);
    total += term;
    // Past the mode, terms only shrink; an hour of live traffic can have a million of them.
    if (k > n * p && term < total * 1e-18) break;
  }
  return Math.min(1, total);
}

/** P(X <= k), X ~ Bin(n, p). */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  // The shorter tail is summed, so that small probabilities keep their digits.
  return k <= n * p ? sum(0, k, n, p) : 1 - sum(k + 1, n, n, p);
}

/** P(X >= k), X ~ Bin(n, p). */
export function binomialUpperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  return k > n * p ? sum(k, n, n, p) : 1 - sum(0, k - 1, n, p);
}

/**
 * One-sided exact bounds of a share; each holds alone with probability 1 - alpha at least.
 * Source: Clopper and Pearson (1934), Biometrika 26, 404-413, in the beta-quantile form.
 */

export const shareUpper = (hits: number, n: number, alpha = ALPHA): number =>
  hits >= n ? 1 : jStat.beta.inv(1 - alpha, hits + 1, n - hits);

const shareLower = (hits: number, n: number, alpha = ALPHA): number =>
  hits <= 0 ? 0 : jStat.beta.inv(alpha, hits, n - hits + 1);

/** Both bounds, each one-sided at alpha. */
export const clopperPearson = (hits: number, n: number, alpha = ALPHA): Interval => ({
  lower: shareLower(hits, n, alpha),
  upper: shareUpper(hits, n, alpha),
});

/** Wilson's score interval of a share. Source: Wilson (1927), JASA 22, 209-212. */

/** @param x hits among @param n. @param z normal quantile, e.g. 1.96 for two-sided 95% */
export function wilson(x: number, n: number, z: number): Interval {
  if (n === 0) return { lower: 0, upper: 1 };
  const centre = (x + (z * z) / 2) / (n + z * z);
  const half = (z / (n + z * z)) * Math.sqrt((x * (n - x)) / n + (z * z) / 4);
  // At the ends the formula gives 0 and 1 but for rounding.
  return {
    lower: x === 0 ? 0 : Math.max(0, centre - half),
    upper: x === n ? 1 : Math.min(1, centre + half),
  };
}

/**
 * Newcombe's hybrid score interval of the difference of two independent shares, green minus blue.
 * For paired rows it is on the safe side: too wide when the same rows fail on both.
 * Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
 */

export interface Share {
  hits: number;
  of: number;
}

/** @param z normal quantile; each bound alone holds with the one-sided probability of z */
export function newcombe(green: Share, blue: Share, z: number): Interval {
  if (green.of === 0 || blue.of === 0) return { lower: -1, upper: 1 };
  const pg = green.hits / green.of;
  const pb = blue.hits / blue.of;
  const g = wilson(green.hits, green.of, z);
  const b = wilson(blue.hits, blue.of, z);
  return {
    lower: pg - pb - Math.hypot(pg - g.lower, b.upper - pb),
    upper: pg - pb + Math.hypot(g.upper - pg, pb - b.lower),
  };
}

/**
 * Score interval of the difference of two shares seen on the same rows: (c - b) / n, where b rows
 * were right only before and c rows only after.
 * Source: Tango (1998), Statistics in Medicine 17, 891-908.
 */

/** The score statistic at a supposed difference; falls as the difference grows. */
function score(b: number, c: number, n: number, difference: number): number {
  // The share of b-rows that is most likely under that difference: root of A q^2 + B q + C.
  const A = 2 * n;
  const B = -b - c + (2 * n - c + b) * difference;
  const C = -b * difference * (1 - difference);
  const q = (Math.sqrt(Math.max(0, B * B - 4 * A * C)) - B) / (2 * A);
  const variance = n * (2 * q + difference * (1 - difference));
  const distance = c - b - n * difference;
  if (distance === 0) return 0;
  return variance <= 0 ? Math.sign(distance) * Infinity : distance / Math.sqrt(variance);
}

/**
 * P-value of "the difference is at most `difference`": below alpha exactly where the lower bound
 * lies beyond it. @param b rows of the one kind, @param c of the other, among @param n
 */
export function tangoExcess(b: number, c: number, n: number, difference: number): number {
  return n === 0 ? 1 : normalCdf(-score(b, c, n, difference));
}

function root(f: (x: number) => number, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let step = 0; step < 60; step += 1) {
    const middle = (from + to) / 2;
    if (f(middle) > 0) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/** @param z normal quantile; each bound alone holds with the one-sided probability of z */
export function tango(b: number, c: number, n: number, z: number): Interval {
  if (n === 0) return { lower: -1, upper: 1 };
  const seen = (c - b) / n;
  return {
    lower: root((d) => score(b, c, n, d) - z, -1, seen),
    upper: root((d) => score(b, c, n, d) + z, seen, 1),
  };
}

/**
 * McNemar's exact test on paired yes/no results: only the discordant pairs tell the two sides
 * apart, and without a difference each falls on either side with probability 1/2.
 * Source: McNemar (1947); Fagerland, Lydersen and Laake (2013), "The McNemar test for binary
 * matched-pairs data", for the exact conditional form.
 */

/** Twice the smaller tail, at most 1. */
export function mcnemarTwoSided(b: number, c: number): number {
  return b + c === 0 ? 1 : Math.min(1, 2 * binomialCdf(Math.min(b, c), b + c, 0.5));
}

/**
 * p-values adjusted for looking at several at once, in the order given; each may then be compared
 * with alpha. Source: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  order.forEach(({ p, index }, position) => {
    largest = Math.max(largest, Math.min(1, p * (pValues.length - position)));
    adjusted[index] = largest;
  });
  return adjusted;
}
