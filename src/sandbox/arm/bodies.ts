/** Endpoints, deployments and their operations as they are answered: ids, addresses, members. */
import type { OperationRecord, SandboxConfig } from '../model.js';
import type { DeploymentRecord, EndpointRecord } from '../endpoint-record.js';
import type { SandboxContext } from '../context.js';
import { type ArmCall, isObject, type JsonObject } from './call.js';
import { unknownMember } from './errors.js';

export function workspaceId(context: SandboxContext): string {
  const { subscriptionId, resourceGroup, workspaceName } = context.state.config;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${workspaceName}`;
}

export function locationId({ state }: SandboxContext): string {
  const { subscriptionId, location } = state.config;
  return `/subscriptions/${subscriptionId}/providers/Microsoft.MachineLearningServices/locations/${location}`;
}

/** `…/mfeOperationsStatus/{op}?api-version=…`, or `mfeOperationResults`. */
function operationUrl(
  call: ArmCall,
  operation: string,
  kind: 'mfeOperationsStatus' | 'mfeOperationResults' = 'mfeOperationsStatus',
): string {
  return `${call.origin}${locationId(call.context)}/${kind}/${operation}?api-version=${call.apiVersion}`;
}

/**
 * Headers of an accepted write. The specification promises `Azure-AsyncOperation` for a PUT, whose
 * Location is the resource; PATCH and `regenerateKeys` have a Location only, where the result will
 * be. A DELETE was recorded with both.
 */
export function operationHeaders(
  call: ArmCall,
  operation: OperationRecord,
  resource?: string,
): Record<string, string> {
  const named = call.method !== 'PATCH' && operation.kind !== 'regenerate-keys';
  return {
    ...(named ? { 'azure-asyncoperation': operationUrl(call, operation.name) } : {}),
    location: resource ?? operationUrl(call, operation.name, 'mfeOperationResults'),
    'x-ms-async-operation-timeout': 'PT30M',
  };
}

/**
 * Since when a body has a member, stable and in previews; other api-versions refuse it and leave it out of
 * their answers. Azure/azure-rest-api-specs, `mfe.json` of each version.
 */
const SINCE: Record<string, { stable?: string; preview: string; until?: string }> = {
  mirrorTraffic: { stable: '2023-04-01', preview: '2022-02-01-preview' },
  publicNetworkAccess: { stable: '2022-10-01', preview: '2022-02-01-preview' },
  egressPublicNetworkAccess: { stable: '2022-10-01', preview: '2022-02-01-preview' },
  // Deprecated where it appeared: "Use EgressPublicNetworkAccess".
  privateNetworkConnection: { preview: '2022-02-01-preview', until: '2022-02-01-preview' },
  dataCollector: { stable: '2024-04-01', preview: '2023-04-01-preview' },
  startupProbe: { stable: '2025-12-01', preview: '2025-12-01-preview' },
};

export function knowsMember(apiVersion: string, name: string): boolean {
  if (!Object.hasOwn(SINCE, name)) return true;
  const { stable, preview, until } = SINCE[name]!;
  const since = /preview$/i.test(apiVersion) ? preview : stable;
  return since !== undefined && apiVersion >= since && (until === undefined || apiVersion <= until);
}

/** Refuses a body whose properties have a member that this api-version does not know. */
export function checkMembers({ body, apiVersion }: ArmCall, type: string): void {
  const properties = isObject(body) && isObject(body['properties']) ? body['properties'] : {};
  const unknown = Object.keys(properties).find((name) => !knowsMember(apiVersion, name));
  if (unknown !== undefined) throw unknownMember(unknown, type, `properties.${unknown}`);
}

/** The properties of an answer as this api-version knows them. */
function asOf(apiVersion: string, properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => knowsMember(apiVersion, name)),
  );
}

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

export const DEPLOYMENT_TYPE =
  'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';

export function deploymentId(call: ArmCall, deployment: DeploymentRecord): string {
  return `${workspaceId(call.context)}/onlineEndpoints/${deployment.endpointName}/deployments/${deployment.name}`;
}

export function deploymentBody(call: ArmCall, deployment: DeploymentRecord): unknown {
  // As recorded: until a deployment first stands, the service shows no times and no probes.
  const making = deployment.provisioningState === 'Creating';
  return {
    id: deploymentId(call, deployment),
    name: deployment.name,
    type: DEPLOYMENT_TYPE,
    location: deployment.location,
    tags: deployment.tags,
    kind: 'Managed',
    ...(deployment.identity !== undefined && { identity: deployment.identity }),
    sku: deployment.sku,
    properties: asOf(call.apiVersion, {
      endpointComputeType: 'Managed',
      description: deployment.description,
      model: deployment.model,
      modelMountPath: deployment.modelMountPath,
      environmentId: deployment.environmentId,
      codeConfiguration: deployment.codeConfiguration,
      environmentVariables: deployment.environmentVariables,
      instanceType: deployment.instanceType,
      // azure-ai-ml reads `.type` of this without looking: it must never be null.
      scaleSettings: { scaleType: 'Default' },
      requestSettings: making
        ? { ...deployment.requestSettings, requestTimeout: 'PT0S' }
        : deployment.requestSettings,
      livenessProbe: making ? null : deployment.livenessProbe,
      readinessProbe: making ? null : deployment.readinessProbe,
      startupProbe: making ? null : (deployment.startupProbe ?? null),
      appInsightsEnabled: deployment.appInsightsEnabled,
      egressPublicNetworkAccess: deployment.egressPublicNetworkAccess,
      privateNetworkConnection: deployment.privateNetworkConnection ?? false,
      dataCollector: deployment.dataCollector,
      provisioningState: deployment.provisioningState,
      properties: {
        ...deployment.properties,
        ...(deployment.operation === null
          ? {}
          : { AzureAsyncOperationUri: operationUrl(call, deployment.operation) }),
      },
    }),
    systemData: deployment.systemData,
  };
}
