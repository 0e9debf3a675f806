/** Instance types and cores of the workspace's region. */
import type { Usage, VirtualMachineSize } from '@azure/arm-machinelearning';
import { abortOption, doing, type Scope } from './scope.js';
import type { FamilyUsage, VmSize } from './types.js';

export async function vmSizes(
  scope: Scope,
  location: string,
  signal?: AbortSignal,
): Promise<VmSize[]> {
  return doing('list the instance types', async () => {
    const { value = [] } = await scope.client.virtualMachineSizes.list(
      location,
      abortOption(signal),
    );
    // "MIR" is managed inference. Where no size has it, the service does not say.
    const told = value.some(isForEndpoints);
    return value.map((size) => ({
      name: size.name ?? '',
      family: familyKey(size.family ?? ''),
      vCpus: size.vCPUs ?? 0,
      memoryGb: size.memoryGB ?? 0,
      ...(told && { forEndpoints: isForEndpoints(size) }),
    }));
  });
}

const isForEndpoints = ({ supportedComputeTypes = [] }: VirtualMachineSize): boolean =>
  supportedComputeTypes.some((type) => type.toUpperCase() === 'MIR');

export async function usages(
  scope: Scope,
  location: string,
  signal?: AbortSignal,
): Promise<FamilyUsage[]> {
  return doing('read the quota', async () => {
    const rows: Usage[] = [];
    for await (const usage of scope.client.usages.list(location, abortOption(signal))) {
      rows.push(usage);
    }
    return rows.map(toUsage).filter((usage) => usage !== undefined);
  });
}

/** `undefined` for what is no limit of dedicated cores: counts of clusters, low-priority cores. */
export function toUsage(usage: Usage): FamilyUsage | undefined {
  const name = usage.name?.value ?? usage.name?.localizedValue;
  if (!name || usage.limit === undefined || /low.?priority/i.test(name)) return undefined;
  const counted = { used: usage.currentValue ?? 0, limit: usage.limit };
  if (/^total\b.*regional vcpus$/i.test(name)) return { family: '', ...counted, scope: 'region' };
  if (!/family/i.test(name)) return undefined;
  const ofOneWorkspace = /\/workspaces\//i.test(`${usage.id} ${usage.type}`);
  return { family: familyKey(name), ...counted, ...(ofOneWorkspace && { scope: 'workspace' }) };
}

/**
 * Sizes say `standardDSv2Family`, quota says `Standard DSv2 Family Cluster Dedicated vCPUs`:
 * one spelling for both.
 */
export function familyKey(name: string): string {
  const short = name.replace(/\s*(cluster\s+)?(dedicated\s+)?vcpus$/i, '').replace(/\s+/g, '');
  return short.charAt(0).toLowerCase() + short.slice(1);
}
