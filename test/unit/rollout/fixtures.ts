/** Observed workspaces for tests of what is pure; plain data, no service. */
import type { Deployment, Endpoint } from '../../../src/azure/types.js';
import type { Snapshot } from '../../../src/rollout/snapshot.js';
import type { Split } from '../../../src/common/split.js';

export const WORKSPACE = {
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws',
  subscriptionId: 's',
  resourceGroup: 'rg',
  workspaceName: 'ws',
  location: 'westeurope',
  workspaceId: '00000000-0000-0000-0000-000000000000',
  v1LegacyMode: false,
  tags: {},
};

export const modelId = (name: string, version: string): string =>
  `${WORKSPACE.id}/models/${name}/versions/${version}`;

export function deployment(name: string, change: Partial<Deployment> = {}): Deployment {
  return {
    id: `${WORKSPACE.id}/onlineEndpoints/heart/deployments/${name}`,
    name,
    endpointName: 'heart',
    provisioningState: 'Succeeded',
    model: modelId('heart-classifier', '1'),
    instanceType: 'Standard_DS3_v2',
    instanceCount: 2,
    tags: {},
    environmentVariables: {},
    ...change,
  };
}

export function endpoint(traffic: Split, change: Partial<Endpoint> = {}): Endpoint {
  return {
    id: `${WORKSPACE.id}/onlineEndpoints/heart`,
    name: 'heart',
    location: 'westeurope',
    authMode: 'key',
    identity: { type: 'system_assigned' },
    tags: {},
    traffic,
    mirrorTraffic: {},
    provisioningState: 'Succeeded',
    scoringUri: 'https://heart.westeurope.inference.ml.azure.com/score',
    ...change,
  };
}

export function snapshot(
  at: Endpoint | undefined,
  deployments: Deployment[] = [],
  models: Snapshot['models'] = {},
): Snapshot {
  return {
    takenAt: '2026-01-01T00:00:00.000Z',
    workspace: WORKSPACE,
    endpointName: at?.name ?? 'heart',
    ...(at && { endpoint: at }),
    deployments,
    models,
  };
}
