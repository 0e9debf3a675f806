/** Built-in roles, and what an endpoint's own identity may do by those that it was assigned. */
import { sameName } from '../common/same-name.js';
import type { EndpointRecord, SandboxState } from './model.js';
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
];

/**
 * Whether the containers of an endpoint may read the models. The service gives the roles that takes to an
 * identity of its own making, and none to one that exists already (Microsoft Learn, "Authentication for
 * managed online endpoints"). A role on a part of the account counts as one on the container of the models.
 */
export function mayReadModels(state: SandboxState, { identity }: EndpointRecord): boolean {
  if (identity.type !== 'UserAssigned') return true;
  const { storageAccount, subscriptionId } = state.config;
  // Of those of another subscription the sandbox knows nothing.
  const principals = Object.entries(identity.userAssignedIdentities ?? {})
    .filter(([id]) => sameName(id.split('/')[2], subscriptionId))
    .map(([, { principalId }]) => principalId);
  if (principals.length === 0) return true;
  return Object.values(state.roleAssignments ?? {}).some(({ properties }) => {
    const { scope, principalId, roleDefinitionId } = properties;
    const role = ROLES.find(({ id }) => roleDefinitionId.toLowerCase().endsWith(`/${id}`));
    const [, account] = /\/storageAccounts\/([^/]+)/i.exec(scope) ?? [];
    return (
      principals.includes(principalId) &&
      (account === undefined ? !/\/providers\//i.test(scope) : sameName(account, storageAccount)) &&
      role?.dataActions?.some((pattern) => matchesAction(pattern, `${BLOBS}/read`)) === true
    );
  });
}
