/**
 * Interval of the difference of a quantile, green minus blue, by drawing rows with replacement and
 * keeping each row's two values together, and runs of rows that followed each other too.
 * Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap", percentile method, chapter
 * 13; Politis and Romano (1992), "A circular block-resampling procedure for stationary data".
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Interval } from './proportions.js';
import { quantileOfSorted } from './ranks.js';

export interface BootstrapOptions {
  q: number;
  /** Same seed, same interval. A whole number. */
  seed: number;
  draws?: number;
  /** Rows in a run; 1: each row is drawn alone. */
  block?: number;
  /** Two-sided. */
  alpha?: number;
}

/** @param blue and @param green hold the values of the same rows in the same order, same unit */
export function quantileDifference(
  blue: readonly number[],
  green: readonly number[],
  { q, seed, draws = 2000, block = 1, alpha = 0.05 }: BootstrapOptions,
): Interval & { estimate: number } {
  const n = Math.min(blue.length, green.length);
  const at = (values: readonly number[]) =>
    quantileOfSorted(Float64Array.from(values.slice(0, n)).sort(), q);
  const estimate = at(green) - at(blue);
  if (n === 0) return { estimate, lower: -Infinity, upper: Infinity };
  const random = xoroshiro128plus(seed);
  const drawnBlue = new Float64Array(n);
  const drawnGreen = new Float64Array(n);
  const differences = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    let row = 0;
    for (let place = 0; place < n; place += 1) {
      row = place % block === 0 ? uniformInt(random, 0, n - 1) : (row + 1) % n;
      drawnBlue[place] = blue[row] ?? 0;
      drawnGreen[place] = green[row] ?? 0;
    }
    differences[draw] =
      quantileOfSorted(drawnGreen.sort(), q) - quantileOfSorted(drawnBlue.sort(), q);
  }
  differences.sort();
  return {
    estimate,
    lower: quantileOfSorted(differences, alpha / 2),
    upper: quantileOfSorted(differences, 1 - alpha / 2),
  };
}
