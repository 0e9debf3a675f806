/**
 * The members that bodies of online endpoints and deployments may have, and since which api-version
 * they are answered; from the service's specification (2025-12-01) and azure-ai-ml 1.35.
 */
import type { JsonObject } from './call.js';
import { invalid } from './errors.js';

export const OUTER_MEMBERS = [
  'id',
  'name',
  'type',
  'location',
  'tags',
  'kind',
  'sku',
  'identity',
  'properties',
  'systemData',
];

const COMMON = ['description', 'properties', 'provisioningState'];

export const ENDPOINT_MEMBERS = [
  ...COMMON,
  'authMode',
  'keys',
  'compute',
  'traffic',
  'mirrorTraffic',
  'publicNetworkAccess',
  'scoringUri',
  'swaggerUri',
];

export const DEPLOYMENT_MEMBERS = [
  ...COMMON,
  'endpointComputeType',
  'codeConfiguration',
  'environmentId',
  'environmentVariables',
  'appInsightsEnabled',
  'dataCollector',
  'egressPublicNetworkAccess',
  'instanceType',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'model',
  'modelMountPath',
  'requestSettings',
  'scaleSettings',
  // Of previews only; azure-ai-ml 1.4 sends it.
  'privateNetworkConnection',
];

/** azure-ai-ml's changelog, 1.34.1: the service refuses what it has no member for. */
export function refuseUnknown(type: string, object: JsonObject, known: readonly string[]): void {
  const lower = known.map((name) => name.toLowerCase());
  const unknown = Object.keys(object).find((name) => !lower.includes(name.toLowerCase()));
  if (unknown !== undefined)
    throw invalid(`Could not find member '${unknown}' on object of type '${type}'.`);
}

/** Since when an answer has a member; the api-versions before it leave it out. */
const SINCE: Record<string, string> = {
  mirrorTraffic: '2023-04-01',
  dataCollector: '2024-04-01',
  startupProbe: '2025-12-01',
};
/** Previews that had a member before it was stable. */
const PREVIEWS: Record<string, string> = {
  mirrorTraffic: '2022-02-01-preview',
  dataCollector: '2023-04-01-preview',
};

/** The properties of an answer as this api-version knows them. */
export function asOf(apiVersion: string, properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => {
      const since = SINCE[name];
      if (since === undefined || apiVersion.slice(0, 10) >= since) return true;
      const preview = PREVIEWS[name];
      return apiVersion.endsWith('-preview') && preview !== undefined && apiVersion >= preview;
    }),
  );
}
