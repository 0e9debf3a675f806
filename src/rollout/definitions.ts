/** Deployments as changes that would make them again. */
import type { Deployment, DeploymentSpec } from '../azure/types.js';
import type { CreateDeployment } from './changes/change.js';
import { succeeded, type JournalView } from './journal/view.js';

/** What one asks for to get a deployment like this one. */
export function specOf(deployment: Deployment): DeploymentSpec {
  const {
    id: _id,
    name: _name,
    endpointName: _endpoint,
    provisioningState: _state,
    createdAt: _created,
    otherMembers: _other,
    ...spec
  } = deployment;
  return spec;
}

function recreate(
  deployment: Deployment,
  role: CreateDeployment['role'] = 'blue',
): CreateDeployment {
  const { endpointName, name } = deployment;
  return {
    kind: 'createDeployment',
    endpoint: endpointName,
    deployment: name,
    role,
    spec: specOf(deployment),
  };
}

/**
 * Definitions worth keeping with a rollout: of what it deleted, of what it made, and of what is
 * there; the latest word on each name.
 */
export function definitions(view: JournalView, present: readonly Deployment[]): CreateDeployment[] {
  const byName = new Map<string, CreateDeployment>();
  for (const record of view.changes.filter(succeeded)) {
    const { change } = record;
    if (change.kind === 'createDeployment') byName.set(change.deployment, change);
    for (const each of record.deleted ?? []) byName.set(each.name, recreate(each));
  }
  for (const each of present) {
    // The journal's own definition of it hides secret variables; what is observed may not.
    // One known by its name only has none.
    if (each.model !== '' && !byName.has(each.name)) byName.set(each.name, recreate(each));
  }
  return [...byName.values()];
}
