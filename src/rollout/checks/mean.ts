/** What the mean of all measurements of a check says of its limits, by bounds that hold at every look. */
import { ALPHA, type Interval } from '../evidence/statistics/proportions.js';
import { meanSequence } from '../evidence/statistics/sequential.js';
import { limitOf, limitsOf, type PlannedCheck } from './planned.js';

/** Fewer say little of how measurements scatter. */
export const MEAN_SAMPLE = 10;

interface MeanOfCheck extends Interval {
  outcome: 'pass' | 'fail' | 'inconclusive';
  mean: number;
}

/** Where the interval lies: inside the condition, outside, or the limit is within. */
function placeOf({ lower, upper }: Interval, condition: string): 'in' | 'out' | 'open' {
  const { below, limit } = limitOf(condition);
  if (below) return upper <= limit ? 'in' : lower > limit ? 'out' : 'open';
  return lower >= limit ? 'in' : upper < limit ? 'out' : 'open';
}

/**
 * Ratios are averaged as logarithms: twice and half cancel each other.
 * @returns nothing where a ratio is no positive number
 */
export function meanOfCheck(
  check: PlannedCheck,
  values: readonly number[],
  alpha = ALPHA,
): MeanOfCheck | undefined {
  const isRatio = check.baseline?.compare === 'ratio';
  if (isRatio && values.some((value) => value <= 0)) return undefined;
  const [to, back] = isRatio ? [Math.log, Math.exp] : [Number, Number];
  const all = values.map((value) => to(value));
  const bounds = meanSequence(all, alpha);
  const interval = { lower: back(bounds.lower), upper: back(bounds.upper) };
  const mean = back(all.reduce((sum, value) => sum + value, 0) / all.length);
  const { pass, fail } = limitsOf(check);
  const passes = pass === undefined ? undefined : placeOf(interval, pass);
  const fails = fail === undefined ? undefined : placeOf(interval, fail);
  const outcome =
    fails === 'in' || (fails === undefined && passes === 'out')
      ? 'fail'
      : passes === 'in' || (passes === undefined && fails === 'out')
        ? 'pass'
        : 'inconclusive';
  return { ...interval, mean, outcome };
}
