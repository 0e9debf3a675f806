/** Online deployments: PUT, PATCH of tags and sku, DELETE, lists. */
import { isDeepStrictEqual } from 'node:util';
import {
  type DeploymentRecord,
  type EndpointRecord,
  findDeployment,
  findEndpoint,
  newDeploymentLog,
} from '../model.js';
import { operationHeaders } from './async-operation.js';
import { type ArmCall, type ArmReply, isObject, ok, param } from './call.js';
import { DEPLOYMENT_TYPE, deploymentBody, deploymentId } from './deployment-body.js';
import { type DeploymentSpec, readSku, readSpec } from './deployment-spec.js';
import { checkLocation, checkNotBusy, mustFindEndpoint, objectBody } from './endpoints.js';
import {
  conflict,
  deploymentBroken,
  endpointBroken,
  inferencingRefusal,
  onlineNotFound,
  quotaRefusal,
} from './errors.js';
import { checkEnvironment } from './packages.js';
import { page } from './paging.js';
import { coreLimit, coresUsed } from './quota.js';
import { MAX_DEPLOYMENTS, checkOnlineName, readStrings } from './rules.js';
import { created, modified } from './system-data.js';
import { type VmSize, coresNeeded, vmSize } from './vm-sizes.js';

export function listDeployments(call: ArmCall): ArmReply {
  const endpoint = mustFindEndpoint(call);
  return page(
    call,
    Object.values(endpoint.deployments).map((record) => deploymentBody(call, record)),
  );
}

export function getDeployment(call: ArmCall): ArmReply {
  return ok(deploymentBody(call, mustFindDeployment(call)));
}

export function putDeployment(call: ArmCall): ArmReply {
  const endpoint = mustFindEndpoint(call);
  const name = param(call, 'deployment');
  checkOnlineName('Deployment', name);
  const body = objectBody(call);
  checkLocation(call, body, name);
  const before = findDeployment(endpoint, name);
  const { spec, size } = readSpec(body, before);
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

export function patchDeployment(call: ArmCall): ArmReply {
  const endpoint = mustFindEndpoint(call);
  const deployment = mustFindDeployment(call);
  const body = objectBody(call);
  checkWritable(call, endpoint, deployment, deployment.name);
  let effect: 'scale' | 'metadata' = 'metadata';
  if (isObject(body['sku'])) {
    const sku = readSku({ capacity: deployment.sku.capacity, ...body['sku'] });
    const size = vmSize(deployment.instanceType);
    if (size !== undefined) checkQuota(call, size, sku.capacity, deployment);
    if (sku.capacity !== deployment.sku.capacity) effect = 'scale';
    deployment.sku = sku;
  }
  if (isObject(body['tags'])) deployment.tags = readStrings('tags', body['tags']);
  return write(call, deployment, effect, 202);
}

export function deleteDeployment(call: ArmCall): ArmReply {
  const endpoint = findEndpoint(call.context.state, param(call, 'endpoint'));
  const deployment = findDeployment(endpoint, param(call, 'deployment'));
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

export function getLogs(call: ArmCall): ArmReply {
  const deployment = mustFindDeployment(call);
  const body = isObject(call.body) ? call.body : {};
  const tail = typeof body['tail'] === 'number' && body['tail'] > 0 ? body['tail'] : 5_000;
  const container =
    String(body['containerType'] ?? '').toLowerCase() === 'storageinitializer'
      ? 'StorageInitializer'
      : 'InferenceServer';
  const content = call.context.runtime.logs(
    deployment.endpointName,
    deployment.name,
    container,
    Math.floor(tail),
  );
  return ok({ content });
}

export function listSkus(call: ArmCall): ArmReply {
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
  const deployment = findDeployment(mustFindEndpoint(call), param(call, 'deployment'));
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
  size: VmSize,
  capacity: number,
  before: DeploymentRecord | undefined,
): void {
  const { state, faults } = call.context;
  const beforeSize = before === undefined ? undefined : vmSize(before.instanceType);
  const held =
    before !== undefined && beforeSize?.family === size.family
      ? coresNeeded(beforeSize, before.sku.capacity)
      : 0;
  const needed = Math.max(0, coresNeeded(size, capacity) - held);
  const usage = coresUsed(state, size.family);
  const target = {
    method: call.method,
    path: call.url,
    endpoint: param(call, 'endpoint'),
    deployment: param(call, 'deployment'),
  };
  const forced = faults.take(['quota'], target) !== undefined;
  const limit = forced ? Math.max(0, usage + needed - 2) : coreLimit(state);
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
