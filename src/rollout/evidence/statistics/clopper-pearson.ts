/**
 * One-sided exact bounds of a share; each holds alone with probability 1 - alpha at least.
 * Source: Clopper and Pearson (1934), Biometrika 26, 404-413, in the beta-quantile form.
 */
import jStat from 'jstat';
import { ALPHA, type Interval } from './interval.js';

export const shareUpper = (hits: number, n: number, alpha = ALPHA): number =>
  hits >= n ? 1 : jStat.beta.inv(1 - alpha, hits + 1, n - hits);

export const shareLower = (hits: number, n: number, alpha = ALPHA): number =>
  hits <= 0 ? 0 : jStat.beta.inv(alpha, hits, n - hits + 1);

/** Both bounds, each one-sided at alpha. */
export const clopperPearson = (hits: number, n: number, alpha = ALPHA): Interval => ({
  lower: shareLower(hits, n, alpha),
  upper: shareUpper(hits, n, alpha),
});
