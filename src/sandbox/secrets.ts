/**
 * Secrets that a deployment's environment variables name, which Azure puts into its container with the
 * rights of the endpoint's identity: Microsoft Learn, "Access secrets from online deployment using secret
 * injection". Connections are kept with their secrets. Of the key vault only rights are known: each of its
 * secrets has the same value.
 */
import { sameName } from '../common/same-name.js';
import { secretIn } from '../common/secret-references.js';
import { own, type SandboxState } from './model.js';
import type { EndpointRecord } from './endpoint-record.js';
import { DeploymentFailure } from './problems.js';
import { identityMay } from './roles.js';

export const vaultName = ({ config }: SandboxState): string => `kv-${config.workspaceName}`;

/** Of each secret of the key vault. */
const VAULT_SECRET = 'a-secret-of-the-sandbox';

const LIST_SECRETS = 'Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action';
const GET_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';

type Variables = Readonly<Record<string, string>>;

/** @throws DeploymentFailure where the identity may not read one of them, or it is not there */
export function injectSecrets(
  state: SandboxState,
  endpoint: EndpointRecord,
  variables: Variables,
): Variables {
  const { subscriptionId, resourceGroup, workspaceName } = state.config;
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers`;
  const workspace = `${group}/Microsoft.MachineLearningServices/workspaces/${workspaceName}`;
  const vault = `${group}/Microsoft.KeyVault/vaults/${vaultName(state)}`;
  const injected = Object.entries(variables).map(([name, value]): [string, string] => {
    const secret = secretIn(value);
    if (secret === undefined) return [name, value];
    const missing = new DeploymentFailure(
      'SecretsInjectionError',
      `The secret that the environment variable '${name}' refers to could not be retrieved: `,
    );
    const failed = (why: string): DeploymentFailure => {
      missing.message += why;
      return missing;
    };
    if (secret.kind === 'malformed') throw failed('the reference is not valid.');
    if (secret.kind === 'vault') {
      if (!identityMay(state, endpoint, { action: GET_SECRET, of: 'data' }, vault))
        throw failed(`the endpoint's identity may not read secrets of the key vault.`);
      if (!sameName(secret.vault, vaultName(state)))
        throw failed(`there is no key vault ${secret.vault}.`);
      return [name, VAULT_SECRET];
    }
    if (!identityMay(state, endpoint, { action: LIST_SECRETS, of: 'resource' }, workspace))
      throw failed(`the endpoint's identity may not read secrets of the workspace's connections.`);
    const found = own(state.connections ?? {}, secret.connection.toLowerCase());
    const text = found && partOf(found.properties, secret.part);
    if (text === undefined) throw failed('it does not exist.');
    return [name, text];
  });
  return Object.fromEntries(injected);
}

/** The whole of a connection, its target, or one of its credentials or metadata. */
function partOf(properties: Record<string, unknown>, part: string): string | undefined {
  if (part === '') return JSON.stringify({ properties });
  const [kind = '', name = ''] = part.split('/');
  if (kind === 'target') return textOf(properties['target']);
  const held = membersOf(properties[kind]);
  return textOf(held[name] ?? membersOf(held['keys'])[name]);
}

const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
