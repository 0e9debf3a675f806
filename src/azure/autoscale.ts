/**
 * Autoscale settings of Azure Monitor: one is read, copied to another deployment of the endpoint, deleted.
 * What a copy has is the service's own JSON with the deployment exchanged, so that no member is lost.
 */
import { sameName } from '../common/same-name.js';
import { record, successful, type Json } from './arm-request.js';
import { AzureError } from './errors.js';
import type { Scope } from './scope.js';
import type { AutoscaleSetting } from './types.js';

/** The newest stable one. */
export const AUTOSCALE_API = '2022-10-01';

/** @param subscription its path */
export const autoscaleList = (subscription: string): string =>
  `${subscription}/providers/Microsoft.Insights/autoscaleSettings`;

const ID =
  /^\/subscriptions\/([^/?#]+)\/resourceGroups\/([^/?#]+)\/providers\/microsoft\.insights\/autoscaleSettings\/([^/?#]+)$/i;

/** The path of a setting; its id may come from a journal, and names may hold blanks. */
function settingPath(id: string): string {
  const parts = ID.exec(id)?.slice(1) ?? [];
  if (parts.length === 0 || parts.some((part) => /^\.+$/.test(part))) {
    throw new AzureError({
      kind: 'invalid',
      what: 'find the autoscale setting',
      message: `${JSON.stringify(id.slice(0, 200))} is not the id of an autoscale setting.`,
      advice: 'Check the autoscale settings of blue in the portal.',
      retrySafe: false,
    });
  }
  const [subscription = '', group = '', name = ''] = parts.map(encodeURIComponent);
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Insights/autoscaleSettings/${name}`;
}

export async function autoscaleOf(
  scope: Scope,
  deploymentId: string,
  signal?: AbortSignal,
): Promise<AutoscaleSetting | undefined> {
  const subscription = `/subscriptions/${encodeURIComponent(scope.connection.subscriptionId)}`;
  const what = 'list the autoscale settings';
  const all = await scope.arm.list(autoscaleList(subscription), what, {
    apiVersion: AUTOSCALE_API,
    signal,
  });
  return all.map(toSetting).find(({ target }) => sameName(target, deploymentId));
}

export async function autoscaleSetting(
  scope: Scope,
  id: string,
  signal?: AbortSignal,
): Promise<AutoscaleSetting | undefined> {
  const raw = await scope.arm.find(settingPath(id), `read autoscale setting ${nameOf(id)}`, {
    apiVersion: AUTOSCALE_API,
    signal,
  });
  return raw && toSetting(raw);
}

export async function copyAutoscale(
  scope: Scope,
  from: string,
  to: string,
  deployment: string,
  signal?: AbortSignal,
): Promise<void> {
  const what = `copy autoscale setting ${nameOf(from)}`;
  const options = { apiVersion: AUTOSCALE_API, signal };
  const raw = await scope.arm.get(settingPath(from), what, options);
  const { targetResourceUri: target, ...properties } = record(raw['properties']);
  const blue = String(target);
  const green = `${endpointOf(blue)}/deployments/${deployment}`;
  // The service's own, of older api-versions, and no tag.
  const { $type: _, ...tags } = record(raw['tags']);
  const body = {
    location: raw['location'],
    tags,
    properties: {
      ...record(retargeted(properties, blue, green)),
      name: nameOf(to),
      targetResourceUri: green,
    },
  };
  successful(await scope.arm.send('PUT', settingPath(to), what, { ...options, body }), what);
}

export async function deleteAutoscale(
  scope: Scope,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  const what = `delete autoscale setting ${nameOf(id)}`;
  const options = { apiVersion: AUTOSCALE_API, signal };
  const answer = await scope.arm.send('DELETE', settingPath(id), what, options);
  if (answer.status !== 404) successful(answer, what);
}

function toSetting(raw: Json): AutoscaleSetting {
  const { targetResourceUri, profiles, enabled, predictiveAutoscalePolicy } = record(
    raw['properties'],
  );
  const target = String(targetResourceUri ?? '');
  const limits = (Array.isArray(profiles) ? profiles : []).map((each) =>
    Number(record(record(each)['capacity'])['maximum']),
  );
  const id = String(raw['id'] ?? '');
  const own = { enabled, profiles, predictiveAutoscalePolicy };
  return {
    id,
    name: String(raw['name'] ?? nameOf(id)),
    target,
    most: Math.max(0, ...limits.filter(Number.isFinite)),
    scaling: retargeted(own, target, '/deployments/-'),
  };
}

/** Exchanges the deployment, also where a rule tells the endpoint's metrics apart by deployment. */
function retargeted(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return sameName(value, from) ? to : value;
  if (Array.isArray(value)) return value.map((each) => retargeted(each, from, to));
  if (typeof value !== 'object' || value === null) return value;
  const moved = Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, retargeted(each, from, to)]),
  );
  const { metricResourceUri: source, dimensions } = moved;
  if (!Array.isArray(dimensions) || !sameName(String(source), endpointOf(from))) return moved;
  return {
    ...moved,
    dimensions: dimensions.map((each: unknown) => {
      const { DimensionName: name, Values: values } = record(each);
      return sameName(String(name), 'deployment')
        ? { ...record(each), Values: retargeted(values, nameOf(from), nameOf(to)) }
        : each;
    }),
  };
}

const nameOf = (id: string): string => id.split('/').at(-1) ?? '';
const endpointOf = (deploymentId: string): string =>
  deploymentId.replace(/\/deployments\/[^/]*$/i, '');
