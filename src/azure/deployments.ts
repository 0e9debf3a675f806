/**
 * Deployments of an endpoint. Written as plain JSON like the endpoints: the typed client would
 * carry this body, but loses the structure of a failed operation's error. A scale is a PATCH of
 * the SKU: a PUT replaces the tags and drops what 2022-10-01 does not know (data collection).
 */
import { parseShort } from '../common/model-ref.js';
import { isDeepStrictEqual } from 'node:util';
import { record, stateOf, type Json } from './arm-request.js';
import { registeredCode } from './codes.js';
import { registeredEnvironment } from './environments.js';
import { collectorFromWire, collectorToWire } from './data-collector.js';
import { fromIso, toIso } from './duration.js';
import { accepted, endpointPath, textMember, textRecord } from './endpoints.js';
import { AzureError, invalid } from './errors.js';
import { abortOption, checkName, doing, type Scope } from './scope.js';
import { lines } from './text.js';
import type {
  DataCollection,
  Deployment,
  DeploymentSpec,
  LogContainer,
  Operation,
  Probe,
  RequestSettings,
} from './types.js';

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

function deploymentPath(scope: Scope, endpoint: string, name: string): string {
  return `${endpointPath(scope, endpoint)}/deployments/${encodeURIComponent(name)}`;
}

export async function listDeployments(
  scope: Scope,
  endpoint: string,
  signal?: AbortSignal,
): Promise<Deployment[]> {
  checkName('endpoint', endpoint);
  const all = await scope.arm.list(
    `${endpointPath(scope, endpoint)}/deployments`,
    `list the deployments of ${endpoint}`,
    { signal },
  );
  return all.map((raw) => toDeployment(raw, endpoint));
}

export async function createDeployment(
  scope: Scope,
  location: string,
  endpoint: string,
  name: string,
  spec: DeploymentSpec,
  signal?: AbortSignal,
): Promise<Operation> {
  checkName('endpoint', endpoint);
  checkName('deployment', name);
  const what = `create deployment ${name} of ${endpoint}`;
  const path = deploymentPath(scope, endpoint, name);
  const before = await scope.arm.find(path, what, { signal });
  if (before) {
    throw new AzureError({
      kind: 'conflict',
      what,
      message: `Deployment ${name} already exists.`,
      advice: 'Continue with it if it is the one you mean, or choose another name.',
      retrySafe: false,
    });
  }
  const code = spec.codeConfiguration && {
    codeConfiguration: await registeredCode(scope, spec.codeConfiguration, signal),
  };
  const environment =
    spec.packagedEnvironment === undefined
      ? await registeredEnvironment(scope, spec, signal)
      : undefined;
  const body = specToWire(
    location,
    inThisWorkspace(scope, { ...spec, ...code, ...textMember('environment', environment) }),
  );
  return accepted(await scope.arm.write('PUT', path, what, { body, signal }));
}

export async function scaleDeployment(
  scope: Scope,
  endpoint: string,
  name: string,
  instanceCount: number,
  signal?: AbortSignal,
): Promise<Operation> {
  checkName('endpoint', endpoint);
  checkName('deployment', name);
  const what = `scale deployment ${name} of ${endpoint} to ${instanceCount}`;
  if (!Number.isInteger(instanceCount) || instanceCount < 1 || instanceCount > 50) {
    throw invalid(
      what,
      'A deployment has 1 to 50 instances.',
      'Choose a whole number from 1 to 50.',
    );
  }
  const path = deploymentPath(scope, endpoint, name);
  const before = await scope.arm.get(path, what, { signal });
  const body = { sku: { capacity: instanceCount } };
  return accepted(await scope.arm.write('PATCH', path, what, { body, before, signal }));
}

export async function deleteDeployment(
  scope: Scope,
  endpoint: string,
  name: string,
  signal?: AbortSignal,
): Promise<Operation | undefined> {
  checkName('endpoint', endpoint);
  checkName('deployment', name);
  const what = `delete deployment ${name} of ${endpoint}`;
  const path = deploymentPath(scope, endpoint, name);
  const before = await scope.arm.find(path, what, { signal });
  if (!before) return undefined;
  return scope.arm.write('DELETE', path, what, { before, signal });
}

export async function deploymentLogs(
  scope: Scope,
  endpoint: string,
  name: string,
  options: { container?: LogContainer; tail?: number } = {},
  signal?: AbortSignal,
): Promise<string> {
  checkName('endpoint', endpoint);
  checkName('deployment', name);
  const { resourceGroup, workspaceName } = scope.connection;
  return doing(`read the logs of ${name}`, async () => {
    const { content } = await scope.client.onlineDeployments.getLogs(
      resourceGroup,
      workspaceName,
      endpoint,
      name,
      {
        ...(options.container && {
          containerType:
            options.container === 'storage-initializer' ? 'StorageInitializer' : 'InferenceServer',
        }),
        tail: options.tail ?? 200,
      },
      abortOption(signal),
    );
    return lines(content ?? '');
  });
}

/** Azure takes ARM ids; a file names assets of the workspace as `azureml:NAME:VERSION`. */
function inThisWorkspace(scope: Scope, spec: DeploymentSpec): DeploymentSpec {
  const { environment, dataCollector } = spec;
  const idOf = (kind: 'environments' | 'data', reference: string): string => {
    const { name, version } = parseShort(reference) ?? {};
    if (name === undefined || version === undefined) return reference;
    return `${scope.path}/${kind}/${name}/versions/${version}`;
  };
  const collections = Object.entries(dataCollector?.collections ?? {}).map(
    ([name, collection]): [string, DataCollection] => {
      const { dataId } = collection;
      return [
        name,
        { ...collection, ...(dataId !== undefined && { dataId: idOf('data', dataId) }) },
      ];
    },
  );
  return {
    ...spec,
    ...(environment !== undefined && { environment: idOf('environments', environment) }),
    ...(dataCollector && {
      dataCollector: { ...dataCollector, collections: Object.fromEntries(collections) },
    }),
  };
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
