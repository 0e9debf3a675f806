/**
 * The mean of paired differences, and Student's one-sided test of it against a shift `mu`. Sees
 * what the signed-rank test does not: a few rows that are far off.
 * Source: Student (1908), as SciPy 1.17's `ttest_1samp`.
 */
import jStat from 'jstat';
import type { Shift } from './hodges-lehmann.js';

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
