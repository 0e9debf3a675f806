/** An endpoint as it is answered. */
import type { EndpointRecord, SandboxConfig } from '../model.js';
import { operationUrl } from './async-operation.js';
import type { ArmCall } from './call.js';
import { asOf } from './members.js';
import { workspaceId } from './workspace.js';

function inferenceDomain(cloud: SandboxConfig['cloud']): string {
  const suffix = { public: 'azure.com', usgov: 'azure.us', china: 'azure.cn' } as const;
  return `inference.ml.${suffix[cloud ?? 'public']}`;
}

export function endpointBody(call: ArmCall, endpoint: EndpointRecord): unknown {
  const id = `${workspaceId(call.context)}/onlineEndpoints/${endpoint.name}`;
  const { cloud } = call.context.state.config;
  const base = `https://${endpoint.name.toLowerCase()}.${endpoint.location}.${inferenceDomain(cloud)}`;
  const ready = endpoint.everSucceeded;
  return {
    id,
    name: endpoint.name,
    type: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints',
    location: endpoint.location,
    tags: endpoint.tags,
    kind: 'Managed',
    identity: endpoint.identity,
    properties: asOf(call.apiVersion, {
      description: endpoint.description,
      properties: {
        ...endpoint.properties,
        'azureml.onlineendpointid': id.toLowerCase(),
        ...(endpoint.operation === null
          ? {}
          : { AzureAsyncOperationUri: operationUrl(call, endpoint.operation) }),
      },
      scoringUri: ready ? `${base}/score` : null,
      swaggerUri: ready ? `${base}/swagger.json` : null,
      authMode: endpoint.authMode,
      provisioningState: endpoint.provisioningState,
      compute: null,
      traffic: endpoint.traffic,
      mirrorTraffic: endpoint.mirrorTraffic,
      publicNetworkAccess: endpoint.publicNetworkAccess,
    }),
    systemData: endpoint.systemData,
  };
}
