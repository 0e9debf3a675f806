/**
 * Rights that an endpoint's identity asks of whoever writes it (Microsoft Learn, "Authentication for managed
 * online endpoints"): to assign an identity that exists, and to read the secrets that it will read.
 */
import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { isDenied } from '../conditions.js';
import type { EndpointRecord } from '../endpoint-record.js';
import { type ArmCall, anyCase, anything, orElse } from './call.js';
import { armError, invalidRequest } from './errors.js';
import { ROLES } from '../roles.js';
import { workspaceId } from './bodies.js';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const READ_SECRETS = 'Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action';

const IDENTITY_TYPES = ['SystemAssigned', 'UserAssigned', 'SystemAssigned,UserAssigned'] as const;

export const IdentityBody = z.strictObject({
  type: anyCase(IDENTITY_TYPES, "The identity's type must be SystemAssigned or UserAssigned."),
  principalId: anything,
  tenantId: anything,
  userAssignedIdentities: orElse(z.record(z.string(), z.unknown()), {}),
});

/** An identity with the ids that the service gives it, and keeps. */
export function endpointIdentity(
  call: ArmCall,
  { type, userAssignedIdentities }: z.output<typeof IdentityBody>,
  before: EndpointRecord | undefined,
): EndpointRecord['identity'] {
  const assigned = Object.keys(userAssignedIdentities);
  const ofUser = type !== 'SystemAssigned';
  if (ofUser && assigned.length === 0)
    throw invalidRequest("An identity of type UserAssigned needs 'userAssignedIdentities'.");
  const ids = (id: string) => before?.identity.userAssignedIdentities?.[id] ?? userAssignedIds(id);
  return {
    type,
    ...(type !== 'UserAssigned' && {
      principalId: before?.identity.principalId ?? randomUUID(),
      tenantId: call.context.state.config.tenantId,
    }),
    ...(ofUser && {
      userAssignedIdentities: Object.fromEntries(assigned.map((id) => [id, ids(id)])),
    }),
  };
}

/** There is an identity of any name, and its ids are the same whoever asks. */
export function userAssignedIds(identity: string): { clientId: string; principalId: string } {
  const id = (what: string): string =>
    createHash('sha256')
      .update(`${what} ${identity.toLowerCase()}`)
      .digest('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  return { clientId: id('client'), principalId: id('principal') };
}

type Rights = Pick<EndpointRecord, 'identity' | 'properties'>;

/** Of an endpoint that is written. */
export function checkAssigning(call: ArmCall, { identity }: Rights): void {
  const assigned = Object.keys(identity.userAssignedIdentities ?? {});
  if (assigned.length === 0 || !isDenied(call.context.state, ASSIGN)) return;
  throw armError(
    403,
    'LinkedAuthorizationFailed',
    `The client '${call.caller}' has permission to perform action 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/write' on scope '${call.path}'; however, it does not have permission to perform action(s) '${ASSIGN}' on the linked scope(s) '${assigned.join(',')}' (respectively) or the linked scope(s) are invalid.`,
  );
}

const readsSecretStores = ({ properties }: Rights): boolean =>
  Object.entries(properties).some(
    ([name, value]) =>
      name.toLowerCase() === 'enforce_access_to_default_secret_stores' &&
      value.toLowerCase() === 'enabled',
  );

/** Of an endpoint or a deployment that is made. The wording is ours; Azure's is not known. */
export function checkSecretStores(call: ArmCall, rights: Rights): void {
  if (!readsSecretStores(rights)) return;
  if (rights.identity.type === 'UserAssigned')
    throw invalidRequest(
      "The property 'enforce_access_to_default_secret_stores' is for a system-assigned identity. Assign the role to the user-assigned one.",
    );
  if (!isDenied(call.context.state, READ_SECRETS)) return;
  throw armError(
    403,
    'AuthorizationFailed',
    `The client '${call.caller}' does not have authorization to perform action '${READ_SECRETS}', which an endpoint with access to the default secret stores asks for.`,
  );
}

/** Of an endpoint that was made: with the access goes the role, to the identity that the service made. */
export function grantSecretStores(call: ArmCall, rights: Rights): void {
  const { principalId } = rights.identity;
  if (!readsSecretStores(rights) || principalId === undefined) return;
  const scope = workspaceId(call.context);
  const role = ROLES.find(({ actions }) => actions?.includes(READ_SECRETS));
  const name = randomUUID();
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  const { subscriptionId } = call.context.state.config;
  (call.context.state.roleAssignments ??= {})[id.toLowerCase()] = {
    id,
    name,
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role?.id ?? ''}`,
      principalId,
      principalType: 'ServicePrincipal',
      scope,
    },
  };
}
