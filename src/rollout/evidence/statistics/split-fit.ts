/**
 * Do the answers of n probes fit the configured split? Judged once, at an n fixed beforehand.
 * Pearson's chi-squared where every expected count is 5 or more, else exact: binomial for two
 * deployments, and for more the smallest of one test each, times their number (Bonferroni).
 * Source: Pearson (1900); the rule of five is Cochran's (1954).
 */
import jStat from 'jstat';
import { binomialTest } from './binomial.js';

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
