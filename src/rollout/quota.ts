/** Cores that deployments need, beside what the subscription may use in the region. */
import { sameName } from '../common/same-name.js';
import type { FamilyUsage, VmSize } from '../azure/types.js';

/**
 * Microsoft Learn, "Manage and increase quotas": Azure reserves a fifth more for upgrades, except
 * for some sizes with GPUs.
 */
const RESERVE = 1.2;
const WITHOUT_RESERVE = /_(?:ND|NC\d+ad?s_A100|H100|NC\d+ads_H100)|A100|H100/i;

/** One core does not hold the server and a model. */
const SMALLEST_CORES = 2;
const SMALLER_SHOWN = 2;

/** Cores counted against the quota for `instances` of a size. */
export function coresNeeded(size: VmSize, instances: number): number {
  const counted = WITHOUT_RESERVE.test(size.name)
    ? instances
    : // 1.2 * 5 is 6.000000000000001 in binary.
      Math.ceil(Math.round(RESERVE * instances * 1000) / 1000);
  return counted * size.vCpus;
}

/** Whether Azure counts a fifth more than is asked for. */
export const hasReserve = (size: VmSize): boolean => !WITHOUT_RESERVE.test(size.name);

/** One of the limits that cores are counted against: the family's, the workspace's, the region's. */
interface CoreLimit {
  /** In words: `standardDSv2Family`, `standardDSv2Family in this workspace`, `all families of the region`. */
  of: string;
  used: number;
  /** `Infinity` where there is none. */
  limit: number;
  free: number;
}

/** All that cores of a family are counted against; empty when Azure does not tell the family's quota. */
export function coreLimits(family: string, usages: readonly FamilyUsage[]): CoreLimit[] {
  const own = usages.filter((each) => sameName(each.family, family));
  if (own.length === 0) return [];
  return [...own, ...usages.filter(({ scope }) => scope === 'region')].map(
    ({ used, limit, scope }): CoreLimit => ({
      of:
        scope === 'region'
          ? 'all families of the region'
          : scope === 'workspace'
            ? `${family} in this workspace`
            : family,
      used,
      limit: limit < 0 ? Infinity : limit,
      free: limit < 0 ? Infinity : Math.max(0, limit - used),
    }),
  );
}

/** The limit that refuses first; `undefined` when Azure does not tell the family's quota. */
export const tightestLimit = (
  family: string,
  usages: readonly FamilyUsage[],
): CoreLimit | undefined =>
  coreLimits(family, usages).reduce<CoreLimit | undefined>(
    (tightest, each) => (tightest && tightest.free <= each.free ? tightest : each),
    undefined,
  );

interface QuotaAnswer extends CoreLimit {
  family: string;
  /** Cores for what is asked for now. */
  needed: number;
  enough: boolean;
  /** What a person reads, e.g. `Needs 8 of 12 free cores …`. */
  sentence: string;
}

/** `undefined` when Azure does not tell the family's quota. */
export function quotaFor(
  size: VmSize,
  instances: number,
  usages: readonly FamilyUsage[],
): QuotaAnswer | undefined {
  const tightest = tightestLimit(size.family, usages);
  if (!tightest) return undefined;
  const needed = coresNeeded(size, instances);
  const { of, used, limit, free } = tightest;
  const enough = needed <= free;
  const reserve = hasReserve(size) ? " with Azure's 20% reserve" : '';
  const sentence =
    limit === Infinity
      ? `Needs ${needed} cores${reserve} (${of} has no limit).`
      : enough
        ? `Needs ${needed} of ${free} free cores${reserve} (${of}, ${used} of ${limit} in use).`
        : `Needs ${needed} cores${reserve}, only ${free} are free (${of}, ${used} of ${limit} in use). Choose a smaller size or fewer instances, or ask Azure for more quota.`;
  return { family: size.family, needed, of, used, limit, free, enough, sentence };
}

/** The most instances, fewer than wanted, that `free` cores allow; `undefined`: not even one. */
export function fewerInstances(size: VmSize, wanted: number, free: number): number | undefined {
  for (let count = wanted - 1; count >= 1; count -= 1) {
    if (coresNeeded(size, count) <= free) return count;
  }
  return undefined;
}

interface Instances {
  instanceType: string;
  instanceCount: number;
}

/**
 * The largest share in percent that fewer instances of blue's own type are enough for, so that none
 * gets more requests than one of blue's; `undefined`: not fewer, or not comparable.
 */
export function weightCapOf(green: Instances, blue: Instances | undefined): number | undefined {
  const alike = sameName(blue?.instanceType, green.instanceType);
  if (!blue || !alike || green.instanceCount >= blue.instanceCount) return undefined;
  return Math.floor((100 * green.instanceCount) / blue.instanceCount);
}

/** Why green's instances do not carry this traffic weight, and what can be done; `undefined`: they do. */
export function tooFewInstances(
  weight: number,
  green: Instances & { name: string },
  blue: Instances | undefined,
): { sentence: string; advice: string } | undefined {
  const cap = weightCapOf(green, blue);
  if (!blue || cap === undefined || weight <= cap) return undefined;
  const { name, instanceCount: has } = green;
  const { instanceCount: wants } = blue;
  return {
    sentence: `${name} has ${has} of blue's ${wants} instances, enough for ${cap}% of the traffic: the plan's ${weight}% is out of reach.`,
    advice: `Give ${name} ${wants} instances or another instance type, or scale blue to ${has} first if that carries its traffic.`,
  };
}

/** What a person can choose where the quota does not reach, the better choice first. */
export type QuotaOffer = { offer: 'fewer'; instances: number } | { offer: 'smaller'; size: VmSize };

/**
 * Fewer instances come before a smaller size, which proves nothing of the wanted one; but no fewer
 * than the plan's last weight takes.
 * @param blue absent: there is nothing to compare with
 */
export function quotaOffers(
  size: VmSize,
  instances: number,
  { sizes, usages }: { sizes: readonly VmSize[]; usages: readonly FamilyUsage[] },
  blue?: Instances,
): QuotaOffer[] {
  const wanted = quotaFor(size, instances, usages);
  if (!wanted || wanted.enough) return [];
  const count = fewerInstances(size, instances, wanted.free);
  const carries =
    count !== undefined &&
    weightCapOf({ instanceType: size.name, instanceCount: count }, blue) === undefined;
  const fewer: QuotaOffer[] = carries ? [{ offer: 'fewer', instances: count }] : [];
  const smaller = sizes
    .filter(({ forEndpoints }) => forEndpoints !== false)
    .filter((each) => each.vCpus < size.vCpus && each.vCpus >= SMALLEST_CORES)
    .filter((each) => quotaFor(each, instances, usages)?.enough === true)
    .sort((a, b) => b.vCpus - a.vCpus || b.memoryGb - a.memoryGb || a.name.localeCompare(b.name));
  return [
    ...fewer,
    ...smaller.slice(0, SMALLER_SHOWN).map((each) => ({ offer: 'smaller' as const, size: each })),
  ];
}

/** What is counted once more, where cores are promised to another deployment first. */
export const withUsed = (
  usages: readonly FamilyUsage[],
  family: string,
  cores: number,
): FamilyUsage[] =>
  usages.map((each) =>
    each.scope === 'region' || sameName(each.family, family)
      ? { ...each, used: each.used + cores }
      : each,
  );

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
