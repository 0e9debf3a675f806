/** VM sizes, usages and quotas of the location. */
import { type ArmCall, type ArmReply, ok } from './call.js';
import { page } from './paging.js';
import { coreLimit, coresUsed } from './quota.js';
import { FAMILIES, VM_SIZES } from './vm-sizes.js';

export function listVmSizes(_call: ArmCall): ArmReply {
  return ok({
    value: VM_SIZES.map((size) => ({
      ...size,
      osVhdSizeMB: 1_047_552,
      maxResourceVolumeMB: size.memoryGB * 2_048,
      lowPriorityCapable: false,
      premiumIO: true,
      supportedComputeTypes: ['AmlCompute', 'ComputeInstance'],
    })),
  });
}

export function listUsages(call: ArmCall): ArmReply {
  const { state } = call.context;
  return page(
    call,
    FAMILIES.map((family) => ({
      id: `${locationId(call)}/usages/${family}`,
      type: 'Microsoft.MachineLearningServices/vmFamily/dedicatedCores/usages',
      amlWorkspaceLocation: state.config.location,
      unit: 'Count',
      currentValue: coresUsed(state, family),
      limit: coreLimit(state),
      name: { value: family, localizedValue: familyTitle(family) },
    })),
  );
}

export function listQuotas(call: ArmCall): ArmReply {
  const { state } = call.context;
  return page(
    call,
    FAMILIES.map((family) => ({
      id: `${locationId(call)}/quotas/${family}`,
      type: 'Microsoft.MachineLearningServices/vmFamily/dedicatedCores/quotas',
      amlWorkspaceLocation: state.config.location,
      unit: 'Count',
      limit: coreLimit(state),
      name: { value: family, localizedValue: familyTitle(family) },
    })),
  );
}

function locationId(call: ArmCall): string {
  const { subscriptionId, location } = call.context.state.config;
  return `/subscriptions/${subscriptionId}/providers/Microsoft.MachineLearningServices/locations/${location}`;
}

function familyTitle(family: string): string {
  const short = family.replace(/^standard/i, '').replace(/Family$/, '');
  return `Standard ${short} Family Cluster Dedicated vCPUs`;
}
