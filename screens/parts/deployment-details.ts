/** Before a deployment is created: what differs from blue, cores and cost, other instance types. */
import type { Deployment, DeploymentSpec, VmSize } from '../../src/azure/types.js';
import { shownModel } from '../../src/common/model-ref.js';
import { costPerHour, formatDollars, priceOf } from '../../src/rollout/cost.js';
import { differences, sameMembers } from '../../src/rollout/inherit.js';
import { coresNeeded, fewerInstances, coreLimits, tightestLimit } from '../../src/rollout/quota.js';
import type { Form } from '../../src/wizard/form.js';
import type { State } from '../../src/wizard/state.js';
import { deploymentOf, deploymentSpec, type Role } from '../../src/wizard/steps/deployment-form.js';
import { blockRows, factBlock, tableBlock, type Block, type Fact } from './blocks.js';
import { wrapped } from './columns.js';
import { deploymentsTable } from './deployments-table.js';
import { perMonth } from './per-month.js';

/** Other instance types that are shown. */
const MOST_SIZES = 8;
/** Azure allows 50 of them. */
const TOO_MANY = 51;

/** Green beside blue, member by member; where values are too long for columns, one below the other. */
function differingBlock(blue: Deployment, spec: DeploymentSpec, width: number): Block[] {
  const rows = [
    { member: 'model', blue: shownModel(blue.model), green: shownModel(spec.model) },
    ...differences(blue, spec),
  ];
  const table = tableBlock(
    ['differs', 'BLUE', 'GREEN'],
    rows.map((each) => [each.member, each.blue, each.green]),
    width,
  );
  const facts = rows.map((each): Fact => [each.member, `${each.blue}, now ${each.green}`]);
  return table.length > 0 ? table : [factBlock('differs from blue', facts, width)];
}

function sameBlock(blue: Deployment, spec: DeploymentSpec, width: number): Block[] {
  const same = sameMembers(blue, spec);
  const lines = wrapped(same.join(', '), width - 2);
  return same.length === 0 ? [] : [{ head: 'same as blue', lines }];
}

const shown = (cores: number): string => (cores === Infinity ? 'none' : String(cores));

function quotaBlock(state: State, role: Role, size: VmSize, count: number, width: number): Block[] {
  const needed = coresNeeded(size, count);
  const rows = coreLimits(size.family, state.screens[role]?.usages ?? []).map((each) => [
    each.of,
    String(each.used),
    shown(each.limit),
    shown(each.free),
    String(needed),
    needed <= each.free ? shown(each.free - needed) : 'too few',
  ]);
  const head = ['cores', 'in use', 'limit', 'free', 'this needs', 'left then'];
  return tableBlock(head, rows, width, 5);
}

function costBlock(state: State, own: DeploymentSpec, role: Role, width: number): Block[] {
  const prices = state.session?.prices ?? {};
  const blue = role === 'green' ? deploymentOf(state.session?.opened, 'blue') : own;
  const cost = perMonth(costPerHour([own], prices));
  if (cost === undefined || !blue || !(own.instanceCount > 0)) return [];
  const facts: Fact[] = [
    ['blue', perMonth(costPerHour([blue], prices))],
    [role === 'green' ? 'green' : 'an equal green', cost],
    ['both', perMonth(costPerHour([blue, own], prices))],
  ];
  return [factBlock('cost while both run', facts, width)];
}

/** The nearest in cores, of the same family first, as many as so many rows hold. */
function sizesBlock(state: State, role: Role, size: VmSize, width: number, most: number): Block[] {
  const { sizes = [], usages = [] } = state.screens[role] ?? {};
  const prices = state.session?.prices ?? {};
  const far = (each: VmSize): number => Math.abs(Math.log2(each.vCpus / size.vCpus));
  const other = ({ family }: VmSize): number => Number(family !== size.family);
  const near = [...sizes]
    .sort((a, b) => other(a) - other(b) || far(a) - far(b))
    .slice(0, Math.max(0, Math.min(MOST_SIZES, most - 2)))
    .sort((a, b) => other(a) - other(b) || a.vCpus - b.vCpus);
  const rows = near.map((each) => {
    const free = tightestLimit(each.family, usages)?.free;
    const most = free === undefined ? '' : String(fewerInstances(each, TOO_MANY, free) ?? 0);
    const price = priceOf(each.name, prices);
    return [
      each.name,
      String(each.vCpus),
      `${each.memoryGb} GB`,
      price === undefined ? '' : formatDollars(price),
      most,
    ];
  });
  const head = ['instance types', 'cores', 'memory', 'per hour', 'instances by quota'];
  return rows.length > 1 ? tableBlock(head, rows, width, 3) : [];
}

/** Of what the form asks for, or of what is there already, for so many rows. */
export function deploymentDetails(
  state: State,
  role: Role,
  form: Form | undefined,
  width: number,
  rows: number,
): Block[] {
  const { opened } = state.session ?? {};
  const [blue, existing] = [deploymentOf(opened, 'blue'), deploymentOf(opened, role)];
  const spec = existing ?? (form && deploymentSpec(state, role, form));
  const size = state.screens[role]?.sizes?.find(({ name }) => name === spec?.instanceType);
  const beside = role === 'green' && blue && spec ? { blue, spec } : undefined;
  const differs = beside ? differingBlock(beside.blue, beside.spec, width) : [];
  const same = beside ? sameBlock(beside.blue, beside.spec, width) : [];
  const cost = spec ? costBlock(state, spec, role, width) : [];
  if (existing) {
    const named = [role.toUpperCase(), existing] as const;
    const all = role === 'green' && blue ? [['BLUE', blue] as const, named] : [named];
    return [
      ...deploymentsTable('role', all, opened?.snapshot.endpoint, width),
      ...differs,
      ...cost,
      ...same,
    ];
  }
  const first = [
    ...differs,
    ...(size && spec ? quotaBlock(state, role, size, spec.instanceCount, width) : []),
    ...cost,
    ...same,
  ];
  const rest = rows - blockRows(first, rows);
  return [...first, ...(size ? sizesBlock(state, role, size, width, rest) : [])];
}
