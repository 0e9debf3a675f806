/** VM sizes of the location, the cores that deployments take of each family, usages and quotas. */
import { sameName } from '../../common/same-name.js';
import { conditionsOf } from '../conditions.js';
import type { SandboxState } from '../model.js';
import { locationId } from './bodies.js';
import { type AddArmRoute, type ArmCall, type ArmReply, LOCATION, ok, page } from './call.js';

export function computeRoutes(on: AddArmRoute): void {
  on('GET', `${LOCATION}/vmSizes`, listVmSizes);
  on('GET', `${LOCATION}/usages`, listUsages);
  on('GET', `${LOCATION}/quotas`, listQuotas);
}

export interface VmSizeOnWire {
  name: string;
  family: string;
  vCPUs: number;
  gpus: number;
  memoryGB: number;
}

const DSV2 = 'standardDSv2Family';
const FSV2 = 'standardFSv2Family';
const ESV3 = 'standardESv3Family';
const DASV4 = 'standardDASv4Family';
const NCASV3 = 'standardNCASv3_T4Family';
const NCADSA100 = 'StandardNCADSA100v4Family';

type Row = [name: string, family: string, vCPUs: number, gpus: number, memoryGB: number];

/** A part of Microsoft's "Managed online endpoints SKU list". */
const FOR_ENDPOINTS: Row[] = [
  ['Standard_DS1_v2', DSV2, 1, 0, 3.5],
  ['Standard_DS2_v2', DSV2, 2, 0, 7],
  ['Standard_DS3_v2', DSV2, 4, 0, 14],
  ['Standard_DS4_v2', DSV2, 8, 0, 28],
  ['Standard_DS5_v2', DSV2, 16, 0, 56],
  ['Standard_F2s_v2', FSV2, 2, 0, 4],
  ['Standard_F4s_v2', FSV2, 4, 0, 8],
  ['Standard_F8s_v2', FSV2, 8, 0, 16],
  ['Standard_F16s_v2', FSV2, 16, 0, 32],
  ['Standard_F32s_v2', FSV2, 32, 0, 64],
  ['Standard_E2s_v3', ESV3, 2, 0, 16],
  ['Standard_E4s_v3', ESV3, 4, 0, 32],
  ['Standard_E8s_v3', ESV3, 8, 0, 64],
  ['Standard_E16s_v3', ESV3, 16, 0, 128],
  ['Standard_D2as_v4', DASV4, 2, 0, 8],
  ['Standard_D4as_v4', DASV4, 4, 0, 16],
  ['Standard_D8as_v4', DASV4, 8, 0, 32],
  ['Standard_NC4as_T4_v3', NCASV3, 4, 1, 28],
  ['Standard_NC8as_T4_v3', NCASV3, 8, 1, 56],
  ['Standard_NC24ads_A100_v4', NCADSA100, 24, 1, 220],
];

/** Not in that list: for clusters and compute instances only. */
const FOR_CLUSTERS: Row[] = [
  ['Standard_D2_v2', 'standardDv2Family', 2, 0, 7],
  ['Standard_DS12_v2', DSV2, 4, 0, 28],
  ['Standard_NC6s_v3', 'standardNCSv3Family', 6, 1, 112],
];

const sizeOf = ([name, family, vCPUs, gpus, memoryGB]: Row): VmSizeOnWire => ({
  name,
  family,
  vCPUs,
  gpus,
  memoryGB,
});
const ONLINE_SIZES = FOR_ENDPOINTS.map(sizeOf);

const FAMILIES: readonly string[] = [...new Set(ONLINE_SIZES.map((size) => size.family))];

/** Of those that a deployment may have. */
export function vmSize(name: string): VmSizeOnWire | undefined {
  return ONLINE_SIZES.find((size) => sameName(size.name, name));
}

/**
 * Cores that a deployment reserves: 20% more instances, rounded up, for upgrades; sizes of the
 * A100 and H100 families skip the reserve (Microsoft: "Manage and increase quotas").
 */
export function coresCounted(size: VmSizeOnWire, instances: number): number {
  const reserved = /A100|H100/i.test(size.family) ? instances : Math.ceil((instances * 12) / 10);
  return reserved * size.vCPUs;
}

/** Room for two rollouts side by side on the recommended size, not for a large third one. */
const DEFAULT_LIMIT = 40;

export function coreLimit(state: SandboxState): number {
  return state.config.coreLimit ?? DEFAULT_LIMIT;
}

/** Of all families together. */
export const regionLimit = (state: SandboxState): number => conditionsOf(state).regionCoreLimit;

/** Counted from the deployments that exist, failed ones included. @param family absent: all */
export function coresUsed(state: SandboxState, family?: string): number {
  let used = 0;
  for (const endpoint of Object.values(state.endpoints)) {
    for (const deployment of Object.values(endpoint.deployments)) {
      const size = vmSize(deployment.instanceType);
      if (size && (family === undefined || size.family === family))
        used += coresCounted(size, deployment.sku.capacity);
    }
  }
  return used;
}

/** `MIR`, managed inference, marks what online endpoints take. */
function listVmSizes(_call: ArmCall): ArmReply {
  const shown = (size: VmSizeOnWire, computeTypes: string[]) => ({
    ...size,
    osVhdSizeMB: 1_047_552,
    maxResourceVolumeMB: size.memoryGB * 2_048,
    lowPriorityCapable: false,
    premiumIO: true,
    supportedComputeTypes: computeTypes,
  });
  return ok({
    value: [
      ...ONLINE_SIZES.map((size) => shown(size, ['AmlCompute', 'ComputeInstance', 'MIR'])),
      ...FOR_CLUSTERS.map((row) => shown(sizeOf(row), ['AmlCompute', 'ComputeInstance'])),
    ],
  });
}

function listUsages(call: ArmCall): ArmReply {
  const { state } = call.context;
  const total = 'Total Cluster Dedicated Regional vCPUs';
  const region = {
    id: `${locationId(call.context)}/usages/totalDedicatedCores`,
    type: 'Microsoft.MachineLearningServices/totalDedicatedCores/usages',
    amlWorkspaceLocation: state.config.location,
    unit: 'Count',
    currentValue: coresUsed(state),
    limit: regionLimit(state),
    name: { value: total, localizedValue: total },
  };
  return page(call, [
    ...FAMILIES.map((family) => ({
      id: `${locationId(call.context)}/usages/${family}`,
      type: 'Microsoft.MachineLearningServices/vmFamily/dedicatedCores/usages',
      amlWorkspaceLocation: state.config.location,
      unit: 'Count',
      currentValue: coresUsed(state, family),
      limit: coreLimit(state),
      name: { value: family, localizedValue: familyTitle(family) },
    })),
    region,
  ]);
}

function listQuotas(call: ArmCall): ArmReply {
  const { state } = call.context;
  return page(
    call,
    FAMILIES.map((family) => ({
      id: `${locationId(call.context)}/quotas/${family}`,
      type: 'Microsoft.MachineLearningServices/vmFamily/dedicatedCores/quotas',
      amlWorkspaceLocation: state.config.location,
      unit: 'Count',
      limit: coreLimit(state),
      name: { value: family, localizedValue: familyTitle(family) },
    })),
  );
}

function familyTitle(family: string): string {
  const short = family.replace(/^standard/i, '').replace(/Family$/, '');
  return `Standard ${short} Family Cluster Dedicated vCPUs`;
}
