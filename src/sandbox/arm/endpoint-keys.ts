/** Keys and tokens of an endpoint. */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { issueScoringToken } from '../identity.js';
import type { EndpointRecord } from '../endpoint-record.js';
import { operationHeaders } from './bodies.js';
import { type ArmCall, type ArmReply, anyCase, ok, optionalText, readBody } from './call.js';
import { endpointBroken, inferencingRefusal } from './errors.js';
import { mustFindEndpoint, checkNotBusy } from './endpoint-checks.js';

const KeyRequest = z.strictObject({
  keyType: anyCase(
    ['Primary', 'Secondary'],
    "The property 'keyType' must be Primary or Secondary.",
  ),
  keyValue: optionalText,
});

export function newKey(): string {
  return randomBytes(32).toString('base64url');
}

export function listKeys(call: ArmCall): ArmReply {
  const endpoint = withAuthMode(call, 'Key', 'Keys');
  return ok({ primaryKey: endpoint.keys.primary, secondaryKey: endpoint.keys.secondary });
}

/** A token for 24 hours; times in unix seconds. */
export function getToken(call: ArmCall): ArmReply {
  const endpoint = withAuthMode(call, 'AMLToken', 'Tokens');
  const { state, clock, save } = call.context;
  const before = state.config.scoringTokenSecret;
  const token = issueScoringToken(state.config, endpoint.name, clock.now());
  if (before === undefined) save();
  return ok({ ...token, tokenType: 'Bearer' });
}

export function regenerateKeys(call: ArmCall): ArmReply {
  const endpoint = withAuthMode(call, 'Key', 'Keys');
  const { keyType, keyValue } = readBody(call, KeyRequest, 'RegenerateEndpointKeysRequest');
  checkNotBusy(call, endpoint);
  const type = keyType === 'Primary' ? 'primary' : 'secondary';
  // azure-ai-ml asks for a new key by sending the present one.
  endpoint.keys[type] = keyValue !== null && keyValue !== endpoint.keys[type] ? keyValue : newKey();
  const operation = call.operations.begin(
    { kind: 'regenerate-keys', endpoint: endpoint.name },
    call,
  );
  endpoint.provisioningState = 'Updating';
  endpoint.operation = operation.name;
  return { status: 202, body: null, headers: operationHeaders(call, operation) };
}

function withAuthMode(
  call: ArmCall,
  mode: EndpointRecord['authMode'],
  what: string,
): EndpointRecord {
  const endpoint = mustFindEndpoint(call);
  if (endpoint.authMode !== mode) {
    throw inferencingRefusal(
      'AuthMode',
      `${what} are not available for endpoint '${endpoint.name}': its auth mode is ${endpoint.authMode}.`,
    );
  }
  if (!endpoint.everSucceeded) throw endpointBroken(endpoint.name);
  return endpoint;
}
