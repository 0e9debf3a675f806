/** Cores that deployments need, beside what the subscription may use in the region. */
import type { FamilyUsage, VmSize } from '../azure/types.js';

/**
 * Microsoft Learn, "Manage and increase quotas": Azure reserves a fifth more for upgrades, except
 * for some sizes with GPUs.
 */
const RESERVE = 1.2;
const WITHOUT_RESERVE = /_(?:ND|NC\d+ad?s_A100|H100|NC\d+ads_H100)|A100|H100/i;

/** Cores counted against the quota for `instances` of a size. */
export function coresNeeded(size: VmSize, instances: number): number {
  const counted = WITHOUT_RESERVE.test(size.name)
    ? instances
    : // 1.2 * 5 is 6.000000000000001 in binary.
      Math.ceil(Math.round(RESERVE * instances * 1000) / 1000);
  return counted * size.vCpus;
}

export interface QuotaAnswer {
  family: string;
  /** Cores for what is asked for now. */
  needed: number;
  used: number;
  limit: number;
  free: number;
  enough: boolean;
  /** What a person reads, e.g. `8 of 12 free cores of standardDSv2Family`. */
  sentence: string;
}

/** `undefined` when Azure does not tell the family's quota. */
export function quotaFor(
  size: VmSize,
  instances: number,
  usages: readonly FamilyUsage[],
): QuotaAnswer | undefined {
  const usage = usages.find((each) => each.family.toLowerCase() === size.family.toLowerCase());
  if (!usage) return undefined;
  const needed = coresNeeded(size, instances);
  const free = Math.max(0, usage.limit - usage.used);
  const enough = needed <= free;
  const { family, used, limit } = usage;
  const sentence = enough
    ? `Needs ${needed} of ${free} free cores (${family}, ${used} of ${limit} in use).`
    : `Needs ${needed} cores, only ${free} are free (${family}, ${used} of ${limit} in use). Choose a smaller size or fewer instances, or ask Azure for more quota.`;
  return { family, needed, used, limit, free, enough, sentence };
}

/** Both together: blue and green run side by side for the whole rollout. */
export function coresTogether(
  deployments: readonly { size: VmSize; instances: number }[],
): Record<string, number> {
  const cores: Record<string, number> = {};
  for (const { size, instances } of deployments) {
    cores[size.family] = (cores[size.family] ?? 0) + coresNeeded(size, instances);
  }
  return cores;
}
