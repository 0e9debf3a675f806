/** How many rows a gate takes: at best, and as things look so far. */
import { ALPHA, normalCdf, normalQuantile, shareUpper, tangoExcess } from './proportions.js';

/** More than anyone sends; beyond, the answer is "not by sending rows". */
export const MOST_ROWS = 100_000;

/** With so many rows the gate is settled so often, as far as the rows so far tell. */
const SETTLED = 0.85;
/** Fewer tell too little of how much rows scatter: to keep the promise of 80 in 100 takes more. */
const FEW = 200;
const SETTLED_FROM_FEW = 0.9;

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

/** Rows in all until the upper Clopper-Pearson bound of `hits` is within the limit: at best. */
export const rowsForShare = (hits: number, limit: number, alpha = ALPHA): number | undefined =>
  limit <= 0 ? undefined : smallest(hits + 1, (n) => shareUpper(hits, n, alpha) <= limit);

/**
 * Rows in all until Tango's upper bound of a difference is below the margin: at best, which is if
 * all rows to come agree. @param more rows that speak for harm, @param less against it
 */
export function rowsForDifference(
  more: number,
  less: number,
  margin: number,
  alpha = ALPHA,
): number | undefined {
  if (margin <= 0) return undefined;
  return smallest(Math.max(more + less, 1), (n) => tangoExcess(less, more, n, margin) > 1 - alpha);
}

/**
 * Rows more without which the difference can't be proved: should none of them speak for harm, and
 * as many against it as the rows so far allow (the upper bound of their share).
 */
export function leastForDifference(
  { worse, better, of }: { worse: number; better: number; of: number },
  margin: number,
  alpha = ALPHA,
): number | undefined {
  if (margin <= 0) return undefined;
  const share = shareUpper(better, of, alpha);
  return smallest(1, (more) => {
    const helped = better + Math.floor(share * more);
    return tangoExcess(helped, worse, of + more, margin) > 1 - alpha;
  });
}

/** What is known after n rows of a mean that is compared with a limit. */
interface SoFar {
  n: number;
  /** Harm is above the limit. */
  estimate: number;
  /** Of one row. */
  variance: number;
}

/**
 * Rows in all with which the interval will lie on one side of the limit in at least 80 of 100
 * cases, as far as the rows so far tell: the estimate is uncertain, and so are the rows to come.
 * `undefined`: not by sending rows.
 */
export function rowsToSettle(
  { n, estimate, variance }: SoFar,
  limit: number,
  alpha = ALPHA,
): number | undefined {
  if (n === 0 || !(variance > 0)) return undefined;
  const z = normalQuantile(1 - alpha);
  const settled = (total: number): number => {
    const half = z * Math.sqrt(variance / total);
    const to = total - n;
    // Of the mean at the end: rows to come scatter, and their own mean is known from n rows only.
    const spread = (to / total) * Math.sqrt(variance / to + variance / n);
    return (
      normalCdf((limit - half - estimate) / spread) + normalCdf((estimate - half - limit) / spread)
    );
  };
  const wanted = n < FEW ? SETTLED_FROM_FEW : SETTLED;
  return smallest(n + 1, (total) => settled(total) >= wanted);
}

/** The same for rows that speak for harm or against it, as for `rowsForDifference`. */
export function rowsToSettleDifference(
  more: number,
  less: number,
  n: number,
  margin: number,
  alpha = ALPHA,
): number | undefined {
  // Without a difference the interval holds 0, however narrow it is.
  if (margin <= 0 && more === less) return undefined;
  const atBest = rowsForDifference(more, less, margin, alpha);
  // One row that has not been seen yet may come: without any, nothing would scatter.
  const part = (more + less + 1) / (n + 2);
  const estimate = (more - less) / n;
  const total = rowsToSettle({ n, estimate, variance: part - estimate ** 2 }, margin, alpha);
  if (total === undefined) return undefined;
  // Above the limit there is no best case to wait for.
  return estimate < margin && atBest !== undefined ? Math.max(total, atBest) : total;
}

/** The same for a share of rows. */
export function rowsToSettleShare(
  hits: number,
  n: number,
  limit: number,
  alpha = ALPHA,
): number | undefined {
  // A share of rows is not below 0, and its upper bound is above.
  if (limit <= 0) return undefined;
  const atBest = rowsForShare(hits, limit, alpha);
  const part = (hits + 0.5) / (n + 1);
  const estimate = hits / n;
  const total = rowsToSettle({ n, estimate, variance: part * (1 - part) }, limit, alpha);
  if (total === undefined) return undefined;
  return estimate < limit && atBest !== undefined ? Math.max(total, atBest) : total;
}

/** How much wider an interval is with a smaller error probability. */
export const widening = (alpha: number, alphaOfMore: number): number =>
  normalQuantile(1 - alphaOfMore) / normalQuantile(1 - alpha);

/**
 * Rows in all until an interval that shrinks with the square root of n leaves the limit outside.
 * @param distance from the estimate to the limit, and @param half the half-width at n, same unit
 */
export function rowsForShift(n: number, distance: number, half: number): number | undefined {
  if (distance === 0 || !Number.isFinite(half)) return undefined;
  const needed = Math.ceil(n * (half / Math.abs(distance)) ** 2) + 1;
  return needed <= MOST_ROWS ? needed : undefined;
}

/** Pairs of equal churn for and against that prove a margin in 80 of 100 cases. */
export function rowsAtDisagreement(
  share: number,
  margin: number,
  alpha = ALPHA,
): number | undefined {
  const atBest = rowsForDifference(0, 0, margin, alpha);
  if (atBest === undefined || margin <= 0) return undefined;
  const needed = Math.ceil(
    share * ((normalQuantile(1 - alpha) + normalQuantile(0.8)) / margin) ** 2,
  );
  return Math.max(atBest, needed);
}
