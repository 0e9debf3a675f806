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
