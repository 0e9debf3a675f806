/** Keys and tokens of an endpoint, by its auth mode. */
import { issueScoringToken } from '../scoring-token.js';
import { operationHeaders } from './async-operation.js';
import { type ArmCall, type ArmReply, isObject, ok } from './call.js';
import { checkNotBusy, mustFindEndpoint, newKey } from './endpoints.js';
import { endpointBroken, inferencingRefusal, invalid } from './errors.js';
import type { EndpointRecord } from '../model.js';

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
  const body = isObject(call.body) ? call.body : {};
  const type = String(body['keyType'] ?? '').toLowerCase();
  if (type !== 'primary' && type !== 'secondary')
    throw invalid("The property 'keyType' must be Primary or Secondary.");
  checkNotBusy(call, endpoint);
  const given = body['keyValue'];
  // azure-ai-ml asks for a new key by sending the present one.
  const chosen = typeof given === 'string' && given !== '' && given !== endpoint.keys[type];
  endpoint.keys[type] = chosen ? given : newKey();
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
