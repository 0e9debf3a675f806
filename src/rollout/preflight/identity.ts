/**
 * Rights that depend on the endpoint's own identity: to give it an identity that already exists, the roles
 * that such an identity needs, and to let it read the secrets of the workspace's connections by a property (Microsoft
 * Learn, "Authentication for managed online endpoints").
 */
import type { EndpointIdentity, IdentityName, IdentityNeed, Workspace } from '../../azure/types.js';
import { failureOf } from '../errors.js';
import type { PreflightFinding } from './finding.js';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
export const READ_SECRETS =
  'Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action';
const SECRETS = /^enforce_?access_?to_?default_?secret_?stores$/i;
const what = 'identity';

export interface WithIdentity {
  identity: EndpointIdentity;
  properties?: Record<string, string> | undefined;
}

export const injectsSecrets = ({ properties = {} }: WithIdentity): boolean =>
  Object.entries(properties).some(
    ([name, value]) => SECRETS.test(name) && /^(enabled|true)$/i.test(value),
  );

/** @param isNew the endpoint is still to be created */
export async function identityFindings(
  endpoint: WithIdentity,
  { isNew }: { isNew: boolean },
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<PreflightFinding[]> {
  const { identity } = endpoint;
  if (identity.type === 'user_assigned') {
    const { userAssignedIds: ids = [] } = identity;
    const assignable = ids.map((id) => assigning(id, isNew, workspace, signal));
    const roles = await Promise.all(ids.map((id) => rolesOf(id, workspace, signal)));
    // Of several, which one is asked is Azure's to say: one that may have the roles stops nothing.
    const certain = roles.every(({ state }) => state === 'fail');
    return [
      ...(injectsSecrets(endpoint) ? [notBoth] : []),
      ...(await Promise.all(assignable)),
      ...roles.map((each) => (certain || each.state === 'ok' ? each : asWarning(each))),
    ];
  }
  if (!injectsSecrets(endpoint)) return [];
  const missing = await lacking(READ_SECRETS, workspace, signal);
  const detail = "the endpoint may read the secrets of the workspace's connections";
  if (missing === false) return [{ state: 'ok', what, detail: `${detail}, and so may you` }];
  return [
    {
      state: missing ? 'fail' : 'warn',
      what,
      detail: `${detail}, so Azure refuses it and its deployments from a sign-in that cannot ${READ_SECRETS}${missing ? '' : ' (permission unknown)'}.`,
      advice:
        'Ask an owner for the role Azure Machine Learning Workspace Connection Secrets Reader on the workspace.',
      kind: 'forbidden',
    },
  ];
}

const asWarning = (finding: PreflightFinding): PreflightFinding => ({ ...finding, state: 'warn' });

/** Microsoft Learn, "Access secrets from online deployment using secret injection": it is not allowed. */
const notBoth: PreflightFinding = {
  state: 'fail',
  what,
  detail:
    'Azure takes enforce_access_to_default_secret_stores only with a system-assigned identity, and this endpoint has a user-assigned one.',
  advice: 'Leave the property out, and assign the role to the identity.',
  kind: 'invalid',
};

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
  const may = missing ? `this sign-in cannot ${ASSIGN}` : 'permission unknown';
  return {
    state: isNew && missing ? 'fail' : 'warn',
    what,
    detail: `${name}: ${may}${isNew ? '' : ', which Azure may ask for at each write of the endpoint'}.`,
    advice: `Ask an owner for the role Managed Identity Operator on ${name}.`,
    kind: 'forbidden',
  };
}

const nameOf = (id: string): string => id.split('/').at(-1) ?? '';

export interface RoleNeed extends IdentityNeed {
  /** A built-in role that covers it, and where. */
  role: string;
}

async function needsOf(workspace: Workspace, signal: AbortSignal | undefined): Promise<RoleNeed[]> {
  const { containerRegistryId, storageAccountId } = await workspace.info(signal);
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
  ];
}

/** Of an identity that already exists, Azure adds none itself. */
const rolesOf = async (
  id: string,
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<PreflightFinding> =>
  rolesFinding({ id }, nameOf(id), await needsOf(workspace, signal), workspace, {
    lacks: (roles) =>
      `lacks ${roles}. Azure gives such an identity no role, and its deployments fail without.`,
    signal,
  });

/** Whether an identity has the roles that it needs; `warn` where they can't be read. */
export async function rolesFinding(
  identity: IdentityName,
  name: string,
  needs: readonly RoleNeed[],
  workspace: Workspace,
  { lacks, signal }: { lacks: (roles: string) => string; signal: AbortSignal | undefined },
): Promise<PreflightFinding> {
  const named = (all: readonly RoleNeed[]): string => all.map(({ role }) => role).join(' and ');
  try {
    const missing = await workspace.missingOfIdentity(identity, needs, signal);
    if (missing.length === 0) return { state: 'ok', what, detail: `${name} has ${named(needs)}` };
    return {
      state: 'fail',
      what,
      detail: `${name} ${lacks(named(missing))}`,
      advice: `Ask an owner to assign ${missing.length === 1 ? 'this role' : 'these roles'} to ${name}. A new role takes a few minutes.`,
      kind: 'forbidden',
    };
  } catch (error) {
    signal?.throwIfAborted();
    const { message } = failureOf(error, 'read the roles of the identity');
    return {
      state: 'warn',
      what,
      detail: `The roles of ${name} can't be read (${message.replace(/\.$/, '')}): it needs ${named(needs)}.`,
      advice: `Ask an owner whether ${name} has them.`,
      kind: 'forbidden',
    };
  }
}
