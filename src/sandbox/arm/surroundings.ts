/**
 * What the management clients ask about a workspace beside its rollouts: its keys, the operations of the
 * provider, and lists of what a sandbox has none of.
 */
import { workspaceId } from './bodies.js';
import { type AddArmRoute, type ArmCall, type ArmReply, ML, WS, ok } from './call.js';
import { ArmError, armError } from './errors.js';

const EMPTY = [
  'batchEndpoints',
  'components',
  'computes',
  'features',
  'outboundRules',
  'privateEndpointConnections',
];

export function surroundingRoutes(on: AddArmRoute): void {
  on('GET', `/${ML}/operations`, () => ok({ value: OPERATIONS }));
  on('POST', `${WS}/listKeys`, listKeys);
  on('POST', `${WS}/listStorageAccountKeys`, (call) => ok({ userStorageKey: storageKey(call) }));
  on('GET', `${WS}/privateLinkResources`, (call) => ok({ value: [privateLink(call)] }));
  on('POST', `${WS}/provisionManagedNetwork`, noPrivateNetwork);
  for (const one of ['outboundRules/:rule', 'privateEndpointConnections/:connection']) {
    on('GET', `${WS}/${one}`, notFound);
    on('PUT', `${WS}/${one}`, noPrivateNetwork);
    // Nothing is there to delete, which Resource Manager answers so.
    on('DELETE', `${WS}/${one}`, () => ({ status: 204 }));
  }
  for (const kind of EMPTY) on('GET', `${WS}/${kind}`, () => ok({ value: [] }));
}

function noPrivateNetwork(): never {
  throw armError(
    400,
    'NoPrivateNetwork',
    'The sandbox has no private network, so it can not be changed or provisioned. To try a workspace with a managed network, set the condition managedNetwork: POST /_sandbox/conditions.',
  );
}

function notFound(call: ArmCall): never {
  const [name = '', kind = ''] = call.path.split('/').reverse();
  throw armError(
    404,
    'ResourceNotFound',
    `The Resource 'Microsoft.MachineLearningServices/workspaces/${kind}/${name}' was not found.`,
  );
}

/** What a private endpoint of the workspace would lead to. */
function privateLink(call: ArmCall): unknown {
  const id = workspaceId(call.context);
  return {
    id: `${id}/privateLinkResources/amlworkspace`,
    name: 'amlworkspace',
    type: 'Microsoft.MachineLearningServices/workspaces/privateLinkResources',
    properties: {
      groupId: 'amlworkspace',
      requiredMembers: ['default'],
      requiredZoneNames: ['privatelink.api.azureml.ms', 'privatelink.notebooks.azure.net'],
    },
  };
}

function listKeys(call: ArmCall): ArmReply {
  const { storageAccount } = call.context.state.config;
  const group = workspaceId(call.context).split('/providers/')[0]!;
  return ok({
    userStorageKey: storageKey(call),
    userStorageResourceId: `${group}/providers/Microsoft.Storage/storageAccounts/${storageAccount}`,
    appInsightsInstrumentationKey: null,
    containerRegistryCredentials: null,
    notebookAccessKeys: null,
  });
}

/** @throws ArmError where the account takes no key */
function storageKey(call: ArmCall): string {
  const { storageKey: key, datastoreCredentials = 'account-key' } = call.context.state.config;
  if (datastoreCredentials === 'account-key') return key;
  throw new ArmError(
    400,
    'UserError',
    "The workspace's storage account is not used by key.",
    'mfe',
  );
}

const OPERATIONS = [
  ['workspaces/onlineEndpoints', 'read'],
  ['workspaces/onlineEndpoints', 'write'],
  ['workspaces/onlineEndpoints', 'delete'],
  ['workspaces/onlineEndpoints/score', 'action'],
  ['workspaces/onlineEndpoints/listKeys', 'action'],
  ['workspaces/onlineEndpoints/token', 'action'],
  ['workspaces/onlineEndpoints/regenerateKeys', 'action'],
  ['workspaces/onlineEndpoints/deployments', 'read'],
  ['workspaces/onlineEndpoints/deployments', 'write'],
  ['workspaces/onlineEndpoints/deployments', 'delete'],
  ['workspaces/models', 'read'],
  ['workspaces/models/versions', 'read'],
  ['workspaces/models/versions', 'write'],
].map(([resource = '', verb = '']) => ({
  name: `Microsoft.MachineLearningServices/${resource}/${verb}`,
  isDataAction: false,
  display: {
    provider: 'Microsoft Machine Learning Services',
    resource,
    operation: `${verb} ${resource}`,
    description: '',
  },
}));
