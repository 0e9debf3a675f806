/**
 * The same question asked after every probe, without the false alarms of peeking: a Bayes factor
 * of "some other split" (Dirichlet, centred on the configured one) against the configured split.
 * Under the configured split it ever exceeds 1 / alpha with probability alpha at most.
 * Source: Lindon and Malek (2022), "Anytime-Valid Inference for Multinomial Count Data".
 */
import jStat from 'jstat';

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
