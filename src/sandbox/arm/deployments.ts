/** Online deployments: PUT, PATCH of tags and sku, DELETE, lists, logs. */
import * as z from 'zod';
import { deploymentRecord, findEndpoint } from '../model.js';
import {
  type DeploymentRecord,
  type EndpointRecord,
  newDeploymentLog,
} from '../endpoint-record.js';
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
  created,
  modified,
  ok,
  orElse,
  orEmpty,
  page,
  param,
  readBody,
} from './call.js';
import {
  type VmSizeOnWire,
  coreLimit,
  coresCounted,
  coresUsed,
  regionLimit,
  vmSize,
} from './compute.js';
import { checkSecretStores } from './endpoint-identity.js';
import { checkLocation, checkNotBusy, mustFindEndpoint } from './endpoint-checks.js';
import {
  conflict,
  deploymentBroken,
  endpointBroken,
  inferencingRefusal,
  onlineNotFound,
  quotaRefusal,
} from './errors.js';
import { checkEnvironment } from './packages.js';
import { MAX_DEPLOYMENTS, checkOnlineName, patchesTracked } from './rules.js';
import {
  NewDeployment,
  DeploymentPatch,
  TrackedDeploymentPatch,
  askedSpec,
  skuOf,
  effectOf,
} from './deployment-spec.js';

export function deploymentRoutes(on: AddArmRoute): void {
  on('GET', `${ENDPOINT}/deployments`, listDeployments);
  on('GET', DEPLOYMENT, (call) => ok(deploymentBody(call, mustFindDeployment(call))));
  on('PUT', DEPLOYMENT, putDeployment);
  on('PATCH', DEPLOYMENT, patchDeployment);
  on('DELETE', DEPLOYMENT, deleteDeployment);
  on('POST', `${DEPLOYMENT}/getLogs`, getLogs);
  on('GET', `${DEPLOYMENT}/skus`, listSkus);
}

const LogRequest = z.strictObject({
  tail: orElse(z.number().positive(), 5_000),
  containerType: orElse(z.string(), ''),
});

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
  const body = readBody(call, NewDeployment, 'OnlineDeployment', 'ManagedOnlineDeployment');
  checkLocation(call, body.location, name);
  checkMembers(call, 'ManagedOnlineDeployment');
  const before = deploymentRecord(endpoint, name);
  const { spec, size } = askedSpec(body, before);
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
