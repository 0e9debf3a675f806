/** The plan that was typed into the form, or the form with a sentence beside each row that is wrong. */
import { checkProofPlan, type PlanProblem } from '../interop/proof-plan.js';
import { DEFAULT_GATES, GATE_NAMES, type Gates } from '../rollout/evidence/gates/settings.js';
import type { OUTPUTS, PlannedMeaning } from '../rollout/evidence/output/meaning.js';
import type { PlannedCheck } from '../rollout/checks/planned.js';
import type { GateChanges, ProofPlan } from '../rollout/plan/proof.js';
import { fieldNumber, fieldValue, type Field, type Form } from './form.js';
import { allGates } from './plan.js';
import { checkWords, readCheck, readGate, readHold, readStep, type Typed } from './plan-text.js';
import type { GateName } from '../rollout/evidence/gates/registry.js';
import { readWeights } from './plan-form.js';

/** What was typed; empty is not said. */
function readAnswers(form: Form): PlannedMeaning {
  const said = (id: string): string => fieldValue(form, id).trim();
  const [output, classes, label, score] = [
    said('output'),
    said('classes'),
    said('label'),
    said('score'),
  ];
  const names = classes.split(classes.includes(',') ? ',' : /\s+/).map((each) => each.trim());
  return {
    ...(output !== 'auto' && { output: output as (typeof OUTPUTS)[number] }),
    ...(classes !== '' && { classes: names }),
    ...(label !== '' && { label }),
    ...(score !== '' && { score }),
  };
}

const isAnswerField = (name: string | undefined): name is string =>
  name !== undefined && ['output', 'classes', 'label', 'score'].includes(name);

/** Which row a problem belongs to. */
function fieldOf(
  { path }: PlanProblem,
  steps: readonly { at: number }[],
  checks: readonly PlannedCheck[],
): string {
  const [first, second] = path.map(String);
  if (first === 'checks') return `check:${checks[Number(second)]?.name ?? ''}`;
  if (first === 'gates') return `gate:${second ?? ''}`;
  if (first === 'steps') return `at:${steps[Number(second)]?.at ?? ''}`;
  if (first === 'probes') return second === 'budget' ? 'budget' : 'count';
  if (first === 'evidence') return isAnswerField(second) ? second : 'rows';
  return first ?? '';
}

const sentence = ({ path, message }: PlanProblem): string => {
  const last = path.at(-1);
  const named = typeof last === 'string' && path.length > 2 ? `${last}: ${message}` : message;
  return `${named.charAt(0).toUpperCase()}${named.slice(1)}.`;
};

/**
 * Only what differs from the defaults is kept, as in a plan file that people write; and a mode that the
 * plan says itself, which is more than a default.
 */
function changesOf({ said: _, ...gates }: Gates, before: GateChanges = {}): GateChanges {
  const changed = Object.entries(gates as Typed).flatMap(([name, value]) => {
    const standard = DEFAULT_GATES[name as keyof Gates];
    if (typeof value !== 'object') return value === standard ? [] : [[name, value] as const];
    const members = Object.entries(value as Typed).filter(
      ([key, each]) =>
        JSON.stringify(each) !== JSON.stringify((standard as unknown as Typed)[key]) ||
        (key === 'mode' && before[name as GateName]?.mode === each),
    );
    return members.length === 0 ? [] : [[name, Object.fromEntries(members)] as const];
  });
  return Object.fromEntries(changed);
}

/** Members of members, which the form does not show. */
const nested = (settings: Gates[GateName]): Typed =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => typeof value === 'object'));

type ReadPlan = { plan: ProofPlan } | { form: Form };

/** @param base what the form was made from: the form shows only a part of some of its members */
export function readPlanForm(form: Form, base: ProofPlan): ReadPlan {
  const wrong = new Map<string, string>();
  const read = <T>(id: string, parse: (typed: string) => T | string): T | undefined => {
    const value = parse(fieldValue(form, id));
    if (typeof value !== 'string') return value;
    wrong.set(id, value);
    return undefined;
  };
  const weights = readWeights(fieldValue(form, 'weights'));
  const whole = weights.length === 0 || weights.at(-1) === 100 ? weights : [...weights, 100];
  if (weights.length === 0)
    wrong.set('weights', 'Enter the traffic weights of green, for example 10 30 50 80 100.');
  if (weights.some(Number.isNaN)) wrong.set('weights', 'Type whole numbers from 1 to 100.');
  const holds = read('holds', readHold);
  const now = allGates(base);
  const gates: Typed = {
    ...(base.gates?.alpha !== undefined && { alpha: base.gates.alpha }),
  };
  for (const name of GATE_NAMES) {
    const typed = read<Typed>(`gate:${name}`, readGate);
    if (typed) gates[name] = { ...nested(now[name]), ...typed };
  }
  const steps = [0, ...whole].flatMap((at) => {
    const id = `at:${at}`;
    const typed = read(id, (line) => readStep(at, line, GATE_NAMES) ?? { at: -1 });
    return typed && typed.at >= 0 ? [typed] : [];
  });
  const checks = (base.checks ?? []).map((check): PlannedCheck => {
    const typed = read(`check:${check.name}`, readCheck);
    if (!typed || checkWords(typed) === checkWords(check)) return check;
    const { pass: _, fail: __, ...rest } = check;
    return { ...rest, ...typed };
  });
  const numberOf = (id: string): number => {
    const number = fieldNumber(form, id);
    if (Number.isNaN(number)) {
      wrong.set(id, `Invalid number "${fieldValue(form, id)}". Enter a whole number.`);
    }
    return number;
  };
  const checked = checkProofPlan({
    weights: whole.some(Number.isNaN) ? [100] : whole,
    holds,
    gates,
    ...(steps.length > 0 && { steps }),
    evidence: { ...rowsOf(base.evidence), ...readAnswers(form), rows: numberOf('rows') },
    probes: { count: numberOf('count'), budget: numberOf('budget') },
    onFail: fieldValue(form, 'onFail'),
    onUnwatched: fieldValue(form, 'onUnwatched'),
    ...(checks.length > 0 && { checks }),
    ...(fieldValue(form, 'autoscale') === 'copy' && { autoscale: 'copy' as const }),
    ...(base.mirror && { mirror: base.mirror }),
    ...(base.visibleVariables && { visibleVariables: base.visibleVariables }),
    ...(base.notify && { notify: base.notify }),
  });
  if ('problems' in checked) {
    for (const problem of checked.problems) {
      const id = fieldOf(problem, steps, checks);
      if (!wrong.has(id)) wrong.set(id, sentence(problem));
    }
  }
  if ('problems' in checked || wrong.size > 0) return { form: marked(form, wrong) };
  const { gates: all = {}, ...rest } = checked.plan;
  const changes = changesOf(allGates({ weights: [], gates: all }), base.gates);
  const any = Object.keys(changes).length > 0;
  return { plan: { ...rest, ...(any && { gates: changes }) } };
}

/** Every wrong row says why, and the cursor is on the first. */
export function marked(form: Form, wrong: ReadonlyMap<string, string>): Form {
  const fields = form.fields.map(({ error: _, ...field }): Field => {
    const error = wrong.get(field.id);
    return error === undefined ? field : { ...field, error };
  });
  const focus = Math.max(
    0,
    fields.findIndex(({ error }) => error !== undefined),
  );
  return { ...form, fields, focus, cursor: fields[focus]?.value.length ?? 0 };
}

/** The plan's rows without what the form has fields for. */
function rowsOf(evidence: ProofPlan['evidence']): ProofPlan['evidence'] {
  const { output: _, classes: __, label: ___, score: ____, ...rest } = evidence ?? {};
  return rest;
}
