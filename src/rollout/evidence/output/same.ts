/** Whether two answers say the same. */
import {
  difference,
  isFiniteNumber,
  isNumeric,
  sameNumber,
  type Numeric,
} from '../../../common/exact-numbers.js';

/** Two floats of the same model on two machines may differ in the last digits. */
const RELATIVE_TOLERANCE = 1e-9;

export interface Tolerance {
  absolute: number;
  relative: number;
}

export const ROUNDING: Tolerance = { absolute: 0, relative: RELATIVE_TOLERANCE };

/** @param a what the tolerance is relative to: the answer of blue */
export const withinTolerance = (a: Numeric, b: Numeric, tolerance: Tolerance): boolean =>
  Object.is(a, b) ||
  // A share of infinity is no tolerance.
  (isFiniteNumber(a) &&
    isFiniteNumber(b) &&
    Math.abs(difference(a, b)) <= tolerance.absolute + tolerance.relative * Math.abs(Number(a)));

const isExact = (value: Numeric): boolean =>
  typeof value === 'bigint' || Number.isSafeInteger(value);

/** Whole numbers have no last digit to differ in by rounding: 7200000001 is another id than 7200000002. */
const roundedAlike = (a: Numeric, b: Numeric): boolean =>
  isExact(a) && isExact(b) ? sameNumber(a, b) : withinTolerance(a, b, ROUNDING);

/** Scores from 0 to 1 that move by less than this are taken for jitter. */
const JITTER = 0.01;

const isScore = (value: Numeric): boolean => value >= 0 && value <= 1;

/** In a list or record, where a fraction from 0 to 1 is mostly a score. */
function sameMember(a: Numeric, b: Numeric, tolerance: Tolerance): boolean {
  const jitters = isScore(a) && isScore(b) && !(Number.isInteger(a) && Number.isInteger(b));
  return withinTolerance(a, b, tolerance) || (jitters && Math.abs(difference(a, b)) <= JITTER);
}

function sameBy(
  numbers: typeof withinTolerance,
  members: typeof withinTolerance,
  [a, b]: readonly [unknown, unknown],
  tolerance: Tolerance,
): boolean {
  if (isNumeric(a) && isNumeric(b)) return numbers(a, b, tolerance);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  const right = b as Record<string, unknown>;
  return (
    left.length === Object.keys(b).length &&
    left.every(
      ([name, value]) => name in right && sameBy(members, members, [value, right[name]], tolerance),
    )
  );
}

/** Fractions within rounding, everything else exactly; lists and records member by member. */
export const samePrediction = (a: unknown, b: unknown): boolean =>
  sameBy(roundedAlike, roundedAlike, [a, b], ROUNDING);

/** Numbers within a tolerance; scores inside a list or a record may jitter. */
export const alike = (a: unknown, b: unknown, tolerance: Tolerance): boolean =>
  sameBy(withinTolerance, sameMember, [a, b], tolerance);
