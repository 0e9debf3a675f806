/** A deployment as it is answered. */
import type { DeploymentRecord } from '../model.js';
import { operationUrl } from './async-operation.js';
import type { ArmCall } from './call.js';
import { asOf } from './members.js';
import { workspaceId } from './workspace.js';

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
      privateNetworkConnection: false,
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
