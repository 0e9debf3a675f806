/** Which deployment is blue and which is green: from the tags, the journal, or the person. */
import { findDeployment } from './changes/conditions.js';
import type { Roles } from './journal/entry.js';
import type { Snapshot } from './snapshot.js';
import { liveNames } from '../common/split.js';
import { decodeTags } from './tags.js';
import type { JournalView } from './journal/view.js';

export interface RolesFound {
  roles: Roles;
  /**
   * `ask`: several deployments are live and nothing says which one is replaced; or none is live, and
   * nothing says which of several is to serve first.
   */
  source: 'tags' | 'journal' | 'inferred' | 'ask' | 'none';
  /** Deployments with live traffic, largest share first. */
  live: string[];
  /** Deployments without live traffic that no role names; one of them may be adopted as green. */
  idle: string[];
  /** A rollout named by the endpoint's tags that is not the journal's own. */
  other?: { rolloutId: string; owner?: string };
}

/** A deployment that failed, or is still being made, has its role as long as it is there. */
function journalRoles(view: JournalView | undefined, exists: (name: string) => boolean): Roles {
  const roles = { ...view?.roles };
  for (const { change } of view?.changes ?? []) {
    if (change.kind !== 'createDeployment' || !exists(change.deployment)) continue;
    if (roles[change.role] === undefined) roles[change.role] = change.deployment;
  }
  return roles;
}

export function rolesOf(now: Snapshot, view?: JournalView): RolesFound {
  const live = liveNames(now.endpoint?.traffic ?? {});
  const tags = decodeTags(now.endpoint?.tags ?? {});
  const exists = (name: string | undefined): boolean =>
    name !== undefined && findDeployment(now, name) !== undefined;
  const known = (roles: Roles): boolean => exists(roles.blue) || exists(roles.green);

  const other =
    tags.rolloutId !== undefined && tags.rolloutId !== view?.rolloutId
      ? { rolloutId: tags.rolloutId, ...(tags.owner !== undefined && { owner: tags.owner }) }
      : undefined;
  const found = (roles: Roles, source: RolesFound['source']): RolesFound => ({
    roles,
    source,
    live,
    idle: now.deployments
      .map((each) => each.name)
      .filter((name) => !live.includes(name) && name !== roles.blue && name !== roles.green),
    ...(other && { other }),
  });

  const journal = journalRoles(view, exists);
  const tagged = tags.rolloutId !== undefined && known(tags.roles);
  // What the person said in this rollout outlives the tags of a rollout that is not this one.
  if (tagged && !(other && known(journal))) return found(tags.roles, 'tags');
  if (known(journal)) {
    if (journal.blue !== undefined) return found(journal, 'journal');
    const [blue, another] = live.filter((name) => name !== journal.green);
    if (another !== undefined) return found(journal, 'ask');
    return found({ ...journal, ...(blue !== undefined && { blue }) }, 'journal');
  }
  const [only, second] = live;
  if (only === undefined) {
    const [sole, more] = now.deployments.filter((each) => each.provisioningState !== 'Deleting');
    if (!sole) return found({}, 'none');
    return more ? found({}, 'ask') : found({ blue: sole.name }, 'inferred');
  }
  if (second !== undefined) return found({}, 'ask');
  return found({ blue: only }, 'inferred');
}
