/** Where a deployment's secrets can be: connections of the workspace, and key vaults. Secrets are not read. */
import { sameName } from '../common/same-name.js';
import { record } from './arm-request.js';
import type { Scope } from './scope.js';
import type { KeyVault } from './types.js';

const CONNECTIONS_API = '2024-04-01';
const VAULTS_API = '2023-07-01';

export async function hasConnection(
  scope: Scope,
  name: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const path = `${scope.path}/connections/${encodeURIComponent(name)}`;
  const options = { apiVersion: CONNECTIONS_API, signal };
  return (await scope.arm.find(path, `look for connection ${name}`, options)) !== undefined;
}

/** Microsoft Learn, "Vaults - List By Subscription". */
export async function keyVault(
  scope: Scope,
  name: string,
  signal?: AbortSignal,
): Promise<KeyVault | undefined> {
  const path = `/subscriptions/${scope.connection.subscriptionId}/providers/Microsoft.KeyVault/vaults`;
  const options = { apiVersion: VAULTS_API, signal };
  const all = await scope.arm.list(path, `look for key vault ${name}`, options);
  const found = all.find((each) => sameName(String(each['name']), name));
  if (!found) return undefined;
  return {
    id: String(found['id'] ?? ''),
    usesRoles: record(found['properties'])['enableRbacAuthorization'] === true,
  };
}
