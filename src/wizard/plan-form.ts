/** The plan as a form: a row for each thing one can say. */
import { GATE_NAMES, GATE_TITLES } from '../rollout/evidence/gates/settings.js';
import { OUTPUTS, type PlannedMeaning } from '../rollout/evidence/output/meaning.js';
import { kindOfCheck } from '../rollout/checks/planned.js';
import {
  reactionsOf,
  probingOf,
  proofAt,
  type ProofPlan,
  type StepChange,
} from '../rollout/plan/proof.js';
import { fieldValue, type Field, type Form } from './form.js';
import { allGates } from './plan.js';
import { checkWords, gateWords, holdWords, MODES, stepWords } from './plan-text.js';

/** Rows that a proof sends unless the plan says otherwise. */
export const PROOF_ROWS = 300;

const REACTIONS = [
  { value: 'hold', label: 'hold' },
  { value: 'rollback', label: 'rollback to the split at the start' },
];
const AUTOSCALE_OPTIONS = [
  { value: 'leave', label: 'leave: green gets none' },
  { value: 'copy', label: "copy blue's to green" },
];
const MODE_OPTIONS = MODES.map((value) => ({ value, label: value }));

export const LOAD = 'load';
export const SAVE = 'save';

const text = (id: string, label: string, value: string, hint: string): Field => ({
  id,
  label,
  kind: 'text',
  value,
  hint,
});
const number = (id: string, label: string, value: number, hint: string): Field => ({
  ...text(id, label, String(value), hint),
  kind: 'number',
});
const reaction = (id: string, label: string, value: string, hint: string): Field => ({
  ...text(id, label, value, hint),
  kind: 'choice',
  options: REACTIONS,
});

export const readWeights = (typed: string): number[] =>
  typed
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((word) => (/^[-+]?\d+(\.\d+)?$/.test(word) ? Number(word) : Number.NaN));

/** Exceptions, a row for each step, kept as typed while the steps are edited. */
function stepFields(weights: readonly number[], value: (at: number) => string): Field[] {
  return [0, ...weights].map((at) =>
    text(
      `at:${at}`,
      at === 0 ? ' proof, at 0%' : ` at ${at}%`,
      value(at),
      'only here, for example 30 min, approval; labels off',
    ),
  );
}

const OUTPUT_OPTIONS = OUTPUTS.map((value) => ({ value, label: value }));

/** For what can't be known from looking at the answers. */
const answerFields = ({ output, classes, label, score }: PlannedMeaning = {}): Field[] => [
  {
    ...text('output', 'Answers are', output ?? 'auto', 'auto: found from the answers'),
    kind: 'choice',
    options: OUTPUT_OPTIONS,
  },
  text('classes', ' classes', (classes ?? []).join(', '), 'of scores, in order: setosa, virginica'),
  text('label', ' member: answer', label ?? '', 'of a record, or place in a list'),
  text('score', ' member: score', score ?? '', 'of a record'),
];

export function planForm(plan: ProofPlan): Form {
  const { hold } = proofAt({ ...plan, steps: [] }, -1);
  const { count, budget } = probingOf(plan);
  const { onFail, onUnwatched } = reactionsOf(plan);
  const gates = allGates(plan);
  const stepOf = (at: number): StepChange | undefined => {
    const own = plan.steps?.find((each) => each.at === at);
    // Shown whole: what an exception leaves out is the plan's.
    return own?.holds ? { ...own, holds: proofAt(plan, at).hold } : own;
  };
  const fields: Field[] = [
    text(
      'weights',
      'Steps',
      plan.weights.join(' '),
      "green's traffic weights in percent, up to 100",
    ),
    text(
      'holds',
      'Hold at each',
      holdWords(hold),
      'for example 5 min, 50 requests, approval; or none',
    ),
    ...stepFields(plan.weights, (at) => stepWords(stepOf(at), GATE_NAMES)),
    number('rows', 'Rows', plan.evidence?.rows ?? PROOF_ROWS, 'of the proof, to both'),
    ...answerFields(plan.evidence),
    number('count', 'Probes', count, 'after each change; they are real traffic'),
    number('budget', 'Probe budget', budget, 'in the whole rollout'),
    {
      ...text(
        'autoscale',
        'Autoscale',
        plan.autoscale ?? 'leave',
        "of blue, before green's first traffic",
      ),
      kind: 'choice',
      options: AUTOSCALE_OPTIONS,
    },
    reaction('onFail', 'A check fails', onFail, 'while green has traffic'),
    reaction('onUnwatched', 'Unwatched', onUnwatched, 'live minutes, more than one'),
    ...GATE_NAMES.map((name): Field => ({
      ...text(
        `gate:${name}`,
        GATE_TITLES[name],
        gateWords(gates[name]),
        '\u2190\u2192 enforce, warn, off; type the limits',
      ),
      kind: 'mode',
      options: MODE_OPTIONS,
    })),
    ...(plan.checks ?? []).map((check): Field => ({
      ...text(
        `check:${check.name}`,
        check.name,
        checkWords(check),
        `your ${kindOfCheck(check)?.id ?? 'check'}: \u2190\u2192 enforce, warn, off; pass >= 12, fail < 10`,
      ),
      kind: 'mode',
      options: MODE_OPTIONS,
    })),
    {
      ...text(LOAD, 'Load from file', '', 'a plan file such as rollout.yml; Enter reads it'),
      path: true,
    },
    { ...text(SAVE, 'Save to file', '', 'a new file; Enter writes this plan'), path: true },
  ];
  return { fields, focus: 0, cursor: fields[0]?.value.length ?? 0, guarded: false };
}

/** What was typed into the rows of exceptions, by row. */
export type TypedExceptions = Readonly<Record<string, string>>;

export const exceptionsIn = ({ fields }: Form): TypedExceptions =>
  Object.fromEntries(
    fields.filter(({ id }) => id.startsWith('at:')).map(({ id, value }) => [id, value]),
  );

/**
 * The rows of exceptions follow the steps as they are typed.
 * @param known exceptions of steps that are not there while another is typed over them
 */
export function followSteps(form: Form, known: TypedExceptions = {}): Form {
  const weights = readWeights(fieldValue(form, 'weights')).filter(
    (each) => Number.isInteger(each) && each >= 1 && each <= 100,
  );
  const wanted = [...new Set(weights)];
  const own = form.fields.filter(({ id }) => id.startsWith('at:'));
  const all = { ...known, ...exceptionsIn(form) };
  const fresh = stepFields(wanted, (at) => all[`at:${at}`] ?? '');
  if (own.map(({ id }) => id).join() === fresh.map(({ id }) => id).join()) return form;
  const rest = form.fields.filter(({ id }) => !id.startsWith('at:'));
  const at = rest.findIndex(({ id }) => id === 'holds') + 1;
  return { ...form, fields: [...rest.slice(0, at), ...fresh, ...rest.slice(at)] };
}
