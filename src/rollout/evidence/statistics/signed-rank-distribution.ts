/** The exact distribution of the signed-rank sum, when each rank is counted with probability 1/2. */

/**
 * P(W >= w) for the given ranks; halves are allowed (ties). Time and memory grow with the sum of
 * the ranks times their number: fine for some fifty.
 */
export function signedRankUpperTail(ranks: readonly number[], w: number): number {
  // Doubled, so that the half ranks of ties are whole.
  const doubled = ranks.map((rank) => Math.round(rank * 2));
  const top = doubled.reduce((sum, rank) => sum + rank, 0);
  const probability = new Float64Array(top + 1);
  probability[0] = 1;
  let reached = 0;
  for (const rank of doubled) {
    for (let sum = reached; sum >= 0; sum -= 1) {
      const half = (probability[sum] ?? 0) / 2;
      probability[sum] = half;
      probability[sum + rank] = (probability[sum + rank] ?? 0) + half;
    }
    reached += rank;
  }
  let tail = 0;
  for (let sum = top; sum >= Math.max(0, Math.ceil(w * 2 - 1e-9)); sum -= 1) {
    tail += probability[sum] ?? 0;
  }
  return Math.min(1, tail);
}
