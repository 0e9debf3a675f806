/** The managed identity of an endpoint, ours and the wire's. */
import { record, type Json } from './arm-request.js';
import type { EndpointIdentity } from './types.js';

export function identityToWire(identity: EndpointIdentity): Json {
  if (identity.type === 'system_assigned') return { type: 'SystemAssigned' };
  return {
    type: 'UserAssigned',
    userAssignedIdentities: Object.fromEntries(
      (identity.userAssignedIds ?? []).map((id) => [id, {}]),
    ),
  };
}

/** For writing back what was read: principal and tenant are the service's, not ours. */
export function identityOnWire(raw: unknown): Json {
  const identity = record(raw);
  const assigned = Object.keys(record(identity['userAssignedIdentities']));
  return {
    type: typeof identity['type'] === 'string' ? identity['type'] : 'SystemAssigned',
    ...(assigned.length > 0 && {
      userAssignedIdentities: Object.fromEntries(assigned.map((id) => [id, {}])),
    }),
  };
}

export function identityFromWire(raw: unknown): EndpointIdentity {
  const identity = record(raw);
  const assigned = Object.keys(record(identity['userAssignedIdentities']));
  const type = String(identity['type'] ?? '').toLowerCase();
  if (type.includes('userassigned')) return { type: 'user_assigned', userAssignedIds: assigned };
  const { principalId } = identity;
  return { type: 'system_assigned', ...(typeof principalId === 'string' && { principalId }) };
}
