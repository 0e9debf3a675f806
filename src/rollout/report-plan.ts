/** The plan of a rollout as lines of its report: what differs from the defaults, in a person's words. */
import { grouped, rowsOf } from '../common/counts.js';
import { kindOfCheck, type PlannedCheck } from './checks/planned.js';
import { gateTitle } from './evidence/gates/settings.js';
import {
  DEFAULT_HOLD,
  probingOf,
  reactionsOf,
  type GateChanges,
  type Hold,
  type ProofPlan,
} from './plan/proof.js';

/** Name and value of each line. */
export function planLines(plan: ProofPlan): [string, string][] {
  const { weights, evidence, mirror, gates, holds, steps = [], checks = [] } = plan;
  const { count, budget } = probingOf(plan);
  const { onFail, onUnwatched } = reactionsOf(plan);
  const lines: [string, string][] = [
    ['steps', `${weights.join(', ')}%`],
    ['hold at each', holdText({ ...DEFAULT_HOLD, ...holds })],
  ];
  if (evidence) lines.push(['rows', rowsText(evidence)]);
  const load = evidence?.loadCheck;
  if (load) lines.push(['load before traffic', settings({ ...load })]);
  if (mirror) lines.push(['mirror before traffic', settings({ ...mirror })]);
  if (plan.autoscale === 'copy') lines.push(['autoscale', 'copied from blue to green']);
  lines.push(
    ['probes', `${grouped(count)} after each change, ${grouped(budget)} in all`],
    ['gates', gatesText(gates)],
    ...steps.map((step): [string, string] => {
      const hold = step.holds ? [`hold ${settings({ ...step.holds })}`] : [];
      const own = step.gates ? [gatesText(step.gates)] : [];
      return [`at ${step.at}%`, [...hold, ...own].join('; ') || 'as the others'];
    }),
    ...checks.map((check): [string, string] => [`check ${check.name}`, checkText(check)]),
    ['when a gate fails', onFail],
    ['unwatched minutes', onUnwatched],
  );
  const { visibleVariables: visible = [] } = plan;
  if (visible.length > 0) lines.push(['variables shown', visible.join(', ')]);
  return lines;
}

/** `prometheus, pass >= 12`. */
function checkText(check: PlannedCheck): string {
  const kind = kindOfCheck(check)?.id ?? '';
  const { name: _, at, baseline, ...rest } = check;
  const limits = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== kind));
  const when = at === undefined ? [] : [`at ${at.join(', ')}`];
  const { of, compare = 'difference' } = baseline ?? {};
  const against =
    of === undefined ? [] : [`${compare} from ${of === 'blue' ? of : 'the hour before'}`];
  return [kind, settings(limits), ...against, ...when].filter((text) => text !== '').join(', ');
}

function holdText({ minutes, requests, approval }: Hold): string {
  const asks = [
    ...(minutes > 0 ? [`${minutes} min`] : []),
    ...(requests > 0 ? [rowsOf(requests, 'live request')] : []),
    ...(approval ? ['approval'] : []),
  ];
  return asks.join(', ') || 'none';
}

function rowsText({ csv, rows, seed, target }: NonNullable<ProofPlan['evidence']>): string {
  return [
    ...(rows === undefined ? [] : [`${rows}`]),
    ...(csv === undefined ? [] : [`of ${csv}`]),
    ...(seed === undefined ? [] : [`seed ${seed}`]),
    ...(target === undefined ? [] : [`target ${target}`]),
  ].join(', ');
}

/** `labels differ enforce, limit 0.05`. */
function gatesText(gates: GateChanges = {}): string {
  const said = Object.entries(gates).map(([name, value]) =>
    typeof value === 'object' ? `${gateTitle(name)} ${settings({ ...value })}` : `${name} ${value}`,
  );
  return said.join('; ') || 'defaults';
}

const settings = (values: Record<string, unknown>): string =>
  Object.entries(values)
    .map(([name, value]) =>
      name === 'mode'
        ? String(value)
        : `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    )
    .join(', ');
