/** Online endpoints: read, create, change only what is named, delete. */
import { record, stateOf, type Json } from './arm-request.js';
import { AzureError } from './errors.js';
import { identityFromWire, identityOnWire, identityToWire } from './identity.js';
import { checkName, type Scope } from './scope.js';
import { sanitizeLine } from '../common/sanitize.js';
import { shownTime } from '../common/shown-time.js';
import { sameSplit, formatSplit, withoutZeros, type Split } from '../common/split.js';
import type { AuthMode, Endpoint, EndpointCreate, EndpointUpdate, Operation } from './types.js';

const AUTH_ON_WIRE: Record<AuthMode, string> = {
  key: 'Key',
  aml_token: 'AMLToken',
  aad_token: 'AADToken',
};

export function endpointPath(scope: Scope, name: string): string {
  return `${scope.path}/onlineEndpoints/${encodeURIComponent(name)}`;
}

export async function listEndpoints(scope: Scope, signal?: AbortSignal): Promise<Endpoint[]> {
  const all = await scope.arm.list(`${scope.path}/onlineEndpoints`, 'list the endpoints', {
    signal,
  });
  return all.map(toEndpoint);
}

export async function getEndpoint(
  scope: Scope,
  name: string,
  signal?: AbortSignal,
): Promise<Endpoint | undefined> {
  checkName('endpoint', name);
  const raw = await scope.arm.find(endpointPath(scope, name), `read endpoint ${name}`, { signal });
  return raw && toEndpoint(raw);
}

export async function createEndpoint(
  scope: Scope,
  location: string,
  name: string,
  spec: EndpointCreate,
  signal?: AbortSignal,
): Promise<Operation> {
  checkName('endpoint', name);
  const what = `create endpoint ${name}`;
  const path = endpointPath(scope, name);
  // A PUT would silently change an endpoint that is there already.
  const before = await scope.arm.find(path, what, { signal });
  if (before) {
    throw new AzureError({
      kind: 'conflict',
      what,
      message: `Endpoint ${name} already exists.`,
      advice: 'Open it, or choose another name.',
      retrySafe: false,
    });
  }
  const body = {
    location: spec.location ?? location,
    tags: spec.tags,
    identity: identityToWire(spec.identity),
    properties: {
      authMode: AUTH_ON_WIRE[spec.authMode],
      ...(spec.description !== undefined && { description: spec.description }),
      properties: spec.properties ?? {},
      // Traffic can't be given at creation: there is no deployment yet.
      traffic: {},
      mirrorTraffic: {},
      ...(spec.publicNetworkAccess && {
        publicNetworkAccess: spec.publicNetworkAccess === 'enabled' ? 'Enabled' : 'Disabled',
      }),
    },
  };
  return accepted(await scope.arm.write('PUT', path, what, { body, signal }));
}

export async function updateEndpoint(
  scope: Scope,
  name: string,
  update: EndpointUpdate,
  signal?: AbortSignal,
): Promise<Operation> {
  checkName('endpoint', name);
  const what = titleOf(name, update);
  const path = endpointPath(scope, name);
  const before = await scope.arm.find(path, what, { signal });
  if (!before) throw drifted(name, what, 'it is gone');
  refuseDrift(name, what, before, update.expect);
  return accepted(
    await scope.arm.write('PUT', path, what, { body: changed(before, update), before, signal }),
  );
}

export async function deleteEndpoint(
  scope: Scope,
  name: string,
  signal?: AbortSignal,
): Promise<Operation | undefined> {
  checkName('endpoint', name);
  const what = `delete endpoint ${name}`;
  const path = endpointPath(scope, name);
  const before = await scope.arm.find(path, what, { signal });
  if (!before) return undefined;
  return scope.arm.write('DELETE', path, what, { before, signal });
}

export function accepted(operation: Operation | undefined): Operation {
  // Only a deletion can find nothing to do.
  if (!operation) throw new Error('A write returned no operation.');
  return operation;
}

function titleOf(name: string, update: EndpointUpdate): string {
  if (update.traffic) return `set the traffic of ${name} to ${formatSplit(update.traffic)}`;
  if (update.mirrorTraffic)
    return `mirror the traffic of ${name} to ${formatSplit(update.mirrorTraffic)}`;
  return `tag endpoint ${name}`;
}

function refuseDrift(
  name: string,
  what: string,
  raw: Json,
  expect: EndpointUpdate['expect'],
): void {
  const { traffic, mirrorTraffic, tags, modifiedAt } = toEndpoint(raw);
  const moved: string[] = [];
  if (expect?.traffic && !sameSplit(expect.traffic, traffic)) {
    moved.push(`its traffic was ${formatSplit(expect.traffic)} and is now ${formatSplit(traffic)}`);
  }
  if (expect?.mirrorTraffic && !sameSplit(expect.mirrorTraffic, mirrorTraffic)) {
    moved.push(
      `its mirrored traffic was ${formatSplit(expect.mirrorTraffic)} and is now ${formatSplit(mirrorTraffic)}`,
    );
  }
  for (const [tag, value] of Object.entries(expect?.tags ?? {})) {
    if (tags[tag] === value) continue;
    moved.push(`its tag ${tag} is now ${sanitizeLine(tags[tag] ?? 'gone')}`);
  }
  if (moved.length > 0) throw drifted(name, what, moved.join('; '), modifiedAt);
}

const drifted = (name: string, what: string, how: string, at?: string): AzureError =>
  new AzureError({
    kind: 'drift',
    what,
    message: `Someone else changed ${name}${at === undefined ? '' : ` at ${shownTime(at)}`}: ${how}. Nothing was sent.`,
    advice: 'Find out who changed it and why, then read it again and decide.',
    retrySafe: false,
  });

// The service's own; it refuses or ignores them in a PUT.
const READ_ONLY = ['provisioningState', 'scoringUri', 'swaggerUri'];
const READ_ONLY_ABOVE = ['id', 'name', 'type', 'systemData', 'etag'];

/** The endpoint as it was read, with only the named members changed. Exported for its test. */
export function changed(before: Json, update: EndpointUpdate): Json {
  const outer = without(before, READ_ONLY_ABOVE);
  const properties = without(record(before['properties']), READ_ONLY);
  if (update.traffic) properties['traffic'] = withoutZeros(update.traffic);
  if (update.mirrorTraffic) properties['mirrorTraffic'] = withoutZeros(update.mirrorTraffic);
  const tags: Json = { ...record(before['tags']) };
  for (const [key, value] of Object.entries(update.tags ?? {})) {
    if (value === null) delete tags[key];
    else tags[key] = value;
  }
  return { ...outer, tags, identity: identityOnWire(before['identity']), properties };
}

function without(object: Json, names: string[]): Json {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => value !== null && !names.includes(name)),
  );
}

export function toEndpoint(raw: Json): Endpoint {
  const properties = record(raw['properties']);
  const auth = String(properties['authMode'] ?? 'Key').toLowerCase();
  return {
    id: String(raw['id'] ?? ''),
    name: String(raw['name'] ?? ''),
    location: String(raw['location'] ?? ''),
    authMode: auth === 'amltoken' ? 'aml_token' : auth === 'aadtoken' ? 'aad_token' : 'key',
    identity: identityFromWire(raw['identity']),
    ...textMember('kubernetes', properties['compute']),
    ...networkAccess(properties['publicNetworkAccess']),
    ...textMember('description', properties['description']),
    properties: textRecord(properties['properties']),
    tags: textRecord(raw['tags']),
    traffic: toSplit(properties['traffic']),
    mirrorTraffic: toSplit(properties['mirrorTraffic']),
    provisioningState: stateOf(raw, `read endpoint ${String(raw['name'] ?? '')}`.trim()),
    ...textMember('scoringUri', properties['scoringUri']),
    ...textMember('swaggerUri', properties['swaggerUri']),
    ...textMember('createdAt', record(raw['systemData'])['createdAt']),
    ...textMember('modifiedAt', record(raw['systemData'])['lastModifiedAt']),
  };
}

function toSplit(raw: unknown): Split {
  return Object.fromEntries(
    Object.entries(record(raw)).map(([name, share]) => [name, Number(share) || 0]),
  );
}

/** `{[name]: value}` when there is one; the service writes null for what is absent. */
export function textMember<N extends string>(name: N, value: unknown): { [K in N]?: string } {
  return typeof value === 'string' && value !== ''
    ? ({ [name]: value } as { [K in N]?: string })
    : {};
}

export function networkAccess(value: unknown): { publicNetworkAccess?: 'enabled' | 'disabled' } {
  const said = String(value ?? '').toLowerCase();
  return said === 'enabled' || said === 'disabled' ? { publicNetworkAccess: said } : {};
}

export function textRecord(raw: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record(raw)).map(([name, value]) => [name, String(value ?? '')]),
  );
}
