/** Endpoints and deployments beside Azure's limits for a subscription in one region. */
import type { RegionCounts } from '../../azure/types.js';
import type { PreflightFinding } from './finding.js';

/** Microsoft Learn, "Manage and increase quotas": both are defaults, which support can raise. */
const MOST_ENDPOINTS = 100;
const MOST_DEPLOYMENTS_OF_REGION = 500;

const what = 'limits';

/** @param adds what a rollout is going to create */
export function limitFinding(
  { endpoints, deployments, more }: RegionCounts,
  location: string,
  adds: { endpoints: number; deployments: number },
): PreflightFinding {
  const counts = [
    `${endpoints} of ${MOST_ENDPOINTS} endpoints`,
    ...(deployments === undefined
      ? []
      : [`${deployments} of ${MOST_DEPLOYMENTS_OF_REGION} deployments`]),
  ].join(' and ');
  const has = `this subscription has ${more ? 'at least ' : ''}${counts} in ${location}`;
  const over = [
    ...(endpoints + adds.endpoints > MOST_ENDPOINTS ? ['endpoint'] : []),
    ...((deployments ?? 0) + adds.deployments > MOST_DEPLOYMENTS_OF_REGION ? ['deployment'] : []),
  ];
  if (over.length === 0) return { state: 'ok', what, detail: has };
  return {
    state: 'warn',
    what,
    detail: `${has}: Azure refuses another ${over.join(' and another ')}, unless its default limit was raised.`,
    advice: 'Delete one that is no longer needed, or ask Azure support for a higher limit.',
  };
}
