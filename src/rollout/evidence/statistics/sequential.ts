/** Tests and bounds that may be looked at after every value without false alarms from peeking. */
import jStat from 'jstat';
import { binomialTest, shareUpper } from './proportions.js';

/**
 * A lower bound of a mean that holds at all times at once, so that one may look after every row.
 * Asymptotic: not to be used below some twenty values.
 * Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), "Time-uniform central limit
 * theory and asymptotic confidence sequences", one-sided form; rho from its section on tuning.
 */

export const FIRST_LOOK = 20;

export interface SequenceOptions {
  /** One-sided error probability over all looks together. */
  alpha?: number;
  /** The number of values at which the bound shall be tightest. */
  planned?: number;
  /** The smallest value there can be, e.g. -1 for failures; only used when all values are equal. */
  lowest?: number;
}

/** Half-width for n values of variance s^2. */
export function sequenceHalfWidth(
  variance: number,
  n: number,
  { alpha = 0.05, planned = 200 }: SequenceOptions = {},
): number {
  const l = -2 * Math.log(2 * alpha);
  const rho = Math.sqrt((l + Math.log(l + 1)) / planned);
  const t = n * rho * rho + 1;
  return Math.sqrt(
    ((variance * 2 * t) / (n * rho) ** 2) * Math.log(1 + Math.sqrt(t) / (2 * alpha)),
  );
}

export interface SequenceLook {
  n: number;
  mean: number;
  /** -Infinity before the first look is allowed. */
  lower: number;
}

/**
 * @param values paired differences, e.g. green's failure minus blue's (-1, 0, 1), or logarithms of
 * latency ratios
 */
export function lowerSequence(
  values: readonly number[],
  options: SequenceOptions = {},
): SequenceLook {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, n);
  if (n < FIRST_LOOK) return { n, mean, lower: -Infinity };
  // Not by the sum of squares: equal values must give no spread at all.
  if (values.every((value) => value === values[0])) {
    return { n, mean, lower: lowerOfEqual(mean, n, options) };
  }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { n, mean, lower: mean - sequenceHalfWidth(variance, n, options) };
}

/**
 * Without spread the sequence would have no width. Instead: n equal results leave a share of others
 * that Clopper and Pearson bound, and at worst those are the smallest value there is.
 */
function lowerOfEqual(value: number, n: number, { alpha = 0.05, lowest }: SequenceOptions): number {
  if (lowest === undefined) return -Infinity;
  // Errors spent so over the looks add up to alpha: the sum of 1 / (n (n + 1)) is 1.
  const others = shareUpper(0, n, alpha / (n * (n + 1)));
  return value * (1 - others) + lowest * others;
}

/**
 * The same question asked after every probe, without the false alarms of peeking: a Bayes factor
 * of "some other split" (Dirichlet, centred on the configured one) against the configured split.
 * Under the configured split it ever exceeds 1 / alpha with probability alpha at most.
 * Source: Lindon and Malek (2022), "Anytime-Valid Inference for Multinomial Count Data".
 */

/** Weight of the prior in probes; 100 finds a wrong split within some hundred probes. */
export const PRIOR_PROBES = 100;

/** Natural logarithm of the Bayes factor. @param shares above zero, in sum 1 */
export function logBayesFactor(
  counts: readonly number[],
  shares: readonly number[],
  prior = PRIOR_PROBES,
): number {
  const n = counts.reduce((sum, count) => sum + count, 0);
  let log = jStat.gammaln(prior) - jStat.gammaln(prior + n);
  counts.forEach((count, index) => {
    const share = shares[index] ?? 0;
    const a = prior * share;
    log += jStat.gammaln(a + count) - jStat.gammaln(a) - count * Math.log(share);
  });
  return log;
}

/** What is known after some probes; a plain value, so that it can be kept in a journal. */
export interface SplitWatch {
  shares: readonly number[];
  counts: readonly number[];
  /** Valid at any time: the smallest 1 / Bayes factor so far, at most 1. */
  p: number;
}

export const startSplitWatch = (shares: readonly number[]): SplitWatch => ({
  shares,
  counts: shares.map(() => 0),
  p: 1,
});

/** One more probe, answered by the deployment at `index` of the shares. */
export function sawProbe(watch: SplitWatch, index: number, prior = PRIOR_PROBES): SplitWatch {
  const counts = watch.counts.map((count, at) => (at === index ? count + 1 : count));
  const p = Math.min(watch.p, Math.exp(-logBayesFactor(counts, watch.shares, prior)));
  return { ...watch, counts, p };
}

/**
 * Do the answers of n probes fit the configured split? Judged once, at an n fixed beforehand.
 * Pearson's chi-squared where every expected count is 5 or more, else exact: binomial for two
 * deployments, and for more the smallest of one test each, times their number (Bonferroni).
 * Source: Pearson (1900); the rule of five is Cochran's (1954).
 */

export interface SplitFit {
  /** Small when the answers don't fit. */
  p: number;
  method: 'chi-squared' | 'exact';
}

/** @param shares above zero, in sum 1, in the order of @param counts */
export function splitFit(counts: readonly number[], shares: readonly number[]): SplitFit {
  const n = counts.reduce((sum, count) => sum + count, 0);
  if (n === 0 || counts.length < 2) return { p: 1, method: 'exact' };
  const expected = shares.map((share) => share * n);
  if (expected.every((each) => each >= 5)) {
    const statistic = counts.reduce((sum, count, index) => {
      const e = expected[index] ?? 0;
      return sum + (count - e) ** 2 / e;
    }, 0);
    return { p: 1 - jStat.chisquare.cdf(statistic, counts.length - 1), method: 'chi-squared' };
  }
  if (counts.length === 2) {
    return { p: binomialTest(counts[0] ?? 0, n, shares[0] ?? 0), method: 'exact' };
  }
  const each = counts.map((count, index) => binomialTest(count, n, shares[index] ?? 0));
  return { p: Math.min(1, Math.min(...each) * counts.length), method: 'exact' };
}
