/** Online deployments: PUT, PATCH of tags and sku, DELETE, lists, logs. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import {
  type DeploymentRecord,
  type EndpointRecord,
  deploymentRecord,
  findEndpoint,
  newDeploymentLog,
} from '../model.js';
import {
  checkMembers,
  DEPLOYMENT_TYPE,
  deploymentBody,
  deploymentId,
  operationHeaders,
} from './bodies.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  DEPLOYMENT,
  ENDPOINT,
  RESOURCE,
  anyCase,
  anything,
  created,
  modified,
  ok,
  optionalText,
  orElse,
  orEmpty,
  page,
  param,
  readBody,
  stringMap,
  strings,
} from './call.js';
import {
  type VmSizeOnWire,
  coreLimit,
  coresCounted,
  coresUsed,
  regionLimit,
  vmSize,
} from './compute.js';
import { DataCollectorBody } from './data-collector.js';
import { checkSecretStores } from './endpoint-identity.js';
import { checkLocation, checkNotBusy, mustFindEndpoint, OwnProperties } from './endpoints.js';
import {
  conflict,
  deploymentBroken,
  endpointBroken,
  inferencingRefusal,
  invalidRequest,
  onlineNotFound,
  quotaRefusal,
} from './errors.js';
import { checkEnvironment } from './packages.js';
import {
  MAX_DEPLOYMENTS,
  MAX_INSTANCES,
  MAX_REQUEST_TIMEOUT_MS,
  checkOnlineName,
  durationMs,
  patchesTracked,
} from './rules.js';

export function deploymentRoutes(on: AddArmRoute): void {
  on('GET', `${ENDPOINT}/deployments`, listDeployments);
  on('GET', DEPLOYMENT, (call) => ok(deploymentBody(call, mustFindDeployment(call))));
  on('PUT', DEPLOYMENT, putDeployment);
  on('PATCH', DEPLOYMENT, patchDeployment);
  on('DELETE', DEPLOYMENT, deleteDeployment);
  on('POST', `${DEPLOYMENT}/getLogs`, getLogs);
  on('GET', `${DEPLOYMENT}/skus`, listSkus);
}

/** ISO 8601, as `PT5S`. */
function duration(field: string, fallback: string, mostMs = Infinity) {
  return orElse(
    z
      .string(`'${field}' must be an ISO 8601 duration such as PT5S.`)
      .refine((text) => durationMs(text) !== undefined, {
        error: `'${field}' must be an ISO 8601 duration such as PT5S.`,
        abort: true,
      })
      .refine(
        (text) => durationMs(text)! <= mostMs,
        `'${field}' must not exceed ${mostMs / 1_000} seconds.`,
      ),
    fallback,
  );
}

function count(field: string, fallback: number) {
  const message = `'${field}' must be a whole number of 1 or more.`;
  return orElse(z.int(message).min(1, message), fallback);
}

function probe(field: string) {
  return z.strictObject({
    initialDelay: duration(`${field}.initialDelay`, 'PT10S'),
    period: duration(`${field}.period`, 'PT10S'),
    timeout: duration(`${field}.timeout`, 'PT2S'),
    successThreshold: count(`${field}.successThreshold`, 1),
    failureThreshold: count(`${field}.failureThreshold`, 30),
  });
}

const Sku = z.strictObject({
  name: anything,
  tier: anything,
  size: anything,
  family: anything,
  capacity: anything,
});

const Properties = z.strictObject({
  endpointComputeType: anyCase(
    ['Managed'],
    "The property 'endpointComputeType' must be Managed: the sandbox has no Kubernetes compute.",
  ),
  instanceType: anything,
  model: optionalText,
  modelMountPath: optionalText,
  environmentId: optionalText,
  codeConfiguration: z
    .strictObject({ codeId: optionalText, scoringScript: orElse(z.string(), '') })
    .nullish(),
  environmentVariables: strings,
  description: optionalText,
  properties: OwnProperties,
  scaleSettings: z
    .strictObject({
      // The MLflow plugin leaves it out.
      scaleType: orElse(
        anyCase(['Default'], "A managed deployment's scaleType must be Default."),
        'Default',
      ),
    })
    .nullish(),
  requestSettings: orEmpty(
    z.strictObject({
      requestTimeout: duration('requestTimeout', 'PT5S', MAX_REQUEST_TIMEOUT_MS),
      maxConcurrentRequestsPerInstance: count('maxConcurrentRequestsPerInstance', 1),
      maxQueueWait: duration('maxQueueWait', 'PT0S'),
    }),
  ),
  livenessProbe: orEmpty(probe('livenessProbe')),
  readinessProbe: orEmpty(probe('readinessProbe')),
  startupProbe: probe('startupProbe').nullish(),
  appInsightsEnabled: orElse(z.boolean(), false),
  egressPublicNetworkAccess: anyCase(
    ['Enabled', 'Disabled'],
    "'egressPublicNetworkAccess' must be Enabled or Disabled.",
  )
    .optional()
    .nullable(),
  dataCollector: DataCollectorBody.nullish(),
  // Of one preview.
  privateNetworkConnection: orElse(z.boolean(), false),
  // The service's own.
  provisioningState: anything,
});

/** Names of the members that a deployment's properties may have. */
export const DEPLOYMENT_MEMBERS = Object.keys(Properties.shape);

const Deployment = z.strictObject({
  ...RESOURCE,
  kind: anything,
  identity: anything,
  location: z.string().nullish(),
  tags: strings,
  sku: Sku.nullish(),
  properties: Properties,
});

const DeploymentPatch = z.strictObject({ tags: stringMap.nullish(), sku: Sku.nullish() });

/** Of the preview whose PATCH takes a tracked resource, of which only tags and sku are carried out. */
const TrackedDeploymentPatch = DeploymentPatch.extend({
  identity: anything,
  kind: anything,
  location: anything,
  properties: anything,
});

const LogRequest = z.strictObject({
  tail: orElse(z.number().positive(), 5_000),
  containerType: orElse(z.string(), ''),
});

/** The part of a record that the caller writes. */
type DeploymentSpec = Pick<
  DeploymentRecord,
  | 'tags'
  | 'sku'
  | 'identity'
  | 'instanceType'
  | 'model'
  | 'modelMountPath'
  | 'environmentId'
  | 'codeConfiguration'
  | 'environmentVariables'
  | 'description'
  | 'properties'
  | 'requestSettings'
  | 'livenessProbe'
  | 'readinessProbe'
  | 'startupProbe'
  | 'appInsightsEnabled'
  | 'egressPublicNetworkAccess'
  | 'dataCollector'
  | 'privateNetworkConnection'
>;

/** @param before the deployment as it is, where there is one */
function specOf(
  { tags, sku, identity, properties }: z.output<typeof Deployment>,
  before: DeploymentRecord | undefined,
): { spec: DeploymentSpec; size: VmSizeOnWire } {
  const {
    instanceType,
    egressPublicNetworkAccess: egress,
    endpointComputeType: _compute,
    scaleSettings: _scale,
    provisioningState: _state,
    ...rest
  } = properties;
  const size = typeof instanceType === 'string' ? vmSize(instanceType) : undefined;
  if (size === undefined) {
    throw inferencingRefusal(
      'VmSize',
      `The VM size '${String(instanceType ?? '')}' is not supported for managed online deployments.`,
    );
  }
  if (rest.model === null && rest.environmentId === null)
    throw invalidRequest('A deployment needs a model, or an environment that holds one.');
  const spec = {
    ...rest,
    tags,
    sku: skuOf(sku?.capacity ?? 1),
    identity: identity ?? undefined,
    instanceType: size.name,
    codeConfiguration: rest.codeConfiguration ?? null,
    egressPublicNetworkAccess: egressOf(egress, before),
    startupProbe: rest.startupProbe ?? null,
    dataCollector: rest.dataCollector ?? null,
  };
  return { spec, size };
}

/** `sku` as in PUT and PATCH: 1 to 50 instances. */
function skuOf(capacity: unknown): DeploymentRecord['sku'] {
  if (!Number.isInteger(capacity) || Number(capacity) < 1 || Number(capacity) > MAX_INSTANCES) {
    throw inferencingRefusal(
      'InstanceCount',
      `The instance count must be a whole number from 1 to ${MAX_INSTANCES}; it is ${String(capacity)}.`,
    );
  }
  return { name: 'Default', tier: 'Standard', capacity: Number(capacity) };
}

/**
 * Microsoft Learn, "Network isolation with managed online endpoints", appendix: the flag can not be
 * changed once the deployment is made; an update that tries fails.
 */
function egressOf(
  access: 'Enabled' | 'Disabled' | null | undefined,
  before: DeploymentRecord | undefined,
): string {
  const kept = before?.egressPublicNetworkAccess;
  if (access && kept !== undefined && access.toLowerCase() !== kept.toLowerCase())
    throw inferencingRefusal(
      'EgressPublicNetworkAccess',
      'The egress public network access of a deployment can not be changed after it was created.',
    );
  return access ?? kept ?? 'Enabled';
}

function listDeployments(call: ArmCall): ArmReply {
  const endpoint = mustFindEndpoint(call);
  return page(
    call,
    Object.values(endpoint.deployments).map((record) => deploymentBody(call, record)),
  );
}

function putDeployment(call: ArmCall): ArmReply {
  const endpoint = mustFindEndpoint(call);
  const name = param(call, 'deployment');
  checkOnlineName('Deployment', name);
  const body = readBody(call, Deployment, 'OnlineDeployment', 'ManagedOnlineDeployment');
  checkLocation(call, body.location, name);
  checkMembers(call, 'ManagedOnlineDeployment');
  const before = deploymentRecord(endpoint, name);
  const { spec, size } = specOf(body, before);
  if (spec.environmentId !== null) checkEnvironment(call, spec.environmentId);
  checkWritable(call, endpoint, before, name);
  if (before === undefined && Object.keys(endpoint.deployments).length >= MAX_DEPLOYMENTS) {
    throw inferencingRefusal(
      'Deployment',
      `Endpoint '${endpoint.name}' already has the most deployments it can have, ${MAX_DEPLOYMENTS}.`,
    );
  }
  checkQuota(call, size, spec.sku.capacity, before);

  if (before === undefined) {
    checkSecretStores(call, endpoint);
    const record: DeploymentRecord = {
      name,
      endpointName: endpoint.name,
      location: endpoint.location,
      ...spec,
      provisioningState: 'Creating',
      everSucceeded: false,
      operation: null,
      systemData: created(call),
      log: newDeploymentLog(),
    };
    endpoint.deployments[name.toLowerCase()] = record;
    return write(call, record, 'start', 201);
  }
  const effect = effectOf(before, spec);
  Object.assign(before, spec);
  return write(call, before, effect, 201);
}

function patchDeployment(call: ArmCall): ArmReply {
  const endpoint = mustFindEndpoint(call);
  const deployment = mustFindDeployment(call);
  const body = patchesTracked(call.apiVersion)
    ? readBody(call, TrackedDeploymentPatch, 'PartialOnlineDeploymentPartialTrackedResource')
    : readBody(call, DeploymentPatch, 'PartialOnlineDeployment');
  checkWritable(call, endpoint, deployment, deployment.name);
  let effect: 'scale' | 'metadata' = 'metadata';
  if (body.sku) {
    const sku = skuOf(body.sku.capacity ?? deployment.sku.capacity);
    const size = vmSize(deployment.instanceType);
    if (size !== undefined) checkQuota(call, size, sku.capacity, deployment);
    if (sku.capacity !== deployment.sku.capacity) effect = 'scale';
    deployment.sku = sku;
  }
  if (body.tags) deployment.tags = body.tags;
  return write(call, deployment, effect, 202);
}

function deleteDeployment(call: ArmCall): ArmReply {
  const endpoint = findEndpoint(call.context.state, param(call, 'endpoint'));
  const deployment = deploymentRecord(endpoint, param(call, 'deployment'));
  if (endpoint === undefined || deployment === undefined) return { status: 204 };
  checkNotBusy(call, endpoint);
  const live = endpoint.traffic[deployment.name] ?? 0;
  const mirrored = endpoint.mirrorTraffic[deployment.name] ?? 0;
  if (live > 0 || mirrored > 0) {
    throw inferencingRefusal(
      'Deployment',
      `Deployment '${deployment.name}' cannot be deleted while it receives ${live > 0 ? `${live} percent of live` : `${mirrored} percent of mirrored`} traffic. Set its traffic to 0 first.`,
    );
  }
  const operation = call.operations.begin(
    { kind: 'deployment-delete', endpoint: endpoint.name, deployment: deployment.name },
    call,
  );
  deployment.provisioningState = 'Deleting';
  deployment.operation = operation.name;
  return { status: 202, body: null, headers: operationHeaders(call, operation) };
}

function getLogs(call: ArmCall): ArmReply {
  const { endpointName, name } = mustFindDeployment(call);
  const { tail, containerType } = readBody(call, orEmpty(LogRequest), 'DeploymentLogsRequest');
  const container =
    containerType.toLowerCase() === 'storageinitializer' ? 'StorageInitializer' : 'InferenceServer';
  const content = call.context.runtime.logs(endpointName, name, container, Math.floor(tail));
  return ok({ content });
}

function listSkus(call: ArmCall): ArmReply {
  mustFindDeployment(call);
  return ok({
    value: [
      {
        resourceType: DEPLOYMENT_TYPE,
        sku: { name: 'Default', tier: 'Standard' },
        capacity: { minimum: 1, maximum: 50, default: 1, scaleType: 'Manual' },
      },
    ],
  });
}

function mustFindDeployment(call: ArmCall): DeploymentRecord {
  const deployment = deploymentRecord(mustFindEndpoint(call), param(call, 'deployment'));
  if (deployment === undefined) throw onlineNotFound();
  return deployment;
}

function checkWritable(
  call: ArmCall,
  endpoint: EndpointRecord,
  deployment: DeploymentRecord | undefined,
  name: string,
): void {
  const state = endpoint.provisioningState;
  if (state === 'Failed' && !endpoint.everSucceeded) throw endpointBroken(endpoint.name);
  if (state !== 'Succeeded') {
    throw conflict(
      `Cannot create a deployment in endpoint ${endpoint.name} because it is in ${state} provisioning state.`,
    );
  }
  checkNotBusy(call, endpoint);
  if (deployment?.everSucceeded === false) throw deploymentBroken(name);
}

/** Only what is needed beyond what this deployment holds already counts. */
function checkQuota(
  call: ArmCall,
  size: VmSizeOnWire,
  capacity: number,
  before: DeploymentRecord | undefined,
): void {
  const { state, faults } = call.context;
  const beforeSize = before === undefined ? undefined : vmSize(before.instanceType);
  const held =
    before !== undefined && beforeSize?.family === size.family
      ? coresCounted(beforeSize, before.sku.capacity)
      : 0;
  const needed = Math.max(0, coresCounted(size, capacity) - held);
  const usage = coresUsed(state, size.family);
  const target = {
    method: call.method,
    path: call.url,
    endpoint: param(call, 'endpoint'),
    deployment: param(call, 'deployment'),
  };
  const forced = faults.take(['quota'], target) !== undefined;
  const limit = forced ? Math.max(0, usage + needed - 2) : coreLimit(state);
  const all = coresUsed(state);
  if (needed > 0 && all + needed > regionLimit(state)) {
    throw quotaRefusal(
      size.name,
      state.config.subscriptionId,
      { usage: all, limit: regionLimit(state), needed },
      call.correlation.operation,
    );
  }
  if (forced || (needed > 0 && usage + needed > limit)) {
    throw quotaRefusal(
      size.name,
      state.config.subscriptionId,
      { usage, limit, needed },
      call.correlation.operation,
    );
  }
}

/** What a container is made of: with any of it changed, new ones are started. */
const OF_THE_CONTAINER = [
  'model',
  'modelMountPath',
  'instanceType',
  'environmentId',
  'codeConfiguration',
  'environmentVariables',
  'requestSettings',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'egressPublicNetworkAccess',
] as const satisfies readonly (keyof DeploymentSpec)[];

/** A change of tags or of the number of instances leaves the containers alone. */
function effectOf(before: DeploymentRecord, spec: DeploymentSpec): 'start' | 'scale' | 'metadata' {
  if (before.provisioningState === 'Failed') return 'start';
  if (OF_THE_CONTAINER.some((key) => !isDeepStrictEqual(before[key], spec[key]))) return 'start';
  return before.sku.capacity === spec.sku.capacity ? 'metadata' : 'scale';
}

function write(
  call: ArmCall,
  deployment: DeploymentRecord,
  effect: 'start' | 'scale' | 'metadata',
  status: number,
): ArmReply {
  deployment.systemData = modified(call, deployment.systemData);
  if (deployment.provisioningState !== 'Creating')
    deployment.provisioningState = effect === 'scale' ? 'Scaling' : 'Updating';
  const operation = call.operations.begin(
    {
      kind: 'deployment-write',
      endpoint: deployment.endpointName,
      deployment: deployment.name,
      effect,
    },
    call,
  );
  deployment.operation = operation.name;
  const id = deploymentId(call, deployment);
  return {
    status,
    body: deploymentBody(call, deployment),
    headers: operationHeaders(
      call,
      operation,
      status === 201 ? `${call.origin}${id}?api-version=${call.apiVersion}` : undefined,
    ),
  };
}
