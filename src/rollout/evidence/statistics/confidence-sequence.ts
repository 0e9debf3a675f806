/**
 * A lower bound of a mean that holds at all times at once, so that one may look after every row.
 * Asymptotic: not to be used below some twenty values.
 * Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), "Time-uniform central limit
 * theory and asymptotic confidence sequences", one-sided form; rho from its section on tuning.
 */
import { shareUpper } from './clopper-pearson.js';

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
