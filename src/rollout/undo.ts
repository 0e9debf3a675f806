/** Going back split by split: earlier splits, newest last, as the journal tells them. */
import { type Split, sameSplit, shareOf, shift } from '../common/split.js';
import type { SetTraffic } from './changes/change.js';
import type { JournalEntry, Roles } from './journal/entry.js';
import type { Snapshot } from './snapshot.js';

/**
 * The splits one can go back to. Moving forward pushes the split before; undoing pops; an abort, a
 * rollback and the closing of a rollout empty the stack.
 */
export function undoStack(entries: readonly JournalEntry[]): Split[] {
  let stack: Split[] = [];
  const begun = new Map<number, SetTraffic>();
  for (const entry of entries) {
    if (entry.event === 'aborted') stack = [];
    if (entry.event === 'begun' && entry.change.kind === 'setTraffic') {
      begun.set(entry.id, entry.change);
    }
    if (entry.event !== 'ended' || !entry.ok) continue;
    const change = begun.get(entry.id);
    switch (change?.why) {
      case 'advance':
        if (!sameSplit(change.from, change.to)) stack.push(change.from);
        break;
      case 'undo':
        while (stack.length > 0) {
          const top = stack.pop();
          if (top && sameSplit(top, change.to)) break;
        }
        break;
      case 'abort':
      case 'rollback':
      case 'close':
        stack = [];
        break;
      case 'first':
      case undefined:
    }
  }
  return stack;
}

/** Either the split to go back to, or the sentence that says why there is none. */
export type Undo = { to: Split; warning?: string } | { refused: string };

/**
 * One step back from what is live now. Only blue's and green's shares move, and green's never
 * up: earlier splits in which green had more, or as much, are passed over.
 * @param blueInstances what blue had when the rollout began, where that is known
 */
export function planUndo(
  stack: readonly Split[],
  now: Snapshot,
  roles: Roles,
  blueInstances?: number,
): Undo {
  const { blue, green } = roles;
  const traffic = now.endpoint?.traffic;
  if (!traffic || !green) return { refused: 'There is no earlier split to restore.' };
  const earlier = stack.findLast((split) => shareOf(split, green) < shareOf(traffic, green));
  if (!earlier) return { refused: 'There is no earlier split with less traffic for green.' };
  const serving = now.deployments.find((each) => each.name === blue);
  if (!blue || !serving) {
    return {
      refused: `${blue ?? 'Blue'} is deleted. Recreate it from its definition in the report, then roll back.`,
    };
  }
  if (serving.provisioningState !== 'Succeeded') {
    return {
      refused: `${blue} is ${serving.provisioningState.toLowerCase()}: it cannot receive traffic now.`,
    };
  }
  const to = shift(traffic, blue, green, shareOf(earlier, green));
  const warning = smallerThan(blue, serving.instanceCount, blueInstances);
  return { to, ...(warning && { warning }) };
}

/** The sentence about a deployment that was made smaller since. */
export function smallerThan(name: string, now: number, before?: number): string | undefined {
  return before !== undefined && now < before
    ? `${name} has ${now} of the ${before} instances it had: it may be too small for its earlier traffic.`
    : undefined;
}
