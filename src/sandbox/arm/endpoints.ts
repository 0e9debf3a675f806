/** Online endpoints; traffic is effective when the operation is done. */
import * as z from 'zod';
import { isTaken } from '../conditions.js';
import { type PendingEndpoint, findEndpoint } from '../model.js';
import type { EndpointRecord } from '../endpoint-record.js';
import {
  checkMembers,
  endpointBody,
  knowsMember,
  operationHeaders,
  workspaceId,
} from './bodies.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  ENDPOINT,
  RESOURCE,
  WS,
  anyCase,
  anything,
  byPairs,
  created,
  modified,
  ok,
  optionalText,
  orElse,
  page,
  param,
  queryValue,
  readBody,
  stringMap,
  strings,
} from './call.js';
import {
  IdentityBody,
  checkAssigning,
  checkSecretStores,
  grantSecretStores,
  endpointIdentity,
} from './endpoint-identity.js';
import { inferencingRefusal, invalidRequest } from './errors.js';
import {
  MAX_ENDPOINTS,
  checkOnlineName,
  patchesTracked,
  readMirror,
  readTraffic,
} from './rules.js';
import { mustFindEndpoint, checkLocation, checkWritable, checkNotBusy } from './endpoint-checks.js';
import { listKeys, getToken, regenerateKeys, newKey } from './endpoint-keys.js';

export function endpointRoutes(on: AddArmRoute): void {
  on('GET', `${WS}/onlineEndpoints`, listEndpoints);
  on('GET', ENDPOINT, (call) => ok(endpointBody(call, mustFindEndpoint(call))));
  on('PUT', ENDPOINT, putEndpoint);
  on('PATCH', ENDPOINT, patchEndpoint);
  on('DELETE', ENDPOINT, deleteEndpoint);
  on('POST', `${ENDPOINT}/listKeys`, listKeys);
  on('POST', `${ENDPOINT}/token`, getToken);
  on('POST', `${ENDPOINT}/regenerateKeys`, regenerateKeys);
}

const Percentages = z.record(z.string(), z.number());

/** The property bag without what the service itself puts there. */
export const OwnProperties = strings.transform((given) =>
  Object.fromEntries(
    Object.entries(given).filter(
      ([key]) => !/^(azureml\.onlineendpointid|AzureAsyncOperationUri)$/i.test(key),
    ),
  ),
);

const Endpoint = z.strictObject({
  ...RESOURCE,
  kind: anything,
  sku: anything,
  location: z.string().nullish(),
  tags: strings,
  identity: IdentityBody,
  properties: z.strictObject({
    authMode: anyCase(
      ['Key', 'AMLToken', 'AADToken'],
      "The property 'authMode' must be one of Key, AMLToken, AADToken.",
    ),
    description: optionalText,
    properties: OwnProperties,
    traffic: orElse(Percentages, {}),
    mirrorTraffic: orElse(Percentages, {}),
    publicNetworkAccess: orElse(z.string(), 'Enabled'),
    // The service's own, and keys, which only it makes.
    compute: anything,
    keys: anything,
    provisioningState: anything,
    scoringUri: anything,
    swaggerUri: anything,
  }),
});

const EndpointPatch = z.strictObject({
  tags: stringMap.nullish(),
  identity: IdentityBody.nullish(),
  /** Read only where the api-version has it. */
  properties: z
    .object({
      traffic: Percentages.nullish(),
      mirrorTraffic: Percentages.nullish(),
      publicNetworkAccess: z.string().nullish(),
    })
    .nullish(),
});

/** Of the preview whose PATCH takes a tracked resource: the MLflow plugin sends `location` too. */
const TrackedEndpointPatch = EndpointPatch.extend({
  location: anything,
  kind: anything,
  sku: anything,
});

/** Filters and order of "Online Endpoints - List". */
function listEndpoints(call: ArmCall): ArmReply {
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
    throw invalidRequest(
      "The query parameter 'orderBy' must be CreatedAtDesc, CreatedAtAsc, UpdatedAtDesc or UpdatedAtAsc.",
    );
  }
  const key = field.toLowerCase() === 'created' ? 'createdAt' : 'lastModifiedAt';
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  return (a, b) =>
    sign * a.systemData[key].localeCompare(b.systemData[key]) || a.name.localeCompare(b.name);
}

function putEndpoint(call: ArmCall): ArmReply {
  const name = param(call, 'endpoint');
  checkOnlineName('Endpoint', name);
  const { location, identity, tags, properties } = readBody(
    call,
    Endpoint,
    'OnlineEndpoint',
    'OnlineEndpointProperties',
  );
  checkMembers(call, 'OnlineEndpointProperties');
  checkLocation(call, location, name);
  const before = findEndpoint(call.context.state, name);
  const { traffic: wanted, mirrorTraffic: mirrored, authMode, description } = properties;
  const common = {
    tags,
    identity: endpointIdentity(call, identity, before),
    authMode,
    description,
    properties: properties.properties,
    publicNetworkAccess: properties.publicNetworkAccess,
  };

  checkAssigning(call, common);
  if (before === undefined) {
    checkSecretStores(call, common);
    if (Object.keys(call.context.state.endpoints).length >= MAX_ENDPOINTS) {
      throw inferencingRefusal(
        'Endpoint',
        `The subscription already has the most endpoints it can have in this region, ${MAX_ENDPOINTS}.`,
      );
    }
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
    readMirror(mirrored, record, readTraffic(wanted, record));
    grantSecretStores(call, record);
    call.context.state.endpoints[name.toLowerCase()] = record;
    return write(call, record, null, 201);
  }

  checkWritable(call, before);
  const traffic = readTraffic(wanted, before);
  // An api-version that does not know the mirror writes the endpoint without one.
  const mirrorTraffic = knowsMember(call.apiVersion, 'mirrorTraffic')
    ? readMirror(mirrored, before, traffic)
    : {};
  Object.assign(before, common);
  return write(call, before, { traffic, mirrorTraffic }, 201);
}

/** Tags and identity; `properties` only where the api-version has them in a PATCH. */
function patchEndpoint(call: ArmCall): ArmReply {
  const endpoint = mustFindEndpoint(call);
  const { tags, identity, properties } = patchesTracked(call.apiVersion)
    ? readBody(call, TrackedEndpointPatch, 'PartialOnlineEndpointPartialTrackedResource')
    : readBody(call, EndpointPatch, 'PartialOnlineEndpoint');
  checkWritable(call, endpoint);
  let { traffic, mirrorTraffic } = endpoint;
  if (properties && patchesTracked(call.apiVersion)) {
    if (properties.traffic) traffic = readTraffic(properties.traffic, endpoint);
    mirrorTraffic = readMirror(properties.mirrorTraffic ?? mirrorTraffic, endpoint, traffic);
    endpoint.publicNetworkAccess = properties.publicNetworkAccess ?? endpoint.publicNetworkAccess;
  }
  if (tags) endpoint.tags = tags;
  if (identity) endpoint.identity = endpointIdentity(call, identity, endpoint);
  return write(call, endpoint, { traffic, mirrorTraffic }, 202);
}

function deleteEndpoint(call: ArmCall): ArmReply {
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
