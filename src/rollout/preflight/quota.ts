/** Cores for what a rollout adds, beside what is in use: blue and green stand side by side. */
import { sameName } from '../../common/same-name.js';
import type { FamilyUsage, VmSize } from '../../azure/types.js';
import { coresTogether, fewerInstances, hasReserve, tightestLimit } from '../quota.js';
import type { PreflightFinding } from './finding.js';

const what = 'quota';
const MORE =
  'Delete a deployment that is no longer needed, or ask for more: Azure ML studio, Quota.';

export interface Planned {
  /** In words: `green beside blue`. */
  title: string;
  instanceType: string;
  /** Of each deployment that is still to be made. */
  instances: readonly number[];
}

/** One line a family, for all that is planned together. */
export function quotaFindings(
  { title, instanceType, instances }: Planned,
  sizes: readonly VmSize[],
  usages: readonly FamilyUsage[],
): PreflightFinding[] {
  const size = sizes.find(({ name }) => sameName(name, instanceType));
  if (!size) {
    return [
      {
        state: 'fail',
        what,
        detail: `${instanceType} is not an instance type of this region.`,
        advice: 'Choose another, for example Standard_DS3_v2.',
        kind: 'invalid',
      },
    ];
  }
  if (size.forEndpoints === false) {
    return [
      {
        state: 'fail',
        what,
        detail: `${size.name} is for compute clusters only: online endpoints do not support it.`,
        advice: 'Choose another, for example Standard_DS3_v2.',
        kind: 'invalid',
      },
    ];
  }
  const together = coresTogether(instances.map((count) => ({ size, instances: count })));
  return Object.entries(together).map(([family, needed]): PreflightFinding => {
    const tightest = tightestLimit(family, usages);
    const asked = `${title}: ${instances.join(' + ')} × ${size.name}`;
    if (!tightest) {
      return {
        state: 'warn',
        what,
        detail: `${asked} needs ${needed} cores; Azure does not report the quota of ${family}.`,
        advice: 'Azure checks it when the deployment is created.',
      };
    }
    const { of, limit, free } = tightest;
    const reserve = hasReserve(size) ? " with Azure's 20% reserve" : '';
    const room = limit === Infinity ? 'there is no limit' : `${free} of ${limit} are free`;
    const counted = `${needed} cores${reserve}, ${room} (${of})`;
    if (needed <= free) return { state: 'ok', what, detail: `${asked} takes ${counted}` };
    const each = fewerOfEach(size, instances, free);
    const first =
      each === undefined
        ? 'Choose a smaller type.'
        : `Use ${each} instances for each, or a smaller type.`;
    return {
      state: 'fail',
      what,
      detail: `${asked} takes ${counted}.`,
      advice: `${first} ${MORE}`,
      kind: 'quota',
    };
  });
}

/** As many for each as there is room for: a smaller green could not take all of blue's traffic. */
function fewerOfEach(size: VmSize, instances: readonly number[], free: number): number | undefined {
  if (instances.length < 2) return undefined;
  return fewerInstances(size, Math.max(...instances), Math.floor(free / instances.length));
}
