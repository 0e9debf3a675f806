/** How many rows until a gate can pass, if the rows to come show no further harm. */
import { ALPHA, newcombe, normalQuantile, shareUpper, tango } from './proportions.js';

/** More than anyone sends; beyond, the answer is "not by sending rows". */
export const MOST_ROWS = 100_000;

/** The smallest n from `from` on at which `enough` holds; it has to stay true once it is. */
export function smallest(from: number, enough: (n: number) => boolean): number | undefined {
  let low = Math.max(1, from);
  if (enough(low)) return low;
  let high = low;
  do {
    low = high;
    high *= 2;
    if (low > MOST_ROWS) return undefined;
  } while (!enough(high));
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high <= MOST_ROWS ? high : undefined;
}

/** Rows in all until the upper Clopper-Pearson bound of `hits` is within the limit. */
export const rowsForShare = (hits: number, limit: number, alpha = ALPHA): number | undefined =>
  limit <= 0 ? undefined : smallest(hits + 1, (n) => shareUpper(hits, n, alpha) <= limit);

/** Rows in all until Newcombe's upper bound of green's minus blue's share is below the margin. */
export function rowsForErrors(
  green: number,
  blue: number,
  margin: number,
  alpha = ALPHA,
): number | undefined {
  if (margin <= 0) return undefined;
  const z = normalQuantile(1 - alpha);
  return smallest(
    Math.max(green, blue, 1),
    (n) => newcombe({ hits: green, of: n }, { hits: blue, of: n }, z).upper < margin,
  );
}

/** Rows in all until the lower bound of the change in right answers is above minus the margin. */
export function rowsForAccuracy(
  lost: number,
  won: number,
  margin: number,
  alpha = ALPHA,
): number | undefined {
  if (margin <= 0) return undefined;
  const z = normalQuantile(1 - alpha);
  return smallest(Math.max(lost + won, 1), (n) => tango(lost, won, n, z).lower > -margin);
}

/**
 * Rows in all until an interval that shrinks with the square root of n leaves the limit outside.
 * @param distance from the estimate to the limit, and @param half the half-width at n, same unit
 */
export function rowsForShift(n: number, distance: number, half: number): number | undefined {
  if (distance === 0 || !Number.isFinite(half)) return undefined;
  const needed = Math.ceil(n * (half / Math.abs(distance)) ** 2) + 1;
  return needed <= MOST_ROWS ? needed : undefined;
}
