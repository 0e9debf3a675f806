/**
 * Rights that depend on the endpoint's own identity: to give it an identity that exists already, and to let
 * it read the secrets of the workspace's connections (Microsoft Learn, "Authentication for managed online
 * endpoints").
 */
import type { EndpointIdentity, Workspace } from '../../azure/types.js';
import type { PreflightFinding } from './finding.js';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const READ_SECRETS = 'Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action';
const SECRETS = /^enforce_?access_?to_?default_?secret_?stores$/i;
const what = 'identity';

interface WithIdentity {
  identity: EndpointIdentity;
  properties?: Record<string, string> | undefined;
}

const injectsSecrets = ({ properties = {} }: WithIdentity): boolean =>
  Object.entries(properties).some(
    ([name, value]) => SECRETS.test(name) && /^(enabled|true)$/i.test(value),
  );

/** @param isNew the endpoint is still to be created */
export async function identityFindings(
  endpoint: WithIdentity,
  isNew: boolean,
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<PreflightFinding[]> {
  const { identity } = endpoint;
  if (identity.type === 'user_assigned') {
    const all = (identity.userAssignedIds ?? []).map((id) =>
      assigning(id, isNew, workspace, signal),
    );
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

/** Azure gives such an identity no role by itself, and asks whether the caller may assign it. */
async function assigning(
  id: string,
  isNew: boolean,
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<PreflightFinding> {
  const name = id.split('/').at(-1) ?? '';
  const roles = `Azure gives ${name} no role: it needs AcrPull on the registry and Storage Blob Data Reader on the storage of the workspace`;
  const missing = await lacking(ASSIGN, workspace, signal, id);
  if (missing === false) return { state: 'ok', what, detail: roles };
  const may = missing ? `this sign-in may not ${ASSIGN}` : 'permission unknown';
  return {
    state: isNew && missing ? 'fail' : 'warn',
    what,
    detail: `${name}: ${may}${isNew ? '' : ', which Azure may ask for at each write of the endpoint'}. ${roles}.`,
    advice: `Ask an owner for the role Managed Identity Operator on ${name}.`,
    kind: 'forbidden',
  };
}
