/** What a deployment's body may ask for, and what is kept of it. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import type { DeploymentRecord } from '../endpoint-record.js';
import {
  RESOURCE,
  anyCase,
  anything,
  optionalText,
  orElse,
  orEmpty,
  stringMap,
  strings,
} from './call.js';
import { type VmSizeOnWire, vmSize } from './compute.js';
import { DataCollectorBody } from './data-collector.js';
import { OwnProperties } from './endpoints.js';
import { inferencingRefusal, invalidRequest } from './errors.js';
import { MAX_INSTANCES, MAX_REQUEST_TIMEOUT_MS, durationMs } from './rules.js';

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

export const NewDeployment = z.strictObject({
  ...RESOURCE,
  kind: anything,
  identity: anything,
  location: z.string().nullish(),
  tags: strings,
  sku: Sku.nullish(),
  properties: Properties,
});

export const DeploymentPatch = z.strictObject({ tags: stringMap.nullish(), sku: Sku.nullish() });

/** Of the preview whose PATCH takes a tracked resource, of which only tags and sku are carried out. */
export const TrackedDeploymentPatch = DeploymentPatch.extend({
  identity: anything,
  kind: anything,
  location: anything,
  properties: anything,
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
export function askedSpec(
  { tags, sku, identity, properties }: z.output<typeof NewDeployment>,
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
export function skuOf(capacity: unknown): DeploymentRecord['sku'] {
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
export function effectOf(
  before: DeploymentRecord,
  spec: DeploymentSpec,
): 'start' | 'scale' | 'metadata' {
  if (before.provisioningState === 'Failed') return 'start';
  if (OF_THE_CONTAINER.some((key) => !isDeepStrictEqual(before[key], spec[key]))) return 'start';
  return before.sku.capacity === spec.sku.capacity ? 'metadata' : 'scale';
}
