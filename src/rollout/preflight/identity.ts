/**
 * Rights that depend on the endpoint's own identity: to give it an identity that exists already, the roles
 * that such an identity needs, and to let it read the secrets of the workspace's connections (Microsoft
 * Learn, "Authentication for managed online endpoints").
 */
import type { EndpointIdentity, IdentityNeed, Workspace } from '../../azure/types.js';
import { failureOf } from '../errors.js';
import type { PreflightFinding } from './finding.js';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const READ_SECRETS = 'Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action';
const SECRETS = /^enforce_?access_?to_?default_?secret_?stores$/i;
const what = 'identity';

interface WithIdentity {
  identity: EndpointIdentity;
  properties?: Record<string, string> | undefined;
}

/** Microsoft Learn, "Access secrets from online deployment using secret injection". */
const CONNECTION = /\$\{\{\s*azureml:\/\/connections\//i;

const namesConnections = (all: readonly Variables[]): boolean =>
  all.some((variables) => Object.values(variables).some((value) => CONNECTION.test(value)));

type Variables = Record<string, string>;

const injectsSecrets = ({ properties = {} }: WithIdentity): boolean =>
  Object.entries(properties).some(
    ([name, value]) => SECRETS.test(name) && /^(enabled|true)$/i.test(value),
  );

/**
 * @param isNew the endpoint is still to be created
 * @param variables environment variables of its deployments
 */
export async function identityFindings(
  endpoint: WithIdentity,
  { isNew, variables = [] }: { isNew: boolean; variables?: readonly Variables[] },
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<PreflightFinding[]> {
  const { identity } = endpoint;
  if (identity.type === 'user_assigned') {
    const secrets = injectsSecrets(endpoint) || namesConnections(variables);
    const all = (identity.userAssignedIds ?? []).flatMap((id) => [
      assigning(id, isNew, workspace, signal),
      rolesOf(id, secrets, workspace, signal),
    ]);
    return Promise.all(all);
  }
  if (!injectsSecrets(endpoint)) return [];
  const missing = await lacking(READ_SECRETS, workspace, signal);
  const detail = "the endpoint may read the secrets of the workspace's connections";
  if (missing === false) return [{ state: 'ok', what, detail: `${detail}, and so may you` }];
  return [
    {
      state: missing ? 'fail' : 'warn',
      what,
      detail: `${detail}, so Azure refuses it and its deployments from a sign-in that may not ${READ_SECRETS}${missing ? '' : ' (permission unknown)'}.`,
      advice:
        'Ask an owner for the role Azure Machine Learning Workspace Connection Secrets Reader on the workspace.',
      kind: 'forbidden',
    },
  ];
}

/** `undefined`: the service does not tell this identity. */
async function lacking(
  action: string,
  workspace: Workspace,
  signal: AbortSignal | undefined,
  on?: string,
): Promise<boolean | undefined> {
  try {
    return (await workspace.missingPermissions([action], signal, on)).length > 0;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** Azure asks whether the caller may assign it. */
async function assigning(
  id: string,
  isNew: boolean,
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<PreflightFinding> {
  const name = nameOf(id);
  const missing = await lacking(ASSIGN, workspace, signal, id);
  if (missing === false)
    return { state: 'ok', what, detail: `${name}: this sign-in may assign it` };
  const may = missing ? `this sign-in may not ${ASSIGN}` : 'permission unknown';
  return {
    state: isNew && missing ? 'fail' : 'warn',
    what,
    detail: `${name}: ${may}${isNew ? '' : ', which Azure may ask for at each write of the endpoint'}.`,
    advice: `Ask an owner for the role Managed Identity Operator on ${name}.`,
    kind: 'forbidden',
  };
}

const nameOf = (id: string): string => id.split('/').at(-1) ?? '';

interface RoleNeed extends IdentityNeed {
  /** A built-in role that covers it, and where. */
  role: string;
}

async function needsOf(
  secrets: boolean,
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<RoleNeed[]> {
  const { id, workspaceName, containerRegistryId, storageAccountId } = await workspace.info(signal);
  return [
    ...(containerRegistryId === undefined
      ? []
      : [
          {
            on: containerRegistryId,
            action: 'Microsoft.ContainerRegistry/registries/pull/read',
            of: 'resource' as const,
            role: `AcrPull on the container registry ${nameOf(containerRegistryId)}`,
          },
        ]),
    ...(storageAccountId === undefined
      ? []
      : [
          {
            on: storageAccountId,
            action: 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
            of: 'data' as const,
            role: `Storage Blob Data Reader on the storage account ${nameOf(storageAccountId)}`,
          },
        ]),
    ...(secrets
      ? [
          {
            on: id,
            action: READ_SECRETS,
            of: 'resource' as const,
            role: `Azure Machine Learning Workspace Connection Secrets Reader on the workspace ${workspaceName}`,
          },
        ]
      : []),
  ];
}

/** Of an identity that exists already, Azure adds none itself. */
async function rolesOf(
  identityId: string,
  secrets: boolean,
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<PreflightFinding> {
  const name = nameOf(identityId);
  const needs = await needsOf(secrets, workspace, signal);
  const named = (all: readonly RoleNeed[]): string => all.map(({ role }) => role).join(' and ');
  const warning = { state: 'warn', what, kind: 'forbidden' } as const;
  try {
    const missing = await workspace.missingOfIdentity(identityId, needs, signal);
    if (missing.length === 0) return { state: 'ok', what, detail: `${name} has ${named(needs)}` };
    return {
      ...warning,
      detail: `${name} lacks ${named(missing)}. Azure gives such an identity no role, and its deployments fail without.`,
      advice: `Ask an owner to assign ${missing.length === 1 ? 'this role' : 'these roles'} to ${name}. A new role takes a few minutes.`,
    };
  } catch (error) {
    signal?.throwIfAborted();
    const { message } = failureOf(error, 'read the roles of the identity');
    return {
      ...warning,
      detail: `The roles of ${name} can't be read (${message.replace(/\.$/, '')}): it needs ${named(needs)}.`,
      advice: `Ask an owner whether ${name} has them.`,
    };
  }
}
