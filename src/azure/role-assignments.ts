/** What an identity may do by the roles that it has, which is not what the signed-in one may do. */
import { record, type Json } from './arm-request.js';
import { allows } from './permissions.js';
import type { Scope } from './scope.js';
import type { IdentityName, IdentityNeed } from './types.js';

/** Microsoft Learn, "List Azure role assignments using the REST API", and of managed identities. */
const AUTHORIZATION_API = '2022-04-01';
const IDENTITY_API = '2023-01-31';
const READ = 'read the roles of the identity';

/**
 * Those of the needs that no role of the identity covers: its own, or of a group that it is in. A role on a
 * part of the resource counts, for it may be the part that matters.
 */
export async function missingOfIdentity<N extends IdentityNeed>(
  scope: Scope,
  named: IdentityName,
  needs: readonly N[],
  signal?: AbortSignal,
): Promise<N[]> {
  const principal = await principalOf(scope, named, signal);
  const definitions = new Map<string, Promise<Json[]>>();
  const permissionsOf = (role: string): Promise<Json[]> => {
    const known = definitions.get(role) ?? permissionsIn(scope, role, signal);
    definitions.set(role, known);
    return known;
  };
  const grantedOn = async (on: string): Promise<Json[]> => {
    const filter = encodeURIComponent(`assignedTo('${principal}')`);
    const path = `${on}/providers/Microsoft.Authorization/roleAssignments?$filter=${filter}`;
    const options = { apiVersion: AUTHORIZATION_API, signal };
    const assignments = await scope.arm.list(path, READ, options);
    const roles = assignments.map((each) => String(record(each['properties'])['roleDefinitionId']));
    return (await Promise.all(roles.map(permissionsOf))).flat();
  };
  const places = [...new Set(needs.map(({ on }) => on))];
  const granted = new Map(
    await Promise.all(places.map(async (on) => [on, await grantedOn(on)] as const)),
  );
  return needs.filter(
    ({ on, action, of }) => !granted.get(on)?.some((permission) => allows(permission, action, of)),
  );
}

async function principalOf(
  scope: Scope,
  named: IdentityName,
  signal: AbortSignal | undefined,
): Promise<string> {
  if ('principalId' in named) return named.principalId;
  const identity = await scope.arm.get(named.id, READ, { apiVersion: IDENTITY_API, signal });
  return String(record(identity['properties'])['principalId'] ?? '');
}

async function permissionsIn(
  scope: Scope,
  role: string,
  signal: AbortSignal | undefined,
): Promise<Json[]> {
  const definition = await scope.arm.get(role, READ, { apiVersion: AUTHORIZATION_API, signal });
  const { permissions } = record(definition['properties']);
  return Array.isArray(permissions) ? permissions.map(record) : [];
}
