/** By how much two deployments miss the truth, and which rows should not set the limit. */
import { quantile } from '../statistics/ranks.js';

/** Of one row. */
export interface Miss {
  row: number;
  /** Blue's distance from the truth, and green's. */
  before: number;
  after: number;
  /** Green's less blue's; nothing where both answer the same. */
  more: number;
  /** What blue and green answer. */
  answers: readonly [blue: number, green: number];
}

/** Where this share of the rows carries more than half of blue's error, the rest is judged too. */
const FEW = 0.1;
/** A blue that misses by less than this share of how far its answers lie apart is nearly exact. */
const NEARLY_EXACT = 0.01;

export const missed = ({ before, after }: Miss): number => Math.max(before, after);

export const totalMiss = (misses: readonly Miss[], side: 'before' | 'after'): number =>
  misses.reduce((sum, each) => sum + each[side], 0);

/**
 * Without luck that would set the limit: a row on which green is better by more than it is worse anywhere counts as
 * just that much better. All as they are, where blue's error stays half of what it was.
 */
export function withoutLuck(misses: readonly Miss[]): readonly Miss[] {
  const loss = misses.reduce((largest, { more }) => Math.max(largest, more), 0);
  const capped = misses.map((each) =>
    each.more < -loss ? { ...each, before: each.after + loss, more: -loss } : each,
  );
  return 2 * totalMiss(capped, 'before') < totalMiss(misses, 'before') ? capped : misses;
}

/**
 * Without rows that both miss by the same, as where the target is wrong, if so few as a tenth of all rows carry more
 * than half of blue's error; and so on, down to half of the rows. Where one misses by more than the other, the
 * row is what they are compared on, and stays.
 * @param relative a difference of less than this share of the miss is the same
 */
export function withoutSuspects(misses: readonly Miss[], relative: number): readonly Miss[] {
  const isSame = (each: Miss): boolean => Math.abs(each.more) <= relative * missed(each);
  const suspects = misses.filter(isSame).sort((a, b) => missed(b) - missed(a));
  /** Blue's error on all rows but the first so many suspects; summed up from small to large. */
  const left = [
    totalMiss(
      misses.filter((each) => !isSame(each)),
      'before',
    ),
  ];
  for (const { before } of suspects.toReversed()) left.push((left.at(-1) ?? 0) + before);
  left.reverse();
  let aside = 0;
  for (;;) {
    const most = aside + Math.ceil((misses.length - aside) * FEW);
    const enough = left.findIndex((each, at) => at > aside && 2 * each < (left[aside] ?? 0));
    if (enough < 0 || enough > most || misses.length - enough < misses.length / 2) break;
    aside = enough;
  }
  const set = new Set(suspects.slice(0, aside));
  return set.size === 0 ? misses : misses.filter((each) => !set.has(each));
}

/**
 * The mean miss below which nobody cares by how much green misses more. By the answers and not by the truth, which
 * may be wrong, and by the one of the two that is nearer to the middle, since the other may be far off.
 */
export function leastMean(misses: readonly Miss[]): number {
  const middle = quantile(
    misses.map(({ answers: [blue] }) => blue),
    0.5,
  );
  const off = misses.map(({ answers }) =>
    Math.min(...answers.map((each) => Math.abs(each - middle))),
  );
  return (NEARLY_EXACT * off.reduce((sum, each) => sum + each, 0)) / misses.length;
}
