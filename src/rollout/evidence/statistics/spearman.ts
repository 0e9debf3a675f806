/** Spearman's rank correlation: Pearson's of the ranks. Source: Spearman (1904). */
import { averageRanks } from './ranks.js';

/** -1 to 1; NaN when one side has no spread. @param x and @param y in the same order */
export function spearman(x: readonly number[], y: readonly number[]): number {
  const a = averageRanks(x).ranks;
  const b = averageRanks(y).ranks;
  const middle = (a.length + 1) / 2;
  let [both, left, right] = [0, 0, 0];
  a.forEach((rank, index) => {
    const other = (b[index] ?? middle) - middle;
    both += (rank - middle) * other;
    left += (rank - middle) ** 2;
    right += other ** 2;
  });
  return left === 0 || right === 0 ? Number.NaN : both / Math.sqrt(left * right);
}
