/** How far two deployments agree: labels beyond chance, and distances of histograms. */

/** Agreement of two labellers beyond chance. Source: Cohen (1960), EPM 20, 37-46. */

/** (po - pe) / (1 - pe): 1 is full agreement, 0 what chance gives. 1 when both know one label. */
export function cohenKappa(pairs: readonly (readonly [string, string])[]): number {
  const n = pairs.length;
  if (n === 0) return Number.NaN;
  const left = new Map<string, number>();
  const right = new Map<string, number>();
  let agreed = 0;
  for (const [a, b] of pairs) {
    if (a === b) agreed += 1;
    left.set(a, (left.get(a) ?? 0) + 1);
    right.set(b, (right.get(b) ?? 0) + 1);
  }
  let chance = 0;
  for (const [label, count] of left) chance += (count / n) * ((right.get(label) ?? 0) / n);
  return chance === 1 ? 1 : (agreed / n - chance) / (1 - chance);
}

/** How far two histograms lie apart. Conventions, not tests: good for a warning, never for a stop. */

const shares = (counts: readonly number[]): number[] => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => (total === 0 ? 0 : count / total));
};

/**
 * Jensen-Shannon distance in bits: 0 alike, 1 disjoint. The square root of the divergence.
 * Source: Endres and Schindelin (2003), IEEE Trans. Inf. Theory 49, 1858-1860.
 */
export function jensenShannon(a: readonly number[], b: readonly number[]): number {
  const [p, q] = [shares(a), shares(b)];
  let divergence = 0;
  p.forEach((left, index) => {
    const right = q[index] ?? 0;
    const middle = (left + right) / 2;
    if (left > 0) divergence += (left * Math.log2(left / middle)) / 2;
    if (right > 0) divergence += (right * Math.log2(right / middle)) / 2;
  });
  return Math.sqrt(Math.max(0, divergence));
}

/**
 * Population stability index, sum of (b - a) ln(b / a); by convention 0.1 is small, 0.2 is large.
 * Half a row is added to every bin, or an empty one would make it infinite.
 * Source: Siddiqi (2006), "Credit Risk Scorecards".
 */
export function populationStability(a: readonly number[], b: readonly number[]): number {
  const p = shares(a.map((count) => count + 0.5));
  const q = shares(b.map((count) => count + 0.5));
  return p.reduce((sum, left, index) => {
    const right = q[index] ?? 0;
    return sum + (right - left) * Math.log(right / left);
  }, 0);
}

/** Counts in bins of equal width from `low` to `high`; what lies outside goes to the outer bins. */
export function histogram(
  values: readonly number[],
  low: number,
  high: number,
  bins = 10,
): number[] {
  const counts = new Array<number>(bins).fill(0);
  const width = (high - low) / bins;
  for (const value of values) {
    const at = width > 0 ? Math.floor((value - low) / width) : 0;
    const bin = Math.min(bins - 1, Math.max(0, at));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}
