/** The steps in which green's share grows. */

/** Percent of live traffic for green, step by step; ends at 100. */
export const DEFAULT_PLAN: readonly number[] = [10, 30, 50, 80, 100];

/** Reads `10 30 50 80 100`; the sentence says what is wrong with it. */
export function parsePlan(text: string): number[] | string {
  const weights = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  if (weights.length === 0) return 'Type the shares of the new version, such as: 10 30 50 80 100.';
  const bad = weights.find((weight) => !Number.isInteger(weight) || weight < 1 || weight > 100);
  if (bad !== undefined) return `${bad} is not a whole number from 1 to 100.`;
  const unsorted = weights.findIndex(
    (weight, index) => index > 0 && weight <= (weights[index - 1] ?? 0),
  );
  if (unsorted > 0)
    return `${weights[unsorted]} comes after ${weights[unsorted - 1]}: each step has to be larger.`;
  return weights.at(-1) === 100 ? weights : [...weights, 100];
}

/** The plan's next share above the one that is live. */
export const nextWeight = (plan: readonly number[], live: number): number | undefined =>
  plan.find((weight) => weight > live);
