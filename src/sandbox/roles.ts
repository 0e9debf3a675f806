/** Built-in roles, and what an endpoint's own identity may do by those that it was assigned. */
import { sameName } from '../common/same-name.js';
import type { SandboxState } from './model.js';
import type { EndpointRecord } from './endpoint-record.js';
import { matchesAction } from './storage-gate.js';

export interface BuiltInRole {
  id: string;
  name: string;
  actions?: string[];
  notActions?: string[];
  dataActions?: string[];
}

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

/** Microsoft Learn, "Azure built-in roles": those that an endpoint's identity is mostly given. */
export const ROLES: readonly BuiltInRole[] = [
  { id: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', name: 'Owner', actions: ['*'] },
  {
    id: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
    name: 'Contributor',
    actions: ['*'],
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
    ],
  },
  { id: 'acdd72a7-3385-48ef-bd42-f606fba81ae7', name: 'Reader', actions: ['*/read'] },
  {
    id: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
    name: 'AcrPull',
    actions: ['Microsoft.ContainerRegistry/registries/pull/read'],
  },
  {
    id: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
    name: 'Storage Blob Data Reader',
    actions: ['Microsoft.Storage/storageAccounts/blobServices/containers/read'],
    dataActions: [`${BLOBS}/read`],
  },
  {
    id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
    name: 'Storage Blob Data Contributor',
    actions: ['Microsoft.Storage/storageAccounts/blobServices/containers/*'],
    dataActions: ['delete', 'read', 'write', 'move/action', 'add/action'].map(
      (action) => `${BLOBS}/${action}`,
    ),
  },
  {
    id: 'ea01e6af-a1c1-4350-9563-ad00f8c72ec5',
    name: 'Azure Machine Learning Workspace Connection Secrets Reader',
    actions: [
      'Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action',
      'Microsoft.MachineLearningServices/workspaces/metadata/secrets/read',
    ],
  },
  {
    id: '4633458b-17de-408a-b874-0445c86b69e6',
    name: 'Key Vault Secrets User',
    dataActions: ['getSecret/action', 'readMetadata/action'].map(
      (action) => `Microsoft.KeyVault/vaults/secrets/${action}`,
    ),
  },
];

/**
 * Whether the containers of an endpoint may read the models. The service gives the roles that takes to an
 * identity of its own making, and none to one that already exists (Microsoft Learn, "Authentication for
 * managed online endpoints"). A role on a part of the account counts as one on the container of the models.
 */
export function mayReadModels(state: SandboxState, endpoint: EndpointRecord): boolean {
  const { identity } = endpoint;
  if (identity.type !== 'UserAssigned') return true;
  const principals = principalsOf(state, identity);
  if (principals.length === 0) return true;
  const { storageAccount } = state.config;
  return rolesOf(state, principals).some(({ scope, role }) => {
    const [, account] = /\/storageAccounts\/([^/]+)/i.exec(scope) ?? [];
    return (
      (account === undefined ? !/\/providers\//i.test(scope) : sameName(account, storageAccount)) &&
      grants(role, { action: `${BLOBS}/read`, of: 'data' })
    );
  });
}

interface Right {
  action: string;
  of: 'resource' | 'data';
}

/** Whether a role of the endpoint's identity, on this resource or around it, gives the right. */
export function identityMay(
  state: SandboxState,
  { identity }: EndpointRecord,
  right: Right,
  on: string,
): boolean {
  const own = identity.principalId === undefined ? [] : [identity.principalId];
  const assigned = principalsOf(state, identity);
  // Of those of another subscription the sandbox knows nothing.
  if (own.length + assigned.length === 0) return true;
  return rolesOf(state, [...own, ...assigned]).some(
    ({ scope, role }) =>
      `${on.toLowerCase()}/`.startsWith(`${scope.toLowerCase()}/`) && grants(role, right),
  );
}

/** Of the user-assigned identities of this subscription. */
function principalsOf(state: SandboxState, identity: EndpointRecord['identity']): string[] {
  return Object.entries(identity.userAssignedIdentities ?? {})
    .filter(([id]) => sameName(id.split('/')[2], state.config.subscriptionId))
    .map(([, { principalId }]) => principalId);
}

function rolesOf(
  state: SandboxState,
  principals: readonly string[],
): { scope: string; role: BuiltInRole }[] {
  return Object.values(state.roleAssignments ?? {}).flatMap(({ properties }) => {
    const { scope, principalId, roleDefinitionId } = properties;
    const role = ROLES.find(({ id }) => roleDefinitionId.toLowerCase().endsWith(`/${id}`));
    return role && principals.includes(principalId) ? [{ scope, role }] : [];
  });
}

function grants(
  { actions = [], notActions = [], dataActions = [] }: BuiltInRole,
  right: Right,
): boolean {
  const has = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => matchesAction(pattern, right.action));
  return right.of === 'data' ? has(dataActions) : has(actions) && !has(notActions);
}
