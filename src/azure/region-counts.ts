/**
 * How many endpoints and deployments a subscription has in a region. Azure has no request for it; the limits
 * are of all workspaces and of online and batch endpoints together (Microsoft Learn, "Manage and increase
 * quotas").
 */
import pLimit from 'p-limit';
import { AzureError } from './errors.js';
import type { Scope } from './scope.js';
import type { RegionCounts } from './types.js';

/** Of one subscription that are looked into; more would be slow. */
const MOST_WORKSPACES = 20;
const WORKSPACES_API = '2023-10-01';

const AT_ONCE = 10;

/** Of the most deployments in a region, and of the most for one endpoint: fewer endpoints can't reach it. */
const FEWEST_ENDPOINTS = 500 / 20;
const KINDS = ['onlineEndpoints', 'batchEndpoints'] as const;

/** ARM ids of the subscription's workspaces there, this one first, as far as this identity may look. */
export async function workspacesIn(
  scope: Scope,
  location: string,
  signal?: AbortSignal,
): Promise<{ ids: string[]; more: boolean }> {
  const subscription = encodeURIComponent(scope.connection.subscriptionId);
  const list = `/subscriptions/${subscription}/providers/Microsoft.MachineLearningServices/workspaces`;
  const options = { apiVersion: WORKSPACES_API, signal };
  const all = await scope.arm.list(list, 'list the workspaces', options).catch(() => undefined);
  const others = (all ?? [])
    .filter((each) => String(each['location'] ?? '').toLowerCase() === location.toLowerCase())
    .map((each) => String(each['id'] ?? ''))
    .filter((id) => id !== '' && id.toLowerCase() !== scope.path.toLowerCase());
  return {
    ids: [scope.path, ...others.slice(0, MOST_WORKSPACES)],
    more: all === undefined || others.length > MOST_WORKSPACES,
  };
}

export async function regionCounts(
  scope: Scope,
  location: string,
  signal?: AbortSignal,
): Promise<RegionCounts> {
  const { ids, more } = await workspacesIn(scope, location, signal);
  let hidden = more;
  const turn = pLimit(AT_ONCE);
  const list = async (path: string): Promise<string[]> => {
    try {
      const options = { signal };
      const what = 'count endpoints and deployments';
      const found = await turn(() => scope.arm.list(path, what, options));
      return found.map((each) => String(each['id'] ?? ''));
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof AzureError)) throw error;
      hidden = true;
      return [];
    }
  };
  const lists = ids.flatMap((id) => KINDS.map((kind) => list(`${id}/${kind}`)));
  const endpoints = (await Promise.all(lists)).flat();
  if (endpoints.length < FEWEST_ENDPOINTS) return { endpoints: endpoints.length, more: hidden };
  const deployments = await Promise.all(endpoints.map((id) => list(`${id}/deployments`)));
  return { endpoints: endpoints.length, deployments: deployments.flat().length, more: hidden };
}
