/** The one workspace: GET and lists. */
import { conditionsOf } from '../conditions.js';
import type { SandboxContext } from '../model.js';
import { workspaceHost } from '../hosts.js';
import { type ArmCall, type ArmReply, ok } from './call.js';

const CREATED = '2025-01-15T09:00:00.0000000Z';

export function workspaceId(context: SandboxContext): string {
  const { subscriptionId, resourceGroup, workspaceName } = context.state.config;
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${workspaceName}`;
}

export function getWorkspace(call: ArmCall): ArmReply {
  return ok(workspaceBody(call.context));
}

export function listWorkspaces(call: ArmCall): ArmReply {
  return ok({ value: [workspaceBody(call.context)] });
}

function workspaceBody(context: SandboxContext): unknown {
  const { config } = context.state;
  const id = workspaceId(context);
  const group = `/subscriptions/${config.subscriptionId}/resourceGroups/${config.resourceGroup}/providers`;
  const dashed = config.workspaceId;
  const { v1LegacyMode, publicNetworkAccess } = conditionsOf(context.state);
  return {
    id,
    name: config.workspaceName,
    type: 'Microsoft.MachineLearningServices/workspaces',
    location: config.location,
    tags: {},
    etag: null,
    kind: 'Default',
    properties: {
      friendlyName: config.workspaceName,
      description: 'A local sandbox workspace',
      storageAccount: `${group}/Microsoft.Storage/storageAccounts/${config.storageAccount}`,
      keyVault: `${group}/Microsoft.Keyvault/vaults/kv-${config.workspaceName}`,
      applicationInsights: `${group}/Microsoft.insights/components/ai-${config.workspaceName}`,
      hbiWorkspace: false,
      tenantId: config.tenantId,
      imageBuildCompute: null,
      provisioningState: 'Succeeded',
      v1LegacyMode,
      softDeleteEnabled: false,
      containerRegistry: null,
      notebookInfo: null,
      storageHnsEnabled: false,
      workspaceId: dashed,
      linkedModelInventoryArmId: null,
      privateLinkCount: 0,
      publicNetworkAccess,
      systemDatastoresAuthMode:
        config.datastoreCredentials === 'identity' ? 'identity' : 'accesskey',
      discoveryUrl: `https://${workspaceHost(config)}/discovery`,
      mlFlowTrackingUri: `azureml://${workspaceHost(config)}/mlflow/v1.0${id}`,
      sdkTelemetryAppInsightsKey: null,
      sasGetterUri: '',
    },
    identity: { type: 'SystemAssigned', principalId: dashed, tenantId: config.tenantId },
    sku: { name: 'Basic', tier: 'Basic' },
    systemData: {
      createdAt: CREATED,
      createdBy: 'Sandbox',
      createdByType: 'Application',
      lastModifiedAt: CREATED,
      lastModifiedBy: 'Sandbox',
      lastModifiedByType: 'Application',
    },
  };
}
