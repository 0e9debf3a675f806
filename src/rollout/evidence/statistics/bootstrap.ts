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

interface BootstrapOptions {
  q: number;
  /** Same seed, same interval. A whole number. */
  seed: number;
  draws?: number;
  /** Rows in a run; 1: each row is drawn alone. */
  block?: number;
  /** Two-sided. */
  alpha?: number;
}

/** So many times the values above the quantile are looked at in a draw; they are seldom too few. */
const TOP = 4;

/** @param blue and @param green hold the values of the same rows in the same order, same unit */
export function quantileDifference(
  blue: readonly number[],
  green: readonly number[],
  { q, seed, draws = 2000, block = 1, alpha = 0.05 }: BootstrapOptions,
): Interval & { estimate: number } {
  const n = Math.min(blue.length, green.length);
  const sides = [green, blue].map((values) => drawnQuantile(values.slice(0, n), q));
  const differenceOf = (runs: Runs) => {
    const [ofGreen = Number.NaN, ofBlue = Number.NaN] = sides.map((quantileIn) => quantileIn(runs));
    return ofGreen - ofBlue;
  };
  if (n === 0) return { estimate: Number.NaN, lower: -Infinity, upper: Infinity };
  const estimate = differenceOf({ starts: [0], block: n });
  const random = xoroshiro128plus(seed);
  const starts = new Int32Array(Math.ceil(n / block));
  const differences = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    for (let run = 0; run < starts.length; run += 1) starts[run] = uniformInt(random, 0, n - 1);
    differences[draw] = differenceOf({ starts, block });
  }
  differences.sort();
  return {
    estimate,
    lower: quantileOfSorted(differences, alpha / 2),
    upper: quantileOfSorted(differences, 1 - alpha / 2),
  };
}

/** Runs of rows, as many in sum as there are values: the last is cut short, and after the last row comes the first. */
interface Runs {
  starts: ArrayLike<number>;
  block: number;
}

/**
 * The quantile of the values that runs have, as `quantileOfSorted` has it. Nothing is sorted but the values, once: of
 * a draw the largest are counted by their ranks, and for a high quantile those are few.
 */
function drawnQuantile(values: readonly number[], q: number): (runs: Runs) => number {
  const n = values.length;
  const descending = Uint32Array.from(values.keys()).sort(
    (a, b) => (values[b] ?? 0) - (values[a] ?? 0),
  );
  // Places from the top, of the two values that the quantile lies between.
  const at = q * (n - 1);
  const [above, below] = [n - 1 - Math.ceil(at), n - 1 - Math.floor(at)];
  const among = (most: number): ((runs: Runs) => number | undefined) => {
    const rows = descending.slice(0, most).sort();
    const rankOf = new Uint32Array(n);
    descending.forEach((row, rank) => (rankOf[row] = rank));
    const ranks = rows.map((row) => rankOf[row] ?? 0);
    /** How many of `rows` come before each row. */
    const before = new Uint32Array(n + 1);
    for (const row of rows) before[row + 1] = 1;
    for (let row = 0; row < n; row += 1)
      before[row + 1] = (before[row + 1] ?? 0) + (before[row] ?? 0);
    const counts = new Uint32Array(most);
    const count = (from: number, to: number) => {
      const end = before[to] ?? 0;
      for (let place = before[from] ?? 0; place < end; place += 1) {
        const rank = ranks[place] ?? 0;
        counts[rank] = (counts[rank] ?? 0) + 1;
      }
    };
    return ({ starts, block }) => {
      counts.fill(0);
      for (let run = 0, left = n; left > 0; run += 1, left -= block) {
        const from = starts[run] ?? 0;
        const to = from + Math.min(block, left);
        count(from, Math.min(to, n));
        count(0, to - n);
      }
      let upper: number | undefined;
      for (let rank = 0, seen = 0; rank < most; rank += 1) {
        seen += counts[rank] ?? 0;
        if (seen <= above) continue;
        const value = values[descending[rank] ?? 0] ?? Number.NaN;
        upper ??= value;
        if (seen > below) return value + (upper - value) * (at - Math.floor(at));
      }
      return undefined;
    };
  };
  const top = among(Math.min(n, TOP * (below + 1)));
  let all: typeof top | undefined;
  return (runs) => top(runs) ?? (all ??= among(n))(runs) ?? Number.NaN;
}
