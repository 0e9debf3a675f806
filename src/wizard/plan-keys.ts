/** The plan's editor: what its keys do, and what is asked before checks in the way are changed. */
import type { ProofPlan } from '../rollout/plan/proof.js';
import type { Command } from './effects/index.js';
import { completion, fieldValue, formKey, setField, withCompleted, type Form } from './form.js';
import { holdLeft, holdsOn, holdText } from './hold.js';
import type { Binding, KeyPress } from './keys.js';
import type { Overlay } from './overlays.js';
import { loosened, planFileToTake, planOf, shortensHold, type PlanFile } from './plan.js';
import { exceptionsIn, followSteps, LOAD, planForm, SAVE } from './plan-form.js';
import { marked, readPlanForm } from './read-plan-form.js';
import { standing } from './standing.js';
import type { State } from './state.js';
import type { Answered, Failed } from './step.js';
import { next, pop, push, replaceTop, say, type Update } from './update.js';

type Editor = Extract<Overlay, { kind: 'plan' }>;
type UsePlan = Extract<Command, { do: 'usePlan' }>;

export function planOverlay(state: State): Editor {
  return editorFor(planOf(state));
}

function editorFor(base: ProofPlan): Editor {
  const form = planForm(base);
  return { kind: 'plan', form, base, exceptions: exceptionsIn(form) };
}

const editorOf = (state: State): Editor | undefined => {
  const top = state.overlays.at(-1);
  return top?.kind === 'plan' ? top : undefined;
};

/** Keeps the plan; where it changes what is in the way, a check or a hold, only with a reason. */
function use(state: State, from: ProofPlan, plan: ProofPlan, file?: PlanFile['file']): Update {
  const command: UsePlan = { do: 'usePlan', plan, ...(file && { file }) };
  const gates = loosened(state, from, plan);
  const left = shortensHold(state, from, plan) ? holdLeft(state) : undefined;
  if (gates.length === 0 && !left) return next(state, command);
  const there = standing(state);
  // Where another check fails as well, that judgement goes on standing in the way.
  const stages = there
    .filter(({ verdicts }) => verdicts.every(({ gate }) => gates.includes(gate)))
    .map(({ stage }) => stage);
  const why = there.flatMap(({ verdicts }) =>
    verdicts.filter(({ gate }) => gates.includes(gate)).map((each) => each.why),
  );
  return next(
    push(state, {
      kind: 'reason',
      title:
        gates.length > 0
          ? 'The plan changes a gate that did not pass'
          : 'The plan ends a hold early',
      lines: [
        ...new Set(why),
        ...(left
          ? [`Still to come at ${left.weight}%: ${holdsOn(left) ? holdText(left) : 'approval'}.`]
          : []),
        'The journal and the report keep the reason.',
      ],
      typed: '',
      then: { ...command, gates, stages, ...(left && { hold: left.weight }) },
    }),
  );
}

/** Takes the plan of the command line over, once for each rollout. */
export function takePlanFile(state: State): Update {
  const found = planFileToTake(state);
  const { planFile } = state.defaults;
  const here = state.session?.opened?.endpoint;
  if (
    !found &&
    planFile?.endpoint !== undefined &&
    here !== undefined &&
    planFile.endpoint !== here
  ) {
    const { file, endpoint } = planFile;
    const other = `${file.name} is for ${endpoint}, so its plan is not used here; g can load it.`;
    return next(say(state, 'info', other));
  }
  if (!found || state.runs.usePlan !== undefined || state.overlays.length > 0) return next(state);
  // As it was before the file is weighed against it.
  const { planFile: _, ...defaults } = state.defaults;
  return use(state, planOf({ ...state, defaults }), found.plan, found.file);
}

function apply(state: State): Update {
  const editor = editorOf(state);
  if (!editor) return next(state);
  const { form, base, file } = editor;
  if (form.fields[form.focus]?.id === LOAD && fieldValue(form, LOAD) !== '') {
    return next(state, { do: 'readPlan', path: fieldValue(form, LOAD) });
  }
  const read = readPlanForm(form, base);
  if ('form' in read) return next(replaceTop(state, { ...editor, form: read.form }));
  if (form.fields[form.focus]?.id === SAVE && fieldValue(form, SAVE) !== '') {
    return next(state, { do: 'savePlan', path: fieldValue(form, SAVE), plan: read.plan });
  }
  return use(pop(state), planOf(state), read.plan, file);
}

const label = ({ fields, focus }: Form): string => {
  const { id, value = '' } = fields[focus] ?? {};
  if (value.trim() === '') return 'use this plan';
  return id === LOAD ? 'load' : id === SAVE ? 'save' : 'use this plan';
};

export const planBindings = ({ form }: Editor): Binding[] => [
  { keys: ['enter'], label: label(form), run: apply },
  { keys: ['up', 'down', 'tab'], label: 'field' },
  { keys: ['left', 'right'], label: 'change' },
  { keys: ['esc'], label: 'leave it as it was', run: (state) => next(pop(state)) },
];

/** Rows that one page down or up goes over. */
const PAGE = 10;

/** `undefined`: the form has no use for the key. */
export function planKey(state: State, key: KeyPress): Update | undefined {
  const editor = editorOf(state);
  if (!editor || key.name === 'enter' || key.name === 'esc') return undefined;
  const { form } = editor;
  const last = form.fields.length - 1;
  const to = (focus: number): Update => {
    const cursor = form.fields[focus]?.value.length ?? 0;
    return next(replaceTop(state, { ...editor, form: { ...form, focus, cursor } }));
  };
  // Enter applies from each row, so that no row is an action of its own.
  if (key.name === 'pagedown') return to(Math.min(last, form.focus + PAGE));
  if (key.name === 'pageup') return to(Math.max(0, form.focus - PAGE));
  if (key.name === 'tab') {
    const field = formKey(form, key, '')?.complete;
    if (field) return next(state, completion(field));
  }
  if (key.name === 'up' || key.name === 'shift+tab') {
    return to(form.focus === 0 ? last : form.focus - 1);
  }
  if (key.name === 'down' || key.name === 'tab') {
    return to(form.focus === last ? 0 : form.focus + 1);
  }
  const outcome = formKey(form, key, '');
  if (!outcome) return undefined;
  const exceptions = { ...editor.exceptions, ...exceptionsIn(outcome.form) };
  const changed = followSteps(outcome.form, exceptions);
  const typed = form.fields[form.focus];
  const ofPlan = typed?.id !== LOAD && typed?.id !== SAVE && outcome.form.fields !== form.fields;
  const { file: _, ...edited } = editor;
  return next(replaceTop(state, { ...(ofPlan ? edited : editor), form: changed, exceptions }));
}

/** A file was read into the editor, or the plan written to one. */
export function planAnswered(state: State, event: Answered): Update | undefined {
  const editor = editorOf(state);
  if (event.do === 'readPlan') {
    if (!editor) return next(state);
    const { plan, file } = event.answer;
    const loaded: Editor = { ...editorFor(plan), file };
    const told = say(state, 'good', `${file.name} is read: Enter uses this plan, Esc does not.`);
    return next(replaceTop(told, loaded));
  }
  if (event.do === 'completePath') {
    if (!editor) return undefined;
    return next(replaceTop(state, { ...editor, form: withCompleted(editor.form, event.answer) }));
  }
  if (event.do !== 'savePlan') return undefined;
  const saved = say(state, 'good', `Written to ${event.answer.path}.`);
  if (!editor) return next(saved);
  return next(replaceTop(saved, { ...editor, form: setField(editor.form, SAVE, { value: '' }) }));
}

/** What is wrong with the file is said beside its name. */
export function planFailed(state: State, { do: what, failed }: Failed): Update | undefined {
  if (what !== 'readPlan' && what !== 'savePlan') return undefined;
  const editor = editorOf(state);
  if (!editor) return next(say(state, 'error', failed.failure.message));
  const field = what === 'readPlan' ? LOAD : SAVE;
  const form = marked(editor.form, new Map([[field, failed.failure.message]]));
  return next(replaceTop(state, { ...editor, form }));
}
