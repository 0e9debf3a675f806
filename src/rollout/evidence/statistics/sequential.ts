/**
 * Tests that may be looked at after every value without false alarms from peeking. Each gives an
 * e-value as a logarithm: where the limit is kept, it ever exceeds ln(1 / alpha) with probability
 * alpha at most (Ville's inequality).
 */
import jStat from 'jstat';
import type { Interval, Share } from './proportions.js';

/** Natural logarithm of 1 / alpha: an e-value beyond it rejects. */
export const beyond = (logEvidence: number, alpha: number): boolean =>
  logEvidence >= -Math.log(alpha);

const logSum = (logs: readonly number[]): number => {
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
};

/** Stakes, as shares of the largest with which a bettor can't be ruined. */
const STAKES = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.95];

/**
 * Evidence that the mean of bounded values lies above a limit, the most at any of them: the wealth
 * of a bettor who stakes on "above". Asks nothing of the values but that each, given those before
 * it, has a mean of at most the limit.
 * Source: Waudby-Smith and Ramdas (2024), "Estimating means of bounded random variables by
 * betting", JRSS B 86, 1-27; a mixture of fixed stakes.
 * @param values in order, none below @param lowest. @param limit above `lowest`
 */
export function meanAbove(values: Iterable<number>, limit: number, lowest = -1): number {
  const stakes = STAKES.map((stake) => stake / (limit - lowest));
  const wealth = stakes.map(() => -Math.log(stakes.length));
  // Most callers have few values, many times.
  const gains = new Map<number, number[]>();
  let most = 0;
  for (const value of values) {
    const gain = gains.get(value) ?? stakes.map((stake) => Math.log1p(stake * (value - limit)));
    gains.set(value, gain);
    gain.forEach((each, index) => (wealth[index] = (wealth[index] ?? 0) + each));
    // Only a gain can raise the most.
    if (value > limit) most = Math.max(most, logSum(wealth));
  }
  return most;
}

/** One failure in two is as likely as any other share: a few already tell. */
const SHARE_PRIOR = 0.5;

const logBeta = (a: number, b: number): number =>
  jStat.gammaln(a) + jStat.gammaln(b) - jStat.gammaln(a + b);

const logLikelihood = (hits: number, n: number, p: number): number =>
  (hits === 0 ? 0 : hits * Math.log(p)) + (n - hits === 0 ? 0 : (n - hits) * Math.log1p(-p));

/** Evidence against the share p, however it was looked at: a beta mixture against p. */
function shareEvidence(hits: number, n: number, p: number): number {
  const mixture =
    logBeta(SHARE_PRIOR + hits, SHARE_PRIOR + n - hits) - logBeta(SHARE_PRIOR, SHARE_PRIOR);
  return mixture - logLikelihood(hits, n, p);
}

/**
 * Bounds of a share that hold at all times at once, each with probability 1 - alpha.
 * Source: Robbins (1970), "Statistical methods related to the law of the iterated logarithm", with
 * a beta mixture.
 */
export function shareSequence({ hits, of: n }: Share, alpha: number): Interval {
  if (n === 0) return { lower: 0, upper: 1 };
  const seen = hits / n;
  const rejects = (p: number) => beyond(shareEvidence(hits, n, p), alpha);
  const edge = (from: number, to: number) => {
    // `from` is kept, `to` is rejected.
    let [kept, rejected] = [from, to];
    for (let step = 0; step < 50; step += 1) {
      const middle = (kept + rejected) / 2;
      if (rejects(middle)) rejected = middle;
      else kept = middle;
    }
    return (kept + rejected) / 2;
  };
  return { lower: hits === 0 ? 0 : edge(seen, 0), upper: hits === n ? 1 : edge(seen, 1) };
}

/**
 * The lower bound of green's minus blue's share at all times at once: Newcombe's way of putting two
 * intervals together, with intervals that hold at all times.
 */
export function differenceSequence(green: Share, blue: Share, alpha: number): number {
  if (green.of === 0 || blue.of === 0) return -1;
  const [pg, pb] = [green.hits / green.of, blue.hits / blue.of];
  const { lower } = shareSequence(green, alpha);
  const { upper } = shareSequence(blue, alpha);
  return pg - pb - Math.hypot(pg - lower, upper - pb);
}

/** Weight of the prior in probes; 100 finds a wrong split within some hundred probes. */
const PRIOR_PROBES = 100;

/**
 * Natural logarithm of the Bayes factor of "some other split" (Dirichlet, centred on the configured
 * one) against the configured split.
 * Source: Lindon and Malek (2022), "Anytime-Valid Inference for Multinomial Count Data".
 * @param shares above zero, in sum 1
 */
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

/**
 * Evidence that a share is further than `tolerance` from the configured one: the same mixture
 * against the likeliest share within the tolerance (Wasserman, Ramdas and Balakrishnan (2020),
 * "Universal inference", PNAS 117).
 */
export function shareOutside({ hits, of: n }: Share, share: number, tolerance: number): number {
  if (n === 0 || share <= 0 || share >= 1) return 0;
  const mixture =
    logBayesFactor([hits, n - hits], [share, 1 - share]) + logLikelihood(hits, n, share);
  const nearest = Math.min(
    Math.max(hits / n, share - tolerance, 1e-9),
    share + tolerance,
    1 - 1e-9,
  );
  return mixture - logLikelihood(hits, n, nearest);
}

/** Variance of the supposed effect in units of the values' own. */
const EFFECT = 4;

/**
 * Evidence that the mean of some values is another than `mu`, whatever their spread: Student's t
 * with a normal prior of the effect. Nothing below three values.
 * Source: Wang and Ramdas (2024), "Anytime-valid t-tests and confidence sequences for Gaussian
 * means with unknown variance", the scale-invariant mixture.
 */
export function meanOther(values: readonly number[], mu: number): number {
  const n = values.length;
  if (n < 3) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const t2 = (n * (mean - mu) ** 2) / (squares / (n - 1));
  const grown = 1 + n * EFFECT;
  // Without spread t is infinite, and the ratio has a limit.
  const ratio = Number.isFinite(t2)
    ? (1 + t2 / (n - 1)) / (1 + t2 / ((n - 1) * grown))
    : mean === mu
      ? 1
      : grown;
  return -0.5 * Math.log(grown) + (n / 2) * Math.log(ratio);
}

/** Bounds of the mean that hold at all times at once: what `meanOther` does not reject. */
export function meanSequence(values: readonly number[], alpha: number): Interval {
  const n = values.length;
  if (n < 3) return { lower: -Infinity, upper: Infinity };
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const grown = 1 + n * EFFECT;
  const ratio = Math.exp((2 / n) * (Math.log(grown) / 2 - Math.log(alpha)));
  if (ratio >= grown) return { lower: -Infinity, upper: Infinity };
  const t2 = ((n - 1) * (ratio - 1)) / (1 - ratio / grown);
  const half = Math.sqrt((t2 * variance) / n);
  return { lower: mean - half, upper: mean + half };
}
