/** The one reducer: an event in, the next state and the commands it asks for out. */
import type { Command } from './effects/index.js';
import type { WizardEvent } from './events.js';
import { freeze } from './freeze.js';
import { completion, formKey, isTyping, onActionRow, withCompleted } from './form.js';
import { globalBindings, taskBindings } from './global-keys.js';
import { bindingFor, type KeyPress } from './keys.js';
import { activeStep, look, movedFromStart } from './navigation.js';
import {
  overlayAnswered,
  overlayBindings,
  overlayChosen,
  overlayFailed,
  overlayKey,
} from './overlay-keys.js';
import type { Binding } from './keys.js';
import { placed } from './place.js';
import { performed } from './recommended.js';
import type { State } from './state.js';
import type { Answered, Failed, FormShown } from './step.js';
import { stepModule } from './steps/index.js';
import { withPrices } from './steps/price.js';
import { sawLive } from './steps/live.js';
import { interrupt, startAbort } from './leaving.js';
import { next, quiet, say, stepFailure, withOpened, withScreen, type Update } from './update.js';
import type { Issued } from './store.js';

interface Reduced {
  state: State;
  issued: Issued[];
}

/** Everything that answers to a key right now, most specific first. */
export function activeBindings(state: State): Binding[] {
  if (state.overlays.length > 0) return overlayBindings(state);
  if (state.task) return taskBindings(state);
  const step = stepModule(activeStep(state));
  return [...labelled(step.bindings(state), step.form?.(state)), ...globalBindings(state)];
}

/** On the action row Enter acts, and the footer says what it does. */
function labelled(bindings: Binding[], shown: FormShown | undefined): Binding[] {
  // In a text field letters are text, and the arrows move its cursor.
  if (isTyping(shown?.form)) {
    return bindings.filter(({ keys: [first = ''] }) => first.length > 1 && first !== 'left');
  }
  if (!shown || !onActionRow(shown.form)) return bindings;
  const label = shown.short ?? shown.action.charAt(0).toLowerCase() + shown.action.slice(1);
  return bindings.map((each) =>
    each.keys.includes('enter') && !each.run ? { ...each, label } : each,
  );
}

function press(state: State, key: KeyPress): Update {
  if (key.name === 'ctrl+c') return interrupt(state);
  if (state.overlays.length > 0) return overlayKey(state, key);
  const fresh = state.notice ? quiet(state) : state;
  const step = stepModule(activeStep(state));
  if (!state.task) {
    const form = step.form?.(fresh);
    const outcome = form && formKey(form.form, key, form.action);
    if (outcome?.complete) return next(fresh, completion(outcome.complete));
    if (outcome?.submitted) return step.submit?.(fresh) ?? next(fresh);
    if (outcome && step.setForm) return step.setForm(fresh, outcome.form);
  }
  const typed = state.task ? undefined : step.typed?.(fresh, key);
  if (typed) return next(typed);
  const binding = bindingFor(activeBindings(fresh), key);
  if (!binding) return next(fresh);
  if (binding.disabledBecause) return next(say(fresh, 'warning', binding.disabledBecause));
  return binding.run?.(fresh, key) ?? next(fresh);
}

function choose(state: State, list: string, value: string): Update {
  if (state.overlays.length > 0) return overlayChosen(state, list, value);
  if (state.task) return next(state);
  return stepModule(activeStep(state)).chosen?.(quiet(state), list, value) ?? next(state);
}

function isCurrent(state: State, event: { do: Command['do']; run: number }): boolean {
  return state.runs[event.do] === event.run;
}

function finish(state: State, name: Command['do']): { state: State; abortQueued: boolean } {
  const runs = { ...state.runs };
  delete runs[name];
  if (state.task?.command !== name) return { state: { ...state, runs }, abortQueued: false };
  const { task, ...rest } = state;
  return { state: { ...rest, runs }, abortQueued: task.abortQueued === true };
}

/** An answer that holds a newer view of the workspace, or prices, is taken over, whichever step asked. */
function withAnswer(state: State, { answer }: Answered): State {
  if (typeof answer !== 'object' || answer === null) return state;
  if ('prices' in answer) return withPrices(state, answer.prices);
  if ('opened' in answer) return placed(withOpened(state, answer.opened));
  return 'snapshot' in answer ? placed(withOpened(state, answer)) : state;
}

/** Where green had no traffic, an abort leaves nothing to look at but the report. */
const hadTraffic = ({ session }: State): boolean =>
  session?.opened !== undefined && movedFromStart(session.opened);

function answered(state: State, event: Answered): Update {
  if (!isCurrent(state, event)) return next(state);
  const asking = activeStep(state);
  const done = finish(state, event.do);
  const taken = withAnswer(done.state, event);
  const overlaid = overlayAnswered(taken, event);
  if (overlaid) return overlaid;
  if (event.do === 'completePath') {
    const step = stepModule(asking);
    const form = step.form?.(taken)?.form;
    return (form && step.setForm?.(taken, withCompleted(form, event.answer))) ?? next(taken);
  }
  if (performed(event, 'abort') && asking !== 'traffic' && !hadTraffic(state)) {
    return next(look(taken, 'report'));
  }
  const update = stepModule(asking).answered?.(taken, event) ?? next(taken);
  if (!done.abortQueued) return update;
  // Whatever the step wanted next, such as a check of the split, abort comes first.
  const { task: _, ...rest } = update.state;
  return startAbort(rest);
}

function failed(state: State, event: Failed): Update {
  if (!isCurrent(state, event)) return next(state);
  const asking = activeStep(state);
  const failure = stepFailure(event.failed, state);
  const done = finish(state, event.do);
  const { opened } = event.failed;
  const observed = opened ? placed(withOpened(done.state, opened)) : done.state;
  if (done.abortQueued) return startAbort(observed);
  if (observed.session?.opened?.drift) return next(observed);
  const own = overlayFailed(observed, event) ?? stepModule(asking).failed?.(observed, event);
  if (own) return own;
  if (event.failed.failure.kind === 'cancelled') {
    return next(say(observed, 'info', event.failed.failure.message));
  }
  // The step that asked keeps the failure, even when the workspace now implies another.
  return next(withScreen(look(observed, asking), asking, { failure }));
}

function progressed(state: State, event: Extract<WizardEvent, { type: 'progress' }>): State {
  const task = state.task;
  if (!isCurrent(state, event) || !task || task.command !== event.do) return state;
  const { progress } = event;
  switch (progress.kind) {
    case 'count':
      return {
        ...state,
        task: {
          ...task,
          count: { done: progress.done, total: progress.total, unit: progress.unit },
        },
      };
    case 'accepted':
      return { ...state, task: { ...task, accepted: true } };
    case 'phases':
      return { ...state, task: { ...task, phases: progress.phases } };
    case 'title': {
      const { count: _, phases: __, accepted: ___, ...rest } = task;
      return {
        ...state,
        task: {
          ...rest,
          title: progress.title,
          startedAt: state.now,
          ...(progress.change && { change: progress.change }),
          ...(progress.usualSeconds !== undefined && { usualSeconds: progress.usualSeconds }),
          ...(progress.deployment !== undefined && { deployment: progress.deployment }),
        },
      };
    }
    case 'message':
      return { ...state, log: [...state.log.slice(-50), { at: state.now, text: progress.text }] };
    case 'live':
      return state;
  }
}

function handle(state: State, event: WizardEvent): Update {
  switch (event.type) {
    case 'key':
      return press(state, event.key);
    case 'signal':
      return interrupt(state);
    case 'chosen':
      return choose(state, event.list, event.value);
    case 'highlighted': {
      if (state.overlays.length > 0) return next(state);
      const step = activeStep(state);
      return next(withScreen(state, step, { highlighted: event.value }));
    }
    case 'tick':
      return next({ ...state, now: event.now });
    case 'told': {
      const log = [...state.log.slice(-50), { at: state.now, text: event.text }];
      return next(say({ ...state, log }, 'warning', event.text));
    }
    case 'progress':
      if (event.progress.kind === 'live') {
        const { live, opened } = event.progress;
        return isCurrent(state, event) ? sawLive(state, live, opened) : next(state);
      }
      return next(progressed(state, event));
    case 'failed':
      return failed(state, event);
    case 'answered':
      return answered(state, event);
  }
}

export function reduce(before: State, event: WizardEvent): Reduced {
  if (before.leaving) {
    if (event.type !== 'told') return { state: before, issued: [] };
    // Said where the screen was.
    const { leaving } = before;
    const summary = [...leaving.summary, event.text];
    return { state: { ...before, leaving: { ...leaving, summary } }, issued: [] };
  }
  const update = handle(before, event);
  let state = placed(freeze(update.state));
  const commands = [...update.commands];
  if (state.view !== undefined) state = look(state, state.view);
  const step = activeStep(state);
  if (step !== activeStep(before) || state.screens[step] === undefined) {
    const entered = stepModule(step).enter(state);
    state = placed(entered.state);
    commands.push(...entered.commands);
  }
  const issued = commands.map((command, index) => ({ run: state.lastRun + index + 1, command }));
  if (issued.length > 0) {
    const runs = { ...state.runs };
    for (const { run, command } of issued) runs[command.do] = run;
    state = { ...state, runs, lastRun: state.lastRun + issued.length };
  }
  return { state, issued };
}
