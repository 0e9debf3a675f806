/** The keys that mean the same on every screen. */
import { formatSplit } from '../common/split.js';
import { blueInstancesAtStart } from '../rollout/traffic-change.js';
import { planUndo, type Undo } from '../rollout/undo.js';
import { isTyping } from './form.js';
import type { Binding } from './keys.js';
import { abortDisabled, askToAbort, askToClose, askToLeave, interrupt } from './leaving.js';
import { activeStep, look, neighbour, startSplit } from './navigation.js';
import type { Overlay } from './overlays.js';
import type { State } from './state.js';
import { succeeded } from '../rollout/journal/view.js';
import { HELP, QUIT } from './start-keys.js';
import { stepModule } from './steps/index.js';
import { planOf } from './plan.js';
import { performMove } from './recommended.js';
import { next, push, type Update } from './update.js';

function back(state: State): Update {
  const inside = stepModule(activeStep(state)).back?.(state);
  if (inside) return inside;
  if (!state.session) return next(state);
  const to = neighbour(state, -1);
  if (!to || to === 'workspace') return askToClose(state);
  return next(look(state, to));
}

/** Where undo would go: the engine plans it again, the same way, when it runs. */
function undoPlan(state: State): Undo {
  const opened = state.session?.opened;
  if (!opened?.journal.undo.length) {
    return { refused: 'Nothing to undo: no split was replaced since the start or the last abort.' };
  }
  const { snapshot, journal, roles } = opened;
  const instances = blueInstancesAtStart({ now: snapshot, view: journal });
  return planUndo(journal.undo, snapshot, roles, instances);
}

function undo(state: State): Update {
  const plan = undoPlan(state);
  if ('refused' in plan) return next(state);
  const { to, warning } = plan;
  const title = `Undo: back to ${formatSplit(to)}`;
  if (warning === undefined) {
    return performMove(state, { id: 'undo' }, { title });
  }
  return next(
    push(state, {
      kind: 'confirm',
      title: 'Undo the last split',
      lines: [warning],
      choices: [
        { value: 'no', label: 'Keep the present split' },
        { value: 'undo', label: `Undo anyway: ${formatSplit(to)}` },
      ],
      then: { undo: { do: 'perform', move: { id: 'undo' }, plan: planOf(state) } },
      task: title,
    }),
  );
}

/** A key is never printed: it goes to the clipboard, or to a file for this user only. */
function askToCopy(state: State): Update {
  const failure = state.screens[activeStep(state)]?.failure?.failure;
  const support = failure && [failure.what, failure.message, failure.code, failure.correlationId];
  return next(
    push(state, {
      kind: 'confirm',
      title: 'Copy',
      lines: ['To the clipboard where the terminal allows it, else to a file only you can read.'],
      choices: [
        { value: 'curl', label: 'A curl command that scores sample.json, with the key' },
        { value: 'key', label: 'The key or token of the endpoint' },
        ...(support ? [{ value: 'support', label: 'What failed, for a support request' }] : []),
      ],
      then: {
        curl: { do: 'copy', what: 'curl' },
        key: { do: 'copy', what: 'key' },
        ...(support && {
          support: { do: 'copy', what: 'support', text: support.filter(Boolean).join('\n') },
        }),
      },
      task: 'Copying',
    }),
  );
}

/** Deployment whose log `L` opens: the one being made, else green, else blue. */
function logOf(state: State): string | undefined {
  const opened = state.session?.opened;
  return state.task?.deployment ?? opened?.roles.green ?? opened?.roles.blue;
}

const because = (reason: string | undefined): { disabledBecause?: string } =>
  reason === undefined ? {} : { disabledBecause: reason };

/** What is being sent, else what Enter would send, else what was sent last. */
export function shownChanges(
  state: State,
): Pick<Extract<Overlay, { kind: 'command' }>, 'changes' | 'when'> {
  if (state.task?.change) return { changes: [state.task.change], when: 'sending' };
  const preview = stepModule(activeStep(state)).preview?.(state) ?? [];
  if (preview.length > 0) return { changes: preview, when: 'to send' };
  const done = (state.session?.opened?.journal.changes ?? []).filter(succeeded);
  return { changes: done.slice(-1).map(({ change }) => change), when: 'sent' };
}

export function viewingBindings(state: State): Binding[] {
  const deployment = logOf(state);
  const shown = shownChanges(state);
  return [
    {
      keys: ['e'],
      label: 'code',
      ...because(
        shown.changes.length === 0
          ? 'No change to show yet: nothing is staged and nothing was done.'
          : undefined,
      ),
      run: (now) => next(push(now, { kind: 'command', language: 'az', ...shown })),
    },
    {
      keys: ['L'],
      label: 'logs',
      helpOnly: deployment === undefined,
      ...because(deployment === undefined ? 'No deployment yet, so there are no logs.' : undefined),
      run: (now) =>
        next(
          push(now, {
            kind: 'logs',
            deployment: deployment ?? '',
            container: 'inference-server',
          }),
          { do: 'logs', deployment: deployment ?? '', container: 'inference-server' },
        ),
    },
    { ...HELP, run: (now) => next(push(now, { kind: 'help' })) },
  ];
}

export function globalBindings(state: State): Binding[] {
  const opened = state.session?.opened;
  const form = stepModule(activeStep(state)).form?.(state)?.form;
  const began = opened !== undefined && startSplit(opened) !== undefined;
  const plan = undoPlan(state);
  const bindings: Binding[] = [
    { keys: ['esc'], label: 'back', run: back, helpOnly: !state.session },
    ...(state.session ? viewingBindings(state) : viewingBindings(state).slice(-1)),
    {
      keys: ['A'],
      label: 'abort',
      helpOnly: abortDisabled(state) !== undefined,
      ...because(abortDisabled(state)),
      run: askToAbort,
    },
    {
      keys: ['u'],
      label: 'undo',
      helpOnly: activeStep(state) !== 'traffic',
      ...because('refused' in plan ? plan.refused : undefined),
      run: undo,
    },
    {
      keys: ['Y'],
      label: 'copy key or curl',
      helpOnly: true,
      ...because(
        opened?.snapshot.endpoint ? undefined : 'No endpoint is open, so there is nothing to copy.',
      ),
      run: askToCopy,
    },
    { ...QUIT, ...(state.session && { label: 'leave' }), run: askToLeave },
  ];
  // In a text field letters are text.
  const filtering =
    activeStep(state) === 'workspace' && state.screens.workspace?.filtering === true;
  if (!isTyping(form) && !filtering) return bindings;
  const stop: Binding = {
    keys: ['ctrl+c'],
    label: began ? 'stop or roll back' : 'stop',
    run: interrupt,
  };
  // A filter's own Esc takes it off.
  return [...(filtering ? [] : bindings.filter((binding) => binding.keys[0] === 'esc')), stop];
}

/** While something runs, keys are dropped except those that look, stop waiting, abort or leave. */
export function taskBindings(state: State): Binding[] {
  const writes = state.task?.writes === true;
  return [
    {
      keys: ['esc'],
      label: writes ? 'stop waiting' : 'cancel',
      run: (now) => {
        if (writes) {
          return askToClose(
            now,
            'Stopped waiting. Azure completes what was sent; reopen the endpoint to see the result.',
          );
        }
        const { task, ...rest } = now;
        const runs = { ...rest.runs };
        if (task) delete runs[task.command];
        const cancelled: State = { ...rest, runs, notice: { level: 'info', text: 'Cancelled.' } };
        return next(cancelled);
      },
    },
    ...viewingBindings(state),
    {
      keys: ['A'],
      label: 'abort',
      helpOnly: abortDisabled(state) !== undefined,
      ...because(abortDisabled(state)),
      run: askToAbort,
    },
    { keys: ['q'], label: 'leave', run: askToLeave },
  ];
}
