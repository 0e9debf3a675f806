/** Wilson's score interval of a share. Source: Wilson (1927), JASA 22, 209-212. */
import type { Interval } from './interval.js';

/** @param x hits among @param n. @param z normal quantile, e.g. 1.96 for two-sided 95 % */
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
