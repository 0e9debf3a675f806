/** What any write of an endpoint, or of something on it, checks first. */
import { findEndpoint } from '../model.js';
import type { EndpointRecord } from '../endpoint-record.js';
import { type ArmCall, param } from './call.js';
import { armError, conflict, endpointBroken, onlineNotFound } from './errors.js';

export function mustFindEndpoint(call: ArmCall): EndpointRecord {
  const endpoint = findEndpoint(call.context.state, param(call, 'endpoint'));
  if (endpoint === undefined) throw onlineNotFound();
  return endpoint;
}

export function checkNotBusy(call: ArmCall, endpoint: EndpointRecord): void {
  if (call.operations.busy(endpoint.name))
    throw conflict(`Resource ${endpoint.name} is in conflicting state`);
}

export function checkWritable(call: ArmCall, endpoint: EndpointRecord): void {
  checkNotBusy(call, endpoint);
  if (!endpoint.everSucceeded) throw endpointBroken(endpoint.name);
}

/** `location` is required by ARM, may be written `East US 2`, and is the workspace's. */
export function checkLocation(
  call: ArmCall,
  location: string | null | undefined,
  name: string,
): void {
  if (!location) {
    throw armError(
      400,
      'LocationRequired',
      'The location property is required for this definition.',
    );
  }
  const { location: expected } = call.context.state.config;
  if (location.toLowerCase().replaceAll(' ', '') !== expected) {
    throw armError(
      409,
      'InvalidResourceLocation',
      `The resource '${name}' cannot be written in location '${location}': its workspace is in location '${expected}'.`,
    );
  }
}
