/** Instance types and cores of the workspace's region. */
import { abortOption, doing, type Scope } from './scope.js';
import type { FamilyUsage, VmSize } from './types.js';

export async function vmSizes(
  scope: Scope,
  location: string,
  signal?: AbortSignal,
): Promise<VmSize[]> {
  return doing('list the instance types', async () => {
    const { value } = await scope.client.virtualMachineSizes.list(location, abortOption(signal));
    return (value ?? []).map((size) => ({
      name: size.name ?? '',
      family: familyKey(size.family ?? ''),
      vCpus: size.vCPUs ?? 0,
      memoryGb: size.memoryGB ?? 0,
    }));
  });
}

export async function usages(
  scope: Scope,
  location: string,
  signal?: AbortSignal,
): Promise<FamilyUsage[]> {
  return doing('read the quota', async () => {
    const found = new Map<string, FamilyUsage>();
    for await (const usage of scope.client.usages.list(location, abortOption(signal))) {
      const name = usage.name?.value ?? usage.name?.localizedValue;
      // The same list holds counts of clusters and workspaces, and usage by each workspace.
      if (!name || usage.limit === undefined || !isFamily(name)) continue;
      const family = familyKey(name);
      const ofOneWorkspace = /\/workspaces\//i.test(`${usage.id} ${usage.type}`);
      if (found.has(family) && ofOneWorkspace) continue;
      found.set(family, { family, used: usage.currentValue ?? 0, limit: usage.limit });
    }
    return [...found.values()];
  });
}

function isFamily(name: string): boolean {
  return /family/i.test(name) && !/low.?priority/i.test(name);
}

/**
 * Sizes say `standardDSv2Family`, quota says `Standard DSv2 Family Cluster Dedicated vCPUs`:
 * one spelling for both.
 */
export function familyKey(name: string): string {
  const short = name.replace(/\s*(cluster\s+)?(dedicated\s+)?vcpus$/i, '').replace(/\s+/g, '');
  return short.charAt(0).toLowerCase() + short.slice(1);
}
