/** What a step of the wizard is: its keys and how its answers change the state. No looks. */
import type { Change } from '../rollout/changes/change.js';
import type { StepId } from '../rollout/steps.js';
import type { WizardEvent } from './effects/contract.js';
import type { Form } from './form.js';
import type { Binding, KeyPress } from './keys.js';
import type { State } from './state.js';
import type { Update } from './update.js';

export type Answered = Extract<WizardEvent, { type: 'answered' }>;
export type Failed = Extract<WizardEvent, { type: 'failed' }>;

/** A form, the label of its action row, and the same in a word or two for the footer. */
export interface FormShown {
  form: Form;
  action: string;
  short?: string;
}

export interface Step {
  id: StepId;
  title: string;
  /** The step has become the active one. */
  enter(state: State): Update;
  /** The form that has the keys now, with the label of its action row. */
  form?(state: State): FormShown | undefined;
  /** Text typed where the step has no form, such as a filter; `undefined`: it has no use for it. */
  typed?(state: State, key: KeyPress): State | undefined;
  setForm?(state: State, form: Form): Update;
  submit?(state: State): Update;
  bindings(state: State): Binding[];
  /** An item of a list was chosen with Enter. */
  chosen?(state: State, list: string, value: string): Update;
  answered?(state: State, event: Answered): Update;
  /** `undefined`: the common failure screen is right. */
  failed?(state: State, event: Failed): Update | undefined;
  /** Esc inside the step: one level up, or `undefined` when it is at its top. */
  back?(state: State): Update | undefined;
  /** The changes that the recommended action would send, for "the equivalent command". */
  preview?(state: State): Change[];
}
