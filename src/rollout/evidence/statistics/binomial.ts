/**
 * Binomial probabilities, as sums of terms in logarithms: exact where the incomplete beta function
 * of jstat stops at seven digits. Cost grows with n, which is at most some thousand rows here.
 */
import jStat from 'jstat';

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
 * Two-sided exact test of x hits in n against the share p: the probability of all outcomes that are
 * no more likely than the one seen. Source: the definition used by R's `binom.test` and SciPy.
 */
export function binomialTest(x: number, n: number, p: number): number {
  if (n === 0) return 1;
  // Outcomes as likely as the one seen may differ in the last digits.
  const seen = binomialPmf(x, n, p) * (1 + 1e-7);
  let total = 0;
  for (let k = 0; k <= n; k += 1) {
    const probability = binomialPmf(k, n, p);
    if (probability <= seen) total += probability;
  }
  return Math.min(1, total);
}
