/** What a step of the wizard is: when it is passed, its keys, how answers change the state. No looks. */
import type { Change } from '../rollout/changes/change.js';
import type { Facts } from '../rollout/moves/facts.js';
import type { RolesFound } from '../rollout/roles.js';
import type { WizardEvent } from './events.js';
import type { Form } from './form.js';
import type { Binding, KeyPress } from './keys.js';
import type { State, StepFailure } from './state.js';
import type { Update } from './update.js';

/** What each step keeps on its screen, by its id. The file of a step adds its own. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Screens {}

export type StepId = keyof Screens;

/** What every step keeps; beside it answers being typed, lists loaded. */
export interface ScreenState {
  failure?: StepFailure;
  /** The item under the cursor of the screen's list. */
  highlighted?: string;
}

/** What tells where a rollout is: the facts of `nextMove`, and how the roles were found. */
export interface Standpoint extends Facts {
  source: RolesFound['source'];
}

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
  /** Whether a rollout like this has the step at all; absent: every one has. */
  shown?(at: Pick<Standpoint, 'live' | 'view'>): boolean;
  /** It is behind this rollout, whoever did it. A person is at the first step that is not. */
  passed(at: Standpoint): boolean;
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
