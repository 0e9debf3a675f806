/**
 * Wilcoxon's signed-rank test of paired differences against a shift `mu`.
 * Source: Wilcoxon (1945); zeros are dropped, and the choice of method is that of SciPy 1.17's
 * `wilcoxon`: exact up to 50 values without ties and zeros, and up to 13 in any case; otherwise
 * normal with the variance corrected for ties and no continuity correction.
 */
import { normalCdf } from './normal.js';
import { averageRanks } from './ranks.js';
import { signedRankUpperTail } from './signed-rank-distribution.js';

export interface SignedRank {
  /** Sum of the ranks of the positive differences. */
  statistic: number;
  /** Values other than mu. */
  n: number;
  method: 'exact' | 'normal';
  /** Small when the values lie above mu. */
  greater: number;
  /** Small when the values lie below mu. */
  less: number;
}

export function wilcoxon(values: readonly number[], mu = 0): SignedRank {
  const shifted = values.map((value) => value - mu);
  const used = shifted.filter((value) => value !== 0);
  const n = used.length;
  const { ranks, ties } = averageRanks(used.map(Math.abs));
  let statistic = 0;
  ranks.forEach((rank, index) => {
    if ((used[index] ?? 0) > 0) statistic += rank;
  });
  if (n === 0) return { statistic, n, method: 'exact', greater: 1, less: 1 };
  const total = (n * (n + 1)) / 2;
  const plain = ties.length === 0 && n === shifted.length;
  if ((plain && n <= 50) || shifted.length <= 13) {
    const greater = signedRankUpperTail(ranks, statistic);
    // The distribution is symmetric about its middle.
    const less = signedRankUpperTail(ranks, total - statistic);
    return { statistic, n, method: 'exact', greater, less };
  }
  const tied = ties.reduce((sum, size) => sum + size ** 3 - size, 0);
  const variance = (n * (n + 1) * (2 * n + 1) - tied / 2) / 24;
  const z = (statistic - total / 2) / Math.sqrt(variance);
  return { statistic, n, method: 'normal', greater: normalCdf(-z), less: normalCdf(z) };
}
