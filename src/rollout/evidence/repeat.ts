/** Rows sent again when a file has no others: they tell of latency and capacity, and of nothing else. */
import { REGISTRY, type GateName } from './gates/registry.js';
import type { Verdict } from './gates/verdict.js';

/** Gates to which a row sent again tells something. */
const BY_REPEATING: readonly GateName[] = REGISTRY.flatMap((gate) =>
  'byRepeating' in gate && gate.byRepeating === true ? [gate.id] : [],
);
export const isByRepeating = (gate: Verdict['gate']): boolean =>
  BY_REPEATING.some((each) => each === gate);

/** So often as planned at first, and no more: rows of one file are not all there is. */
const REPEATS = 2;

/**
 * How many rows may be sent again; 0 where that would not help.
 * @param because what is in the way
 * @param wanted rows that may tell
 * @param planned rows of the first round
 * @param repeated rows that were sent again already
 */
export function rowsToRepeat(
  because: readonly Verdict[],
  { wanted, planned, repeated }: { wanted: number; planned: number; repeated: number },
): number {
  if (!because.every(({ gate }) => isByRepeating(gate))) return 0;
  return Math.max(0, Math.min(wanted, REPEATS * planned - repeated));
}
