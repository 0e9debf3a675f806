/** The standard normal distribution. */
import jStat from 'jstat';

/** P(Z <= z). */
export const normalCdf = (z: number): number => jStat.normal.cdf(z, 0, 1);

/** The z with P(Z <= z) = p. */
export const normalQuantile = (p: number): number => jStat.normal.inv(p, 0, 1);
