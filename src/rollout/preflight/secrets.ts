/**
 * Secrets that environment variables of a deployment name: Azure looks them up when the deployment is made, with
 * the rights of the endpoint's identity, and refuses the deployment where it can't (Microsoft Learn, "Access
 * secrets from online deployment using secret injection").
 */
import type { IdentityName, Workspace } from '../../azure/types.js';
import { secretIn, type SecretReference } from '../../common/secret-references.js';
import type { PreflightFinding } from './finding.js';
import {
  injectsSecrets,
  READ_SECRETS,
  rolesFinding,
  type RoleNeed,
  type WithIdentity,
} from './identity.js';

const what = 'secrets';
const GET_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';

/** A deployment that is to be made, as far as it names secrets. */
export interface WithVariables {
  name: string;
  environmentVariables?: Record<string, string> | undefined;
}

interface Named {
  /** `KEY of green` */
  by: string;
  secret: SecretReference;
}

/** @param isNew the endpoint is still to be created */
export async function secretFindings(
  endpoint: WithIdentity,
  { isNew, deployments }: { isNew: boolean; deployments: readonly WithVariables[] },
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<PreflightFinding[]> {
  const all = deployments.flatMap(({ name, environmentVariables = {} }) =>
    Object.entries(environmentVariables).flatMap(([variable, value]): Named[] => {
      const secret = secretIn(value);
      return secret ? [{ by: `${variable} of ${name}`, secret }] : [];
    }),
  );
  if (all.length === 0) return [];
  const malformed = all.filter(({ secret }) => secret.kind === 'malformed');
  const connections = await connectionsOf(all, workspace, signal);
  const vaults = await vaultsOf(all, workspace, signal);
  return [
    ...malformed.map(({ by }) =>
      fails(
        `${by} is not a valid reference to a secret.`,
        'Write ${{azureml://connections/NAME/credentials/KEY}}, or ${{keyvault:https://NAME.vault.azure.net/secrets/SECRET/VERSION}}.',
      ),
    ),
    ...connections.findings,
    ...vaults.findings,
    ...(await rightsOf(endpoint, isNew, connections.needs, vaults.needs, workspace, signal)),
  ];
}

const fails = (detail: string, advice: string): PreflightFinding => ({
  state: 'fail',
  what,
  detail,
  advice,
  kind: 'invalid',
});

interface Store {
  findings: PreflightFinding[];
  needs: RoleNeed[];
}

async function connectionsOf(
  all: readonly Named[],
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<Store> {
  const named = byName(all, ({ secret }) =>
    secret.kind === 'connection' ? secret.connection : undefined,
  );
  if (named.size === 0) return { findings: [], needs: [] };
  const { id, workspaceName } = await workspace.info(signal);
  const findings: PreflightFinding[] = [];
  for (const [connection, by] of named) {
    // Who may not look may still have a deployment made that reads it.
    const there = await workspace.hasConnection(connection, signal).catch(() => {
      signal?.throwIfAborted();
      return true;
    });
    if (there) continue;
    findings.push(
      fails(
        `Workspace ${workspaceName} has no connection ${connection}, which ${by} names.`,
        'Create the connection, or name one that exists.',
      ),
    );
  }
  const role = `Azure Machine Learning Workspace Connection Secrets Reader on the workspace ${workspaceName}`;
  return { findings, needs: [{ on: id, action: READ_SECRETS, of: 'resource', role }] };
}

async function vaultsOf(
  all: readonly Named[],
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<Store> {
  const store: Store = { findings: [], needs: [] };
  const named = byName(all, ({ secret }) => (secret.kind === 'vault' ? secret.vault : undefined));
  for (const [vault, by] of named) {
    const found = await workspace.keyVault(vault, signal).catch(() => {
      signal?.throwIfAborted();
      return undefined;
    });
    const role = `Key Vault Secrets User on the key vault ${vault}`;
    if (found?.usesRoles) {
      store.needs.push({ on: found.id, action: GET_SECRET, of: 'data', role });
    } else if (found) {
      store.findings.push(
        fails(
          `Key vault ${vault}, which ${by} names, has access policies, and Azure injects secrets only of key vaults with role-based access.`,
          'Change the permission model of the key vault, or take the secret from a connection of the workspace.',
        ),
      );
    } else {
      store.findings.push({
        state: 'warn',
        what,
        detail: `Key vault ${vault}, which ${by} names, can't be seen in this subscription: the endpoint's identity needs ${role}.`,
        advice: 'Ask an owner of the key vault whether it has the role.',
        kind: 'forbidden',
      });
    }
  }
  return store;
}

/** Who names each of these, the first in one word. */
function byName(
  all: readonly Named[],
  nameOf: (named: Named) => string | undefined,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const each of all) {
    const name = nameOf(each);
    if (name !== undefined && !found.has(name)) found.set(name, each.by);
  }
  return found;
}

const REFUSES =
  'Azure refuses a deployment whose variables name secrets that the identity cannot read.';

async function rightsOf(
  endpoint: WithIdentity,
  isNew: boolean,
  connections: readonly RoleNeed[],
  vaults: readonly RoleNeed[],
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<PreflightFinding[]> {
  const { type, userAssignedIds = [], principalId } = endpoint.identity;
  const needs = [...connections, ...vaults];
  if (needs.length === 0) return [];
  const check = (identity: IdentityName, name: string): Promise<PreflightFinding> =>
    rolesFinding(identity, name, needs, workspace, {
      lacks: (roles) => `lacks ${roles}. ${REFUSES}`,
      signal,
    });
  if (type === 'user_assigned') {
    const found = await Promise.all(
      userAssignedIds.map((id) => check({ id }, id.split('/').at(-1) ?? '')),
    );
    // Of several, which one is asked is Azure's to say: one that may is enough.
    return found.some(({ state }) => state === 'ok') ? found.filter(isOk) : found;
  }
  if (!isNew) {
    if (principalId === undefined) return [];
    return [await check({ principalId }, "the endpoint's own identity")];
  }
  // With the property, Azure gives the identity that it makes the one role, and never the other.
  const missing = injectsSecrets(endpoint) ? vaults : needs;
  if (missing.length === 0) return [];
  return [
    {
      state: 'fail',
      what,
      detail: `Azure makes the new endpoint's identity, which then lacks ${missing.map(({ role }) => role).join(' and ')}. ${REFUSES}`,
      advice:
        missing === vaults || vaults.length > 0
          ? 'Use a user-assigned identity that has the roles, or create the endpoint first and have them assigned to its identity.'
          : "Set enforce_access_to_default_secret_stores: enabled in the endpoint's properties, or use a user-assigned identity that has the role.",
      kind: 'forbidden',
    },
  ];
}

const isOk = ({ state }: PreflightFinding): boolean => state === 'ok';
