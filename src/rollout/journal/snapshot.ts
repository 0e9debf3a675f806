/** What a journal says of its endpoint, where the endpoint itself is not looked at. */
import type { Deployment } from '../../azure/types.js';
import type { Snapshot } from '../snapshot.js';
import { succeeded, type JournalView } from './view.js';

/**
 * The endpoint as this rollout left it. Deployments that the rollout did not make are known by
 * name only: their model is empty.
 */
export function journalSnapshot(view: JournalView): Snapshot | undefined {
  const { workspace, endpoint: name, lastAt } = view;
  if (!workspace || name === undefined || lastAt === undefined) return undefined;
  const { subscriptionId, resourceGroup, workspaceName } = workspace;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${workspaceName}`;
  const info = { subscriptionId, resourceGroup, workspaceName, id, location: '' };
  const snapshot: Snapshot = {
    takenAt: lastAt,
    workspace: { ...info, workspaceId: '', v1LegacyMode: false, tags: {} },
    endpointName: name,
    deployments: [],
    models: {},
  };
  const deployments = new Map<string, Deployment>();
  const here = `${id}/onlineEndpoints/${name}`;
  const blank = (deployment: string): Deployment => ({
    id: `${here}/deployments/${deployment}`,
    name: deployment,
    endpointName: name,
    provisioningState: 'Succeeded',
    model: '',
    instanceType: '',
    instanceCount: 1,
    tags: {},
    environmentVariables: {},
  });
  let traffic: Record<string, number> = {};
  let mirrorTraffic: Record<string, number> = {};
  const tags: Record<string, string> = {};
  let exists = false;
  for (const { change, splitBefore } of view.changes.filter(succeeded)) {
    if (splitBefore) {
      exists = true;
      traffic = splitBefore;
      for (const each of Object.keys(splitBefore)) {
        if (!deployments.has(each)) deployments.set(each, blank(each));
      }
    }
    switch (change.kind) {
      case 'createEndpoint':
        exists = true;
        Object.assign(tags, change.tags);
        break;
      case 'deleteEndpoint':
        exists = false;
        deployments.clear();
        break;
      case 'createDeployment': {
        const { spec, deployment } = change;
        deployments.set(deployment, {
          ...blank(deployment),
          ...spec,
          tags: spec.tags ?? {},
          environmentVariables: spec.environmentVariables ?? {},
        });
        break;
      }
      case 'deleteDeployment':
        deployments.delete(change.deployment);
        break;
      case 'scaleDeployment': {
        const before = deployments.get(change.deployment) ?? blank(change.deployment);
        deployments.set(change.deployment, { ...before, instanceCount: change.to });
        break;
      }
      case 'registerModel':
      case 'packageModel':
      case 'copyAutoscale':
      case 'deleteAutoscale':
        break;
      case 'setMirror':
        mirrorTraffic = change.to;
        break;
      case 'setTraffic':
        traffic = change.to;
        for (const [tag, value] of Object.entries(change.tags ?? {})) {
          if (value === null) delete tags[tag];
          else tags[tag] = value;
        }
    }
  }
  if (!exists) return snapshot;
  return {
    ...snapshot,
    endpoint: {
      id: here,
      name,
      location: '',
      authMode: 'key',
      identity: { type: 'system_assigned' },
      tags,
      traffic,
      mirrorTraffic,
      provisioningState: 'Succeeded',
    },
    deployments: [...deployments.values()],
  };
}
