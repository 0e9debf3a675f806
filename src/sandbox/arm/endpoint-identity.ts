/** The identity of an endpoint: required on PUT, and given its ids by the service. */
import { randomUUID } from 'node:crypto';
import type { EndpointRecord } from '../model.js';
import { type ArmCall, isObject } from './call.js';
import { invalid } from './errors.js';

export function readIdentity(
  call: ArmCall,
  value: unknown,
  before: EndpointRecord | undefined,
): EndpointRecord['identity'] {
  if (!isObject(value) || typeof value['type'] !== 'string')
    throw invalid("The property 'identity' is required and must have a type.");
  const type = value['type'].toLowerCase().replaceAll(' ', '');
  const assigned = value['userAssignedIdentities'];
  const wantsUser = type.includes('userassigned');
  if (!type.includes('systemassigned') && !wantsUser)
    throw invalid("The identity's type must be SystemAssigned or UserAssigned.");
  if (wantsUser && (!isObject(assigned) || Object.keys(assigned).length === 0))
    throw invalid("An identity of type UserAssigned needs 'userAssignedIdentities'.");
  return {
    type: wantsUser
      ? type.includes('systemassigned')
        ? 'SystemAssigned,UserAssigned'
        : 'UserAssigned'
      : 'SystemAssigned',
    ...(type.includes('systemassigned')
      ? {
          principalId: before?.identity.principalId ?? randomUUID(),
          tenantId: call.context.state.config.tenantId,
        }
      : {}),
    ...(wantsUser && isObject(assigned)
      ? {
          userAssignedIdentities: Object.fromEntries(
            Object.keys(assigned).map((id) => [
              id,
              before?.identity.userAssignedIdentities?.[id] ?? {
                clientId: randomUUID(),
                principalId: randomUUID(),
              },
            ]),
          ),
        }
      : {}),
  };
}
