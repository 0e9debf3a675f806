/** Online endpoints: created and updated by PUT, traffic effective when the operation is done. */
import { randomBytes } from 'node:crypto';
import { isTaken } from '../conditions.js';
import { type EndpointRecord, type PendingEndpoint, findEndpoint } from '../model.js';
import { operationHeaders } from './async-operation.js';
import {
  type ArmCall,
  type ArmReply,
  type JsonObject,
  isObject,
  ok,
  param,
  queryValue,
} from './call.js';
import { endpointBody } from './endpoint-body.js';
import { readIdentity } from './endpoint-identity.js';
import {
  armError,
  conflict,
  endpointBroken,
  inferencingRefusal,
  invalid,
  onlineNotFound,
} from './errors.js';
import { ENDPOINT_MEMBERS, OUTER_MEMBERS, refuseUnknown } from './members.js';
import { byPairs, page } from './paging.js';
import {
  checkOnlineName,
  knowsMirror,
  patchesProperties,
  readMirror,
  readStrings,
  readTraffic,
} from './rules.js';
import { created, modified } from './system-data.js';
import { workspaceId } from './workspace.js';

const AUTH_MODES: Record<string, EndpointRecord['authMode']> = {
  key: 'Key',
  amltoken: 'AMLToken',
  aadtoken: 'AADToken',
};

/** Filters and order of "Online Endpoints - List". */
export function listEndpoints(call: ArmCall): ArmReply {
  const name = queryValue(call, 'name')?.toLowerCase();
  const compute = queryValue(call, 'computeType')?.toLowerCase();
  const endpoints = Object.values(call.context.state.endpoints)
    .filter((endpoint) => name === undefined || endpoint.name.toLowerCase() === name)
    .filter(() => compute === undefined || compute === 'managed')
    .filter((endpoint) => byPairs(queryValue(call, 'tags'), endpoint.tags))
    .filter((endpoint) => byPairs(queryValue(call, 'properties'), endpoint.properties))
    .toSorted(inOrder(queryValue(call, 'orderBy')));
  return page(
    call,
    endpoints.map((endpoint) => endpointBody(call, endpoint)),
  );
}

function inOrder(orderBy: string | undefined): (a: EndpointRecord, b: EndpointRecord) => number {
  if (orderBy === undefined || orderBy === '') return () => 0;
  const [, field, direction] = /^(Created|Updated)At(Desc|Asc)$/i.exec(orderBy) ?? [];
  if (field === undefined || direction === undefined) {
    throw invalid(
      "The query parameter 'orderBy' must be CreatedAtDesc, CreatedAtAsc, UpdatedAtDesc or UpdatedAtAsc.",
    );
  }
  const key = field.toLowerCase() === 'created' ? 'createdAt' : 'lastModifiedAt';
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  return (a, b) =>
    sign * a.systemData[key].localeCompare(b.systemData[key]) || a.name.localeCompare(b.name);
}

export function getEndpoint(call: ArmCall): ArmReply {
  return ok(endpointBody(call, mustFindEndpoint(call)));
}

export function putEndpoint(call: ArmCall): ArmReply {
  const name = param(call, 'endpoint');
  checkOnlineName('Endpoint', name);
  const body = objectBody(call);
  const before = findEndpoint(call.context.state, name);
  checkLocation(call, body, name);
  const identity = readIdentity(call, body['identity'], before);
  const properties = isObject(body['properties']) ? body['properties'] : {};
  refuseUnknown('OnlineEndpoint', body, OUTER_MEMBERS);
  refuseUnknown('OnlineEndpointProperties', properties, ENDPOINT_MEMBERS);
  const authMode = AUTH_MODES[String(properties['authMode'] ?? '').toLowerCase()];
  if (authMode === undefined)
    throw invalid("The property 'authMode' must be one of Key, AMLToken, AADToken.");
  const common = {
    tags: readStrings('tags', body['tags']),
    identity,
    authMode,
    description: typeof properties['description'] === 'string' ? properties['description'] : null,
    properties: ownProperties(properties['properties']),
    publicNetworkAccess: String(properties['publicNetworkAccess'] ?? 'Enabled'),
  };

  if (before === undefined) {
    if (isTaken(call.context.state, name)) {
      throw inferencingRefusal(
        'EndpointName',
        'There is already an endpoint with this name, Endpoint name needs to be unique within a region',
      );
    }
    const record: EndpointRecord = {
      name,
      location: call.context.state.config.location,
      ...common,
      provisioningState: 'Creating',
      traffic: {},
      mirrorTraffic: {},
      keys: { primary: newKey(), secondary: newKey() },
      everSucceeded: false,
      operation: null,
      systemData: created(call),
      deployments: {},
    };
    // No deployment exists yet, so any name in these is refused.
    const traffic = readTraffic(properties['traffic'], record);
    readMirror(properties['mirrorTraffic'], record, traffic);
    call.context.state.endpoints[name.toLowerCase()] = record;
    return write(call, record, null, 201);
  }

  checkWritable(call, before);
  const traffic = readTraffic(properties['traffic'], before);
  // An api-version that does not know the mirror writes the endpoint without one.
  const mirrorTraffic = knowsMirror(call.apiVersion)
    ? readMirror(properties['mirrorTraffic'], before, traffic)
    : {};
  Object.assign(before, common);
  return write(call, before, { traffic, mirrorTraffic }, 201);
}

/** Tags and identity; `properties` only where the api-version has them in a PATCH. */
export function patchEndpoint(call: ArmCall): ArmReply {
  const endpoint = mustFindEndpoint(call);
  const body = objectBody(call);
  checkWritable(call, endpoint);
  let { traffic, mirrorTraffic } = endpoint;
  const properties = body['properties'];
  if (isObject(properties) && patchesProperties(call.apiVersion)) {
    if (isObject(properties['traffic'])) traffic = readTraffic(properties['traffic'], endpoint);
    const mirror = isObject(properties['mirrorTraffic'])
      ? properties['mirrorTraffic']
      : mirrorTraffic;
    mirrorTraffic = readMirror(mirror, endpoint, traffic);
    if (typeof properties['publicNetworkAccess'] === 'string')
      endpoint.publicNetworkAccess = properties['publicNetworkAccess'];
  }
  if (isObject(body['tags'])) endpoint.tags = readStrings('tags', body['tags']);
  if (isObject(body['identity']))
    endpoint.identity = readIdentity(call, body['identity'], endpoint);
  return write(call, endpoint, { traffic, mirrorTraffic }, 202);
}

export function deleteEndpoint(call: ArmCall): ArmReply {
  const endpoint = findEndpoint(call.context.state, param(call, 'endpoint'));
  if (endpoint === undefined) return { status: 204 };
  checkNotBusy(call, endpoint);
  const operation = call.operations.begin(
    { kind: 'endpoint-delete', endpoint: endpoint.name },
    call,
  );
  endpoint.provisioningState = 'Deleting';
  endpoint.operation = operation.name;
  return { status: 202, body: null, headers: operationHeaders(call, operation) };
}

/** Marks the endpoint as being written and begins the operation. */
function write(
  call: ArmCall,
  endpoint: EndpointRecord,
  pending: PendingEndpoint | null,
  status: number,
): ArmReply {
  if (endpoint.provisioningState !== 'Creating') {
    endpoint.provisioningState = 'Updating';
    endpoint.systemData = modified(call, endpoint.systemData);
  }
  const operation = call.operations.begin(
    {
      kind: 'endpoint-write',
      endpoint: endpoint.name,
      ...(pending === null ? {} : { pending }),
    },
    call,
  );
  endpoint.operation = operation.name;
  const id = `${workspaceId(call.context)}/onlineEndpoints/${endpoint.name}`;
  return {
    status,
    body: endpointBody(call, endpoint),
    headers: operationHeaders(
      call,
      operation,
      status === 201 ? `${call.origin}${id}?api-version=${call.apiVersion}` : undefined,
    ),
  };
}

export function mustFindEndpoint(call: ArmCall): EndpointRecord {
  const endpoint = findEndpoint(call.context.state, param(call, 'endpoint'));
  if (endpoint === undefined) throw onlineNotFound();
  return endpoint;
}

export function checkNotBusy(call: ArmCall, endpoint: EndpointRecord): void {
  if (call.operations.busy(endpoint.name))
    throw conflict(`Resource ${endpoint.name} is in conflicting state`);
}

function checkWritable(call: ArmCall, endpoint: EndpointRecord): void {
  checkNotBusy(call, endpoint);
  if (!endpoint.everSucceeded) throw endpointBroken(endpoint.name);
}

export function objectBody(call: ArmCall): JsonObject {
  if (!isObject(call.body)) throw invalid('The request body must be a JSON object.');
  return call.body;
}

/** `location` is required by ARM, may be written `East US 2`, and is the workspace's. */
export function checkLocation(call: ArmCall, body: JsonObject, name: string): void {
  const location = body['location'];
  if (typeof location !== 'string' || location === '') {
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

/** The property bag without what the service itself puts there. */
export function ownProperties(value: unknown): Record<string, string> {
  const properties = readStrings('properties', value);
  for (const key of Object.keys(properties)) {
    if (/^(azureml\.onlineendpointid|AzureAsyncOperationUri)$/i.test(key)) delete properties[key];
  }
  return properties;
}

export function newKey(): string {
  return randomBytes(32).toString('base64url');
}
