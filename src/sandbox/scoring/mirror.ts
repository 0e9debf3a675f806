/** Which deployments get a copy of a request that was not pinned to one. */
import { type EndpointRecord, findDeployment } from '../model.js';

/** @param random uniform in [0, 1) */
export function mirrorTargets(endpoint: EndpointRecord, random: () => number): string[] {
  return Object.entries(endpoint.mirrorTraffic)
    .filter(([, percent]) => percent > 0 && random() * 100 < percent)
    .map(([name]) => findDeployment(endpoint, name)?.name)
    .filter((name) => name !== undefined);
}
