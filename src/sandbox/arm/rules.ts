/** Azure's rules for names, traffic and durations (Microsoft: "Manage quotas", "Safe rollout"). */
import { deploymentRecord } from '../model.js';
import type { EndpointRecord } from '../endpoint-record.js';
import { deploymentBroken, inferencingRefusal, invalidRequest } from './errors.js';

export const MAX_DEPLOYMENTS = 20;
export const MAX_ENDPOINTS = 100;
export const MAX_INSTANCES = 50;
export const MAX_REQUEST_TIMEOUT_MS = 180_000;
const MAX_MIRROR = 50;

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
    throw invalidRequest(
      `${what} '${name}' is not valid: it has up to 255 letters, digits, dots, dashes and underscores and begins with a letter or digit.`,
    );
  }
}

/**
 * Reads `properties.traffic` for an endpoint with these deployments. Names come back as the
 * deployments write them. Sum 0 or 100, whole numbers, only deployments that exist and work.
 */
export function readTraffic(
  value: Readonly<Record<string, number>>,
  endpoint: EndpointRecord,
): Record<string, number> {
  const traffic = readPercentages('Traffic', value, endpoint);
  let sum = 0;
  for (const [name, percent] of Object.entries(traffic)) {
    sum += percent;
    const deployment = deploymentRecord(endpoint, name);
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

/** Reads `properties.mirrorTraffic`: one deployment, at most 50%, without live traffic. */
export function readMirror(
  value: Readonly<Record<string, number>>,
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
    if (deploymentRecord(endpoint, name)?.everSucceeded === false) throw deploymentBroken(name);
  }
  return Object.fromEntries(on);
}

function readPercentages(
  field: string,
  value: Readonly<Record<string, number>>,
  endpoint: EndpointRecord,
): Record<string, number> {
  const result: Record<string, number> = {};
  for (const [name, percent] of Object.entries(value)) {
    if (!Number.isInteger(percent) || percent < 0 || percent > 100) {
      throw inferencingRefusal(
        field,
        `The percentage of '${name}' must be a whole number from 0 to 100.`,
      );
    }
    const deployment = deploymentRecord(endpoint, name);
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

/** Only this preview lets a PATCH carry `properties`, `location`, `kind` and `identity`. */
export function patchesTracked(apiVersion: string): boolean {
  return apiVersion === '2022-02-01-preview';
}

/** ISO 8601 durations as the service writes them: `PT5S`, `PT0.5S`, `PT1M30S`. */
export function durationMs(text: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null || text === 'P' || text.endsWith('T')) return undefined;
  const [, days, hours, minutes, seconds] = match;
  const part = (value: string | undefined) => Number(value ?? 0);
  return (
    ((part(days) * 24 + part(hours)) * 60 + part(minutes)) * 60_000 +
    Math.round(part(seconds) * 1_000)
  );
}
