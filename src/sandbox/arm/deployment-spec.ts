/** Reads and checks the body of a deployment's PUT. */
import type { DeploymentRecord, ProbeSettings } from '../model.js';
import { type JsonObject, isObject } from './call.js';
import { inferencingRefusal, invalid } from './errors.js';
import { durationMs } from './iso-duration.js';
import { ownProperties } from './endpoints.js';
import { DEPLOYMENT_MEMBERS, OUTER_MEMBERS, refuseUnknown } from './members.js';
import { MAX_INSTANCES, MAX_REQUEST_TIMEOUT_MS, readStrings } from './rules.js';
import { type VmSize, vmSize } from './vm-sizes.js';

/** The part of a record that the caller writes. */
export type DeploymentSpec = Pick<
  DeploymentRecord,
  | 'tags'
  | 'sku'
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
>;

/** @param before the deployment as it is, where there is one */
export function readSpec(
  body: JsonObject,
  before?: DeploymentRecord,
): { spec: DeploymentSpec; size: VmSize } {
  const properties = body['properties'];
  if (!isObject(properties)) throw invalid("The property 'properties' is required.");
  refuseUnknown('OnlineDeployment', body, OUTER_MEMBERS);
  refuseUnknown('ManagedOnlineDeployment', properties, DEPLOYMENT_MEMBERS);
  const compute = String(properties['endpointComputeType'] ?? '').toLowerCase();
  if (compute !== 'managed') {
    throw invalid(
      "The property 'endpointComputeType' must be Managed: the sandbox has no Kubernetes compute.",
    );
  }
  const scale = properties['scaleSettings'];
  if (isObject(scale) && String(scale['scaleType'] ?? 'Default').toLowerCase() !== 'default')
    throw invalid("A managed deployment's scaleType must be Default.");
  const instanceType = properties['instanceType'];
  const size = typeof instanceType === 'string' ? vmSize(instanceType) : undefined;
  if (size === undefined) {
    throw inferencingRefusal(
      'VmSize',
      `The VM size '${String(instanceType ?? '')}' is not supported for managed online deployments.`,
    );
  }
  const model = optionalText('model', properties['model']);
  const environmentId = optionalText('environmentId', properties['environmentId']);
  if (model === null && environmentId === null)
    throw invalid('A deployment needs a model, or an environment that holds one.');
  const code = properties['codeConfiguration'];
  return {
    size,
    spec: {
      tags: readStrings('tags', body['tags']),
      sku: readSku(body['sku']),
      instanceType: size.name,
      model,
      environmentId,
      modelMountPath: optionalText('modelMountPath', properties['modelMountPath']),
      codeConfiguration: isObject(code)
        ? {
            codeId: optionalText('codeId', code['codeId']),
            scoringScript: String(code['scoringScript'] ?? ''),
          }
        : null,
      environmentVariables: readStrings('environmentVariables', properties['environmentVariables']),
      description: optionalText('description', properties['description']),
      properties: ownProperties(properties['properties']),
      requestSettings: readRequestSettings(properties['requestSettings']),
      livenessProbe: readProbe('livenessProbe', properties['livenessProbe']),
      readinessProbe: readProbe('readinessProbe', properties['readinessProbe']),
      startupProbe: isObject(properties['startupProbe'])
        ? readProbe('startupProbe', properties['startupProbe'])
        : null,
      appInsightsEnabled: properties['appInsightsEnabled'] === true,
      egressPublicNetworkAccess: readEgress(properties['egressPublicNetworkAccess'], before),
      dataCollector: properties['dataCollector'] ?? null,
    },
  };
}

/** `sku` as in PUT and PATCH: 1 to 50 instances. */
export function readSku(value: unknown): DeploymentRecord['sku'] {
  const sku = isObject(value) ? value : {};
  const capacity = sku['capacity'] ?? 1;
  if (
    typeof capacity !== 'number' ||
    !Number.isInteger(capacity) ||
    capacity < 1 ||
    capacity > MAX_INSTANCES
  ) {
    throw inferencingRefusal(
      'InstanceCount',
      `The instance count must be a whole number from 1 to ${MAX_INSTANCES}; it is ${String(capacity)}.`,
    );
  }
  return { name: 'Default', tier: 'Standard', capacity };
}

/**
 * Microsoft Learn, "Network isolation with managed online endpoints", appendix: the flag can not be
 * changed once the deployment is made; an update that tries fails.
 */
function readEgress(value: unknown, before: DeploymentRecord | undefined): string {
  const kept = before?.egressPublicNetworkAccess;
  if (value === undefined || value === null) return kept ?? 'Enabled';
  const access = ['Enabled', 'Disabled'].find(
    (one) => one.toLowerCase() === String(value).toLowerCase(),
  );
  if (access === undefined)
    throw invalid("'egressPublicNetworkAccess' must be Enabled or Disabled.");
  if (kept !== undefined && access.toLowerCase() !== kept.toLowerCase())
    throw inferencingRefusal(
      'EgressPublicNetworkAccess',
      'The egress public network access of a deployment can not be changed after it was created.',
    );
  return access;
}

function readRequestSettings(value: unknown): DeploymentRecord['requestSettings'] {
  const settings = isObject(value) ? value : {};
  const concurrency = settings['maxConcurrentRequestsPerInstance'] ?? 1;
  if (typeof concurrency !== 'number' || !Number.isInteger(concurrency) || concurrency < 1)
    throw invalid("'maxConcurrentRequestsPerInstance' must be a whole number of 1 or more.");
  return {
    requestTimeout: duration(
      'requestTimeout',
      settings['requestTimeout'],
      'PT5S',
      MAX_REQUEST_TIMEOUT_MS,
    ),
    maxConcurrentRequestsPerInstance: concurrency,
    maxQueueWait: duration('maxQueueWait', settings['maxQueueWait'], 'PT0S'),
  };
}

function readProbe(field: string, value: unknown): ProbeSettings {
  const probe = isObject(value) ? value : {};
  const threshold = (name: string, fallback: number): number => {
    const given = probe[name] ?? fallback;
    if (typeof given !== 'number' || !Number.isInteger(given) || given < 1)
      throw invalid(`'${field}.${name}' must be a whole number of 1 or more.`);
    return given;
  };
  return {
    initialDelay: duration(`${field}.initialDelay`, probe['initialDelay'], 'PT10S'),
    period: duration(`${field}.period`, probe['period'], 'PT10S'),
    timeout: duration(`${field}.timeout`, probe['timeout'], 'PT2S'),
    successThreshold: threshold('successThreshold', 1),
    failureThreshold: threshold('failureThreshold', 30),
  };
}

function duration(field: string, value: unknown, fallback: string, mostMs?: number): string {
  if (value === undefined || value === null) return fallback;
  const ms = typeof value === 'string' ? durationMs(value) : undefined;
  if (typeof value !== 'string' || ms === undefined)
    throw invalid(`'${field}' must be an ISO 8601 duration such as PT5S.`);
  if (mostMs !== undefined && ms > mostMs)
    throw invalid(`'${field}' must not exceed ${mostMs / 1_000} seconds.`);
  return value;
}

function optionalText(field: string, value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') throw invalid(`The property '${field}' must be a string.`);
  return value;
}
