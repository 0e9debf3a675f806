/** A deployment as Azure sends and takes it. */
import { isDeepStrictEqual } from 'node:util';
import { record, stateOf, type Json } from './arm-request.js';
import { collectorFromWire, collectorToWire } from './data-collector.js';
import { fromIso, toIso } from './duration.js';
import { textMember, textRecord } from './endpoints.js';
import type { Deployment, DeploymentSpec, Probe, RequestSettings } from './types.js';

/** Azure does not say which model a packaged environment holds, so the deployment's tags do. */
const MODEL_TAG = 'aml-rollout.model';

/** `name:version`: a tag's value has 256 characters at most, which an ARM id may exceed. */
function modelInTag(model: string): string {
  return model.split('/').slice(-3).join('/').replace('/versions/', ':');
}

function modelFromTag(deploymentId: string, tag: string | undefined): string {
  const [name = '', version = ''] = (tag ?? '').split(':');
  const workspace = deploymentId.split(/\/onlineEndpoints\//i)[0] ?? '';
  return name === '' || version === '' ? '' : `${workspace}/models/${name}/versions/${version}`;
}

/** Exported for its test. */
export function specToWire(location: string, spec: DeploymentSpec): Json {
  const settings = spec.requestSettings;
  return {
    location,
    tags: {
      ...spec.tags,
      ...(spec.packagedEnvironment !== undefined && { [MODEL_TAG]: modelInTag(spec.model) }),
    },
    properties: {
      ...(spec.description !== undefined && { description: spec.description }),
      environmentVariables: spec.environmentVariables ?? {},
      properties: spec.properties ?? {},
      appInsightsEnabled: spec.appInsightsEnabled ?? false,
      endpointComputeType: 'Managed',
      instanceType: spec.instanceType,
      ...(spec.packagedEnvironment === undefined
        ? { model: spec.model, ...textMember('environmentId', spec.environment) }
        : { environmentId: spec.packagedEnvironment }),
      ...textMember('modelMountPath', spec.modelMountPath),
      ...(spec.codeConfiguration && { codeConfiguration: spec.codeConfiguration }),
      ...(spec.dataCollector && { dataCollector: collectorToWire(spec.dataCollector) }),
      ...(settings && {
        requestSettings: {
          requestTimeout: isoOf(settings.requestTimeoutMs, 1),
          maxConcurrentRequestsPerInstance: settings.maxConcurrentRequestsPerInstance,
          maxQueueWait: isoOf(settings.maxQueueWaitMs, 1),
        },
      }),
      ...(spec.livenessProbe && { livenessProbe: probeToWire(spec.livenessProbe) }),
      ...(spec.readinessProbe && { readinessProbe: probeToWire(spec.readinessProbe) }),
      ...(spec.startupProbe && { startupProbe: probeToWire(spec.startupProbe) }),
      ...(spec.egressPublicNetworkAccess && {
        egressPublicNetworkAccess:
          spec.egressPublicNetworkAccess === 'enabled' ? 'Enabled' : 'Disabled',
      }),
    },
    sku: { name: 'Default', capacity: spec.instanceCount },
  };
}

export function toDeployment(raw: Json, endpointName: string): Deployment {
  const properties = record(raw['properties']);
  const sku = record(raw['sku']);
  const settings = settingsFromWire(properties['requestSettings']);
  const liveness = probeFromWire(properties['livenessProbe']);
  const readiness = probeFromWire(properties['readinessProbe']);
  const startup = probeFromWire(properties['startupProbe']);
  const collector = collectorFromWire(properties['dataCollector']);
  const code = record(properties['codeConfiguration']);
  const other = otherMembers(raw);
  // The service writes its own beside the caller's.
  const { AzureAsyncOperationUri: _, ...bag } = textRecord(properties['properties']);
  const egress = String(properties['egressPublicNetworkAccess'] ?? '').toLowerCase();
  const id = String(raw['id'] ?? '');
  const tags = textRecord(raw['tags']);
  const model = String(properties['model'] ?? '');
  const environment = properties['environmentId'];
  return {
    id,
    name: String(raw['name'] ?? ''),
    endpointName,
    provisioningState: stateOf(raw, `read deployment ${String(raw['name'] ?? '')}`.trim()),
    model: model || modelFromTag(id, tags[MODEL_TAG]),
    ...textMember(model === '' ? 'packagedEnvironment' : 'environment', environment),
    ...textMember('modelMountPath', properties['modelMountPath']),
    ...(typeof code['scoringScript'] === 'string' && {
      codeConfiguration: {
        ...textMember('codeId', code['codeId']),
        scoringScript: code['scoringScript'],
      },
    }),
    ...(collector && { dataCollector: collector }),
    instanceType: String(properties['instanceType'] ?? ''),
    instanceCount: Number(sku['capacity'] ?? 1),
    ...textMember('description', properties['description']),
    tags,
    environmentVariables: textRecord(properties['environmentVariables']),
    ...(settings && { requestSettings: settings }),
    ...(liveness && { livenessProbe: liveness }),
    ...(readiness && { readinessProbe: readiness }),
    ...(startup && { startupProbe: startup }),
    appInsightsEnabled: properties['appInsightsEnabled'] === true,
    ...((egress === 'enabled' || egress === 'disabled') && { egressPublicNetworkAccess: egress }),
    ...(Object.keys(bag).length > 0 && { properties: bag }),
    ...(Object.keys(other).length > 0 && { otherMembers: other }),
    ...textMember('createdAt', record(raw['systemData'])['createdAt']),
  };
}

/** Read above, or the service's own, which it refuses or ignores in a PUT. */
const KNOWN = {
  outer: [
    'id',
    'name',
    'type',
    'location',
    'tags',
    'kind',
    'sku',
    'properties',
    'systemData',
    'etag',
  ],
  sku: ['name', 'capacity'],
  properties: [
    'endpointComputeType',
    'provisioningState',
    'model',
    'environmentId',
    'modelMountPath',
    'codeConfiguration',
    'instanceType',
    'description',
    'environmentVariables',
    'properties',
    'requestSettings',
    'livenessProbe',
    'readinessProbe',
    'startupProbe',
    'appInsightsEnabled',
    'egressPublicNetworkAccess',
    'dataCollector',
  ],
};

const PROBE = ['initialDelay', 'period', 'timeout', 'successThreshold', 'failureThreshold'];

/** Members of those properties that are objects of their own. */
const KNOWN_PARTS: Record<string, readonly string[]> = {
  requestSettings: ['requestTimeout', 'maxConcurrentRequestsPerInstance', 'maxQueueWait'],
  livenessProbe: PROBE,
  readinessProbe: PROBE,
  startupProbe: PROBE,
  codeConfiguration: ['codeId', 'scoringScript'],
  dataCollector: ['collections', 'rollingRate', 'requestLogging'],
};

const KNOWN_OF_COLLECTION = ['dataCollectionMode', 'samplingRate', 'dataId', 'clientId'];

/** What Azure itself puts there, so that leaving it out loses nothing. */
const DEFAULTS: Json = {
  identity: { type: 'None' },
  'sku.tier': 'Standard',
  scaleSettings: { scaleType: 'Default' },
  privateNetworkConnection: false,
};

/** What a definition holds beyond what a `DeploymentSpec` can say. */
function otherMembers(raw: Json): Json {
  const properties = record(raw['properties']);
  const collector = record(properties['dataCollector']);
  const members = [
    ...rest(raw, KNOWN.outer, ''),
    ...rest(record(raw['sku']), KNOWN.sku, 'sku.'),
    ...rest(properties, KNOWN.properties, ''),
    ...Object.entries(KNOWN_PARTS).flatMap(([name, known]) =>
      rest(record(properties[name]), known, `${name}.`),
    ),
    ...rest(
      record(collector['requestLogging']),
      ['captureHeaders'],
      'dataCollector.requestLogging.',
    ),
    ...Object.entries(record(collector['collections'])).flatMap(([name, each]) =>
      rest(record(each), KNOWN_OF_COLLECTION, `dataCollector.collections.${name}.`),
    ),
  ];
  return Object.fromEntries(
    members.filter(([name, value]) => !isDeepStrictEqual(DEFAULTS[name], value)),
  );
}

function rest(object: Json, known: readonly string[], prefix: string): [string, unknown][] {
  return Object.entries(object)
    .filter(([name, value]) => value !== null && !known.includes(name))
    .map(([name, value]) => [`${prefix}${name}`, value]);
}

function settingsFromWire(raw: unknown): RequestSettings | undefined {
  const settings = record(raw);
  const requestTimeoutMs = fromIso(settings['requestTimeout']);
  // Azure writes PT0S while it is still making the deployment.
  if (requestTimeoutMs === 0) return undefined;
  return {
    requestTimeoutMs,
    maxConcurrentRequestsPerInstance: Number(settings['maxConcurrentRequestsPerInstance'] ?? 1),
    maxQueueWaitMs: fromIso(settings['maxQueueWait']),
  };
}

/** What is not said is not sent: as for `az`, it is Azure's default then. */
const isoOf = (value: number | undefined, ms: number): string | undefined =>
  value === undefined ? undefined : toIso(value * ms);

function probeToWire(probe: Partial<Probe>): Json {
  return {
    initialDelay: isoOf(probe.initialDelay, 1000),
    period: isoOf(probe.period, 1000),
    timeout: isoOf(probe.timeout, 1000),
    successThreshold: probe.successThreshold,
    failureThreshold: probe.failureThreshold,
  };
}

function probeFromWire(raw: unknown): Probe | undefined {
  const probe = record(raw);
  if (Object.keys(probe).length === 0) return undefined;
  return {
    initialDelay: fromIso(probe['initialDelay']) / 1000,
    period: fromIso(probe['period']) / 1000,
    timeout: fromIso(probe['timeout']) / 1000,
    successThreshold: Number(probe['successThreshold'] ?? 1),
    failureThreshold: Number(probe['failureThreshold'] ?? 30),
  };
}
