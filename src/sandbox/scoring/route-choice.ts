/** Which deployment answers a request, and which get a copy of it. */
import { deploymentRecord } from '../model.js';
import type { DeploymentRecord, EndpointRecord } from '../endpoint-record.js';

/** @param random uniform in [0, 1) */
export function mirrorTargets(endpoint: EndpointRecord, random: () => number): string[] {
  return Object.entries(endpoint.mirrorTraffic)
    .filter(([, percent]) => percent > 0 && random() * 100 < percent)
    .map(([name]) => deploymentRecord(endpoint, name)?.name)
    .filter((name) => name !== undefined);
}

/**
 * @param serves whether a deployment can answer now
 * @param random uniform in [0, 1)
 * @returns undefined when no deployment with weight can answer
 */
export function chooseByTraffic(
  endpoint: EndpointRecord,
  traffic: Readonly<Record<string, number>>,
  serves: (deployment: DeploymentRecord) => boolean,
  random: () => number,
): DeploymentRecord | undefined {
  const weighted = Object.entries(traffic).flatMap(([name, weight]) => {
    const deployment = deploymentRecord(endpoint, name);
    return deployment !== undefined && weight > 0 && serves(deployment)
      ? [{ deployment, weight }]
      : [];
  });
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  for (const { deployment, weight } of weighted) {
    left -= weight;
    if (left < 0) return deployment;
  }
  return weighted.at(-1)?.deployment;
}

/** The fractional part of the golden ratio: its multiples fill [0, 1) evenly from the first on. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** For each endpoint a sequence without chance, in place of random numbers. */
export class EvenChoice {
  readonly #drawn = new Map<string, number>();

  /** In [0, 1) */
  next(endpoint: string): number {
    const drawn = this.#drawn.get(endpoint) ?? 0;
    this.#drawn.set(endpoint, drawn + 1);
    return (0.5 + drawn * GOLDEN) % 1;
  }
}
