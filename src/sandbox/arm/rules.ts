/** Azure's rules for names and for traffic (Microsoft: "Manage quotas", "Safe rollout"). */
import { type EndpointRecord, findDeployment } from '../model.js';
import { isObject } from './call.js';
import { deploymentBroken, inferencingRefusal, invalid } from './errors.js';

export const MAX_DEPLOYMENTS = 20;
export const MAX_INSTANCES = 50;
export const MAX_REQUEST_TIMEOUT_MS = 180_000;
export const MAX_MIRROR = 50;

/** Microsoft Learn, "Manage and increase quotas": single hyphens are accepted. */
const ONLINE_NAME = /^[a-zA-Z][a-zA-Z0-9]*(?:-[a-zA-Z0-9]+)*$/;
export const ASSET_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}$/;

export function checkOnlineName(kind: 'Endpoint' | 'Deployment', name: string): void {
  if (name.length < 3 || name.length > 32 || !ONLINE_NAME.test(name)) {
    throw inferencingRefusal(
      `${kind}Name`,
      `${kind} name '${name}' is not valid: it has 3 to 32 characters, letters, digits and single dashes, begins with a letter and does not end with a dash.`,
    );
  }
}

export function checkAssetName(what: string, name: string): void {
  if (!ASSET_NAME.test(name)) {
    throw invalid(
      `${what} '${name}' is not valid: it has up to 255 letters, digits, dots, dashes and underscores and begins with a letter or digit.`,
    );
  }
}

/**
 * Reads `properties.traffic` for an endpoint with these deployments. Names come back as the
 * deployments write them. Sum 0 or 100, whole numbers, only deployments that exist and work.
 */
export function readTraffic(value: unknown, endpoint: EndpointRecord): Record<string, number> {
  const traffic = readPercentages('Traffic', value, endpoint);
  let sum = 0;
  for (const [name, percent] of Object.entries(traffic)) {
    sum += percent;
    const deployment = findDeployment(endpoint, name);
    if (percent > 0 && deployment?.everSucceeded === false) throw deploymentBroken(name);
  }
  if (sum !== 0 && sum !== 100) {
    throw inferencingRefusal(
      'Traffic',
      `Traffic percentages must sum to 0 or 100; the sum is ${sum}.`,
    );
  }
  return traffic;
}

/** Reads `properties.mirrorTraffic`: one deployment, at most 50 %, without live traffic. */
export function readMirror(
  value: unknown,
  endpoint: EndpointRecord,
  traffic: Record<string, number>,
): Record<string, number> {
  const mirror = readPercentages('MirrorTraffic', value, endpoint);
  const on = Object.entries(mirror).filter(([, percent]) => percent > 0);
  if (on.length > 1)
    throw inferencingRefusal('MirrorTraffic', 'Traffic can be mirrored to one deployment only.');
  for (const [name, percent] of on) {
    if (percent > MAX_MIRROR) {
      throw inferencingRefusal(
        'MirrorTraffic',
        `Mirror traffic must not exceed ${MAX_MIRROR} percent; '${name}' has ${percent}.`,
      );
    }
    if ((traffic[name] ?? 0) > 0) {
      throw inferencingRefusal(
        'MirrorTraffic',
        `Deployment '${name}' cannot receive mirror traffic while it receives live traffic.`,
      );
    }
    if (findDeployment(endpoint, name)?.everSucceeded === false) throw deploymentBroken(name);
  }
  return Object.fromEntries(on);
}

function readPercentages(
  field: string,
  value: unknown,
  endpoint: EndpointRecord,
): Record<string, number> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw inferencingRefusal(field, `${field} must be an object.`);
  const result: Record<string, number> = {};
  for (const [name, percent] of Object.entries(value)) {
    if (typeof percent !== 'number' || !Number.isInteger(percent) || percent < 0 || percent > 100) {
      throw inferencingRefusal(
        field,
        `The percentage of '${name}' must be a whole number from 0 to 100.`,
      );
    }
    const deployment = findDeployment(endpoint, name);
    if (deployment === undefined) {
      throw inferencingRefusal(
        field,
        `Deployment '${name}' does not exist in endpoint '${endpoint.name}'.`,
      );
    }
    if (Object.hasOwn(result, deployment.name))
      throw inferencingRefusal(field, `Deployment '${deployment.name}' is named twice.`);
    result[deployment.name] = percent;
  }
  return result;
}

/**
 * Stable versions know `mirrorTraffic` from 2023-04-01 on, previews from 2022-02-01 on: as the
 * models of azure-ai-ml 1.8 for 2022-02, 2022-10, 2022-12 and 2023-02 have it.
 */
export function knowsMirror(apiVersion: string): boolean {
  const since = /preview$/i.test(apiVersion) ? '2022-02-01' : '2023-04-01';
  return apiVersion >= since;
}

/** Only this preview lets a PATCH carry `properties`. */
export function patchesProperties(apiVersion: string): boolean {
  return apiVersion === '2022-02-01-preview';
}

export function readStrings(field: string, value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw invalid(`The property '${field}' must be an object.`);
  const result: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (text === null) continue;
    if (typeof text !== 'string') throw invalid(`The property '${field}.${key}' must be a string.`);
    result[key] = text;
  }
  return result;
}
