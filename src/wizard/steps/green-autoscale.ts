/** Whether green gets a copy of blue's autoscale: a row of green's form where blue has one, kept in the plan. */
import { AUTOSCALE } from '../../rollout/plan/proof.js';
import type { Command } from '../effects/index.js';
import { fieldValue, type Field, type Form } from '../form.js';
import { planOf } from '../plan.js';
import type { State } from '../state.js';

const ID = 'autoscale';

export function autoscaleFields(state: State): Field[] {
  const found = state.screens.green?.attachments?.found ?? [];
  const setting = found.find(({ kind }) => kind === 'autoscale setting');
  if (!setting) return [];
  return [
    {
      id: ID,
      label: 'Autoscale',
      kind: 'choice',
      value: planOf(state).autoscale ?? 'leave',
      options: [
        { value: 'leave', label: 'leave: green has a fixed number of instances' },
        { value: 'copy', label: `copy ${setting.name} before green gets traffic` },
      ],
    },
  ];
}

/** The form with the row, once it is known that there is something to copy. */
export function withAutoscale(state: State, form: Form): Form {
  const added = form.fields.some(({ id }) => id === ID) ? [] : autoscaleFields(state);
  const onAction = form.focus === form.fields.length;
  const focus = onAction ? form.focus + added.length : form.focus;
  return { ...form, fields: [...form.fields, ...added], focus };
}

export const copiesAutoscale = (form: Form | undefined): boolean =>
  form !== undefined && fieldValue(form, ID) === 'copy';

/** Keeps the choice in the plan; `undefined`: the plan says so already. */
export function recordAutoscale(state: State, form: Form | undefined): Command | undefined {
  const chosen = AUTOSCALE.find((each) => form && each === fieldValue(form, ID));
  const kept = state.session?.opened?.journal.choice.plan?.autoscale ?? 'leave';
  if (chosen === undefined || chosen === kept) return undefined;
  return { do: 'record', choice: { plan: { ...planOf(state), autoscale: chosen } } };
}
