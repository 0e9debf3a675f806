/** Builds the traffic writes of a rollout, with the tags that ride on them. */
import { type Split, liveNames, withoutZeros, sameSplit, shareOf, shift } from '../common/split.js';
import { findDeployment } from './changes/conditions.js';
import type { SetTraffic } from './changes/change.js';
import type { Roles } from './journal/entry.js';
import type { Snapshot } from './snapshot.js';
import { decodeTags, encodeTags, tagChanges } from './tags.js';
import type { JournalView } from './journal/view.js';

export interface RolloutFacts {
  now: Snapshot;
  roles: Roles;
  view: JournalView;
}

/** The split live when this rollout began: as its tags say, else its journal, else not known. */
export function splitAtStart({ now, view }: Omit<RolloutFacts, 'roles'>): Split | undefined {
  const tags = decodeTags(now.endpoint?.tags ?? {});
  const ours = view.rolloutId === undefined || tags.rolloutId === view.rolloutId;
  return (ours ? tags.start : undefined) ?? view.splitAtStart;
}

/** Instances blue had at the start: as the tags say, else as this rollout's scaling tells. */
export function blueInstancesAtStart({ now, view }: Omit<RolloutFacts, 'roles'>) {
  return decodeTags(now.endpoint?.tags ?? {}).blueInstances ?? view.blueInstances;
}

/** The tags that say which rollout is under way here. */
function underWay(facts: RolloutFacts): Record<string, string | null> {
  const { now, roles, view } = facts;
  const instances =
    blueInstancesAtStart(facts) ??
    (roles.blue === undefined ? undefined : findDeployment(now, roles.blue)?.instanceCount);
  return encodeTags({
    ...(view.rolloutId !== undefined && { rolloutId: view.rolloutId }),
    ...(view.owner !== undefined && { owner: view.owner }),
    roles,
    start: splitAtStart(facts) ?? withoutZeros(now.endpoint?.traffic ?? {}),
    ...(instances !== undefined && { blueInstances: instances }),
  });
}

function change(
  now: Snapshot,
  to: Split,
  why: SetTraffic['why'],
  tags: Record<string, string | null>,
): SetTraffic {
  const differing = tagChanges(tags, now.endpoint?.tags ?? {});
  return {
    kind: 'setTraffic',
    endpoint: now.endpointName,
    from: { ...now.endpoint?.traffic },
    to,
    why,
    ...(Object.keys(differing).length > 0 && { tags: differing }),
  };
}

/** Everything to the first deployment of an endpoint; no rollout is under way yet. */
export function firstTraffic(now: Snapshot, blue: string): SetTraffic {
  const others = Object.fromEntries(
    Object.keys(now.endpoint?.traffic ?? {}).map((name) => [name, 0]),
  );
  return change(now, { ...others, [blue]: 100 }, 'first', {});
}

/** Green gets `greenShare` percent of all requests, blue the rest of theirs; others keep theirs. */
export function moveTraffic(
  facts: RolloutFacts & { roles: Required<Roles> },
  greenShare: number,
  why: 'advance' | 'undo' = 'advance',
): SetTraffic {
  const { now, roles } = facts;
  const to = shift(now.endpoint?.traffic ?? {}, roles.blue, roles.green, greenShare);
  return change(now, to, why, underWay(facts));
}

/**
 * What an abort restores: the split at the start. When others moved the other deployments'
 * shares since, those stay and only green's share goes back. `undefined`: blue can't take it.
 */
export function abortTarget(facts: RolloutFacts): Split | undefined {
  const { now, roles } = facts;
  const observed = now.endpoint?.traffic ?? {};
  const start = splitAtStart(facts);
  const { blue, green } = roles;
  if (!green) return start ?? observed;
  const exists = (name: string) => findDeployment(now, name) !== undefined;
  if (start) {
    const others = (split: Split) => ({ ...split, [green]: 0, ...(blue && { [blue]: 0 }) });
    const untouched = sameSplit(others(start), others(observed));
    if (untouched && liveNames(start).every(exists)) {
      const gone = Object.fromEntries(Object.keys(observed).map((name) => [name, 0]));
      return { ...gone, ...start };
    }
  }
  const greenShare = Math.min(shareOf(start ?? {}, green), shareOf(observed, green));
  if (shareOf(observed, green) === greenShare) return observed;
  return blue && exists(blue) ? shift(observed, blue, green, greenShare) : undefined;
}

/** Ends the rollout's presence in the tags, together with the write that restores `to`. */
export function restoreTraffic(now: Snapshot, to: Split, why: 'abort' | 'rollback'): SetTraffic {
  return change(now, to, why, encodeTags({ roles: {} }));
}

/** Takes the rollout's tags off, and leaves the split that a later rollback restores. */
export function closeRollout(facts: Omit<RolloutFacts, 'roles'> & { roles: Roles }): SetTraffic {
  const { now, roles } = facts;
  const previous = splitAtStart(facts);
  const instances = blueInstancesAtStart(facts);
  const observed = now.endpoint?.traffic ?? {};
  const differs = previous !== undefined && !sameSplit(previous, observed);
  const tags = encodeTags({
    roles: differs && roles.blue !== undefined ? { blue: roles.blue } : {},
    ...(differs && { previous }),
    ...(differs && instances !== undefined && { blueInstances: instances }),
  });
  return change(now, { ...observed }, 'close', tags);
}
