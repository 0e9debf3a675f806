/** What keys do while an overlay is on top. */
import { bindingFor, type Binding, type KeyPress } from './keys.js';
import type { Command } from './effects/index.js';
import { codePreview } from './code-preview.js';
import { abortDisabled, askToAbort, closeSession, leave, startAbort } from './leaving.js';
import { startSplit } from './navigation.js';
import { LANGUAGES } from '../interop/languages/index.js';
import type { Overlay } from './overlays.js';
import type { State } from './state.js';
import type { Answered, Failed } from './step.js';
import { planAnswered, planBindings, planFailed, planKey } from './plan-keys.js';
import { MOST_MIRRORED } from '../rollout/changes/set-mirror.js';
import { writes } from '../rollout/moves/index.js';
import { stageMirror } from './steps/mirror.js';
import { mostForGreen } from './steps/staged-traffic.js';
import { editText, typedNumber } from './typed-text.js';
import { next, pop, replaceTop, say, work, withScreen, type Update } from './update.js';

const LANGUAGE_IDS = LANGUAGES.map(({ id }) => id);
const PAGE = 10;

const close: Binding = { keys: ['esc', 'q'], label: 'close', run: (state) => next(pop(state)) };

/** The overlay scrolls itself: only it knows how many lines there are. */
const scrolling: Binding[] = [
  { keys: ['up', 'down'], label: 'scroll' },
  { keys: ['pagedown', 'pageup', ' '], label: 'page', helpOnly: true },
  { keys: ['home', 'end'], label: 'first, last', helpOnly: true },
];

function turnLanguage(by: 1 | -1): (state: State) => Update {
  return (state) => {
    const top = state.overlays.at(-1);
    if (top?.kind !== 'command') return next(state);
    const at = LANGUAGE_IDS.indexOf(top.language);
    const language = LANGUAGE_IDS.at((at + by) % LANGUAGE_IDS.length) ?? top.language;
    return next(replaceTop(state, { ...top, language }));
  };
}

function withoutTask(state: State): State {
  const { task, ...rest } = state;
  const runs = { ...rest.runs };
  if (task) delete runs[task.command];
  return { ...rest, runs };
}

/** What can be confirmed and changes nothing in the workspace. */
const NO_WRITES: ReadonlySet<Command['do']> = new Set(['usePlan', 'endHold', 'adopt', 'record']);

const isAbort = (command: Command | undefined): boolean =>
  command?.do === 'perform' && command.move.id === 'abort';

/** Runs what was confirmed; behind a running write only abort may queue. */
function carryOut(state: State, command: Command, title: string): Update {
  const closed = pop(state);
  if (closed.task && !closed.task.writes && isAbort(command)) {
    // Rows being sent are given up at once: only a write has to be waited out.
    return carryOut({ ...withoutTask(closed), overlays: state.overlays }, command, title);
  }
  if (closed.task) {
    if (!isAbort(command)) return next(closed);
    return next({ ...closed, task: { ...closed.task, abortQueued: true } });
  }
  const { view: _, ...rest } = closed;
  return work(isAbort(command) ? rest : closed, command, {
    title,
    writes: command.do === 'perform' ? writes(command.move) : !NO_WRITES.has(command.do),
  });
}

function confirmName(state: State): Update {
  const top = state.overlays.at(-1);
  if (top?.kind !== 'type-name' || top.typed !== top.name) return next(state);
  return carryOut(state, top.then, top.task);
}

/** Azure mirrors at most half; of live traffic, others' shares are frozen. */
export const mostToType = (state: State, of: 'share' | 'mirror'): number =>
  of === 'share' ? mostForGreen(state) : MOST_MIRRORED;

function stageNumber(state: State): Update {
  const top = state.overlays.at(-1);
  if (top?.kind !== 'number') return next(state);
  const most = mostToType(state, top.of);
  const percent = typedNumber(top.typed.replace(/%\s*$/, ''));
  if (!(percent <= most)) {
    const error = `Invalid percentage "${top.typed}". Enter a whole number from 0 to ${most}.`;
    return next(replaceTop(state, { ...top, error }));
  }
  if (top.of === 'mirror') return stageMirror(pop(state), percent);
  return next(withScreen(pop(state), 'traffic', { staged: percent }));
}

/** One level up: from a row to the rows, and from the rows to the step. */
function closeRow(state: State): Update {
  const top = state.overlays.at(-1);
  if (top?.kind !== 'rows' || !top.open) return next(pop(state));
  const { open: _, ...rows } = top;
  return next(replaceTop(state, rows));
}

function moveRow(by: number): (state: State) => Update {
  return (state) => {
    const top = state.overlays.at(-1);
    if (top?.kind !== 'rows') return next(state);
    const last = (state.screens.prove?.tested?.result.differing?.length ?? 1) - 1;
    const offset = Math.max(0, Math.min(last, top.offset + by));
    return next(replaceTop(state, { ...top, offset }));
  };
}

const rowBindings = (top: Extract<Overlay, { kind: 'rows' }>): Binding[] => [
  {
    keys: ['enter'],
    label: top.open ? 'all rows' : 'what was sent',
    run: (state) => (top.open ? closeRow(state) : next(replaceTop(state, { ...top, open: true }))),
  },
  { keys: ['up', 'k'], label: 'row', run: moveRow(-1) },
  { keys: ['down', 'j'], label: 'next row', helpOnly: true, run: moveRow(1) },
  { keys: ['pagedown', ' '], label: 'page down', helpOnly: true, run: moveRow(PAGE) },
  { keys: ['pageup'], label: 'page up', helpOnly: true, run: moveRow(-PAGE) },
  { keys: ['home'], label: 'first row', helpOnly: true, run: moveRow(-Infinity) },
  { keys: ['end'], label: 'last row', helpOnly: true, run: moveRow(Infinity) },
  { keys: ['esc', 'q', '?', 'd'], label: top.open ? 'all rows' : 'close', run: closeRow },
];

function nameBinding(top: Extract<Overlay, { kind: 'type-name' }>): Binding {
  const matches = top.typed === top.name;
  return {
    keys: ['enter'],
    label: 'confirm',
    ...(!matches && { disabledBecause: `Type ${top.name} to confirm.` }),
    run: confirmName,
  };
}

/** Abort answers from anywhere in a rollout, so also while something is only being read. */
function abortBinding(state: State): Binding[] {
  const opened = state.session?.opened;
  if (!opened || !startSplit(opened)) return [];
  const reason = abortDisabled(state);
  const run = (now: State): Update => askToAbort(pop(now));
  return [
    {
      keys: ['A'],
      label: 'abort',
      ...(reason !== undefined && { disabledBecause: reason, helpOnly: true }),
      run,
    },
  ];
}

export function overlayBindings(state: State): Binding[] {
  const top = state.overlays.at(-1);
  switch (top?.kind) {
    case 'rows':
      return [...rowBindings(top), ...abortBinding(state)];
    case 'help':
      return [...scrolling, { ...close, keys: ['esc', 'q', '?', 'enter'] }, ...abortBinding(state)];
    case 'command':
      return [
        { keys: ['right', 'tab'], label: 'next language', run: turnLanguage(1) },
        { keys: ['left', 'shift+tab'], label: 'previous', helpOnly: true, run: turnLanguage(-1) },
        ...scrolling,
        {
          keys: ['Y'],
          label: 'copy',
          run: (now) => {
            const ref = now.session?.info;
            const text = ref ? codePreview(top.language, top.changes, ref) : '';
            return next(now, { do: 'copy', what: 'code', text });
          },
        },
        { ...close, keys: ['esc', 'q', 'e', 'enter'] },
        ...abortBinding(state),
      ];
    case 'logs':
      return [
        ...scrolling,
        {
          keys: ['tab'],
          label: 'other container',
          run: (now) => {
            const container =
              top.container === 'inference-server' ? 'storage-initializer' : 'inference-server';
            const { text: _, ...rest } = top;
            return next(replaceTop(now, { ...rest, container }), {
              do: 'logs',
              deployment: top.deployment,
              container,
            });
          },
        },
        {
          keys: ['r'],
          label: 'read again',
          run: (now) =>
            next(now, { do: 'logs', deployment: top.deployment, container: top.container }),
        },
        { ...close, keys: ['esc', 'q', 'L', 'enter'] },
        ...abortBinding(state),
      ];
    case 'type-name':
      return [nameBinding(top), { ...close, keys: ['esc'], label: 'keep' }];
    case 'reason':
      return [
        {
          keys: ['enter'],
          label: 'override',
          ...(top.typed.trim().length < 3 && { disabledBecause: 'Enter a reason first.' }),
          run: (now) => next(pop(now), { ...top.then, reason: top.typed.trim() }),
        },
        { ...close, keys: ['esc'], label: 'hold' },
      ];
    case 'number':
      return [
        { keys: ['enter'], label: top.of === 'share' ? 'stage' : 'mirror', run: stageNumber },
        { ...close, keys: ['esc'] },
      ];
    case 'plan':
      return planBindings(top);
    case 'confirm':
      return [
        { keys: ['enter'], label: 'choose' },
        // "Go on" would sound as if it chose what is asked.
        { ...close, keys: ['esc'] },
        ...(Object.values(top.then).some((command) => isAbort(command)) ? [] : abortBinding(state)),
      ];
    case 'drift':
      return [
        { keys: ['enter'], label: 'choose' },
        { keys: ['q'], label: 'leave', run: (now) => leave(now, 0) },
      ];
    case 'stop':
    case 'leave':
      return [
        { keys: ['enter'], label: 'choose' },
        { ...close, keys: ['esc'], label: 'continue' },
      ];
    case 'message':
      return [{ ...close, keys: ['esc', 'q', 'enter'] }];
    case undefined:
      return [];
  }
}

/** Azure and our own tags take no longer reason. */
const LONGEST = 200;

function typing(state: State, key: KeyPress): State | undefined {
  const top = state.overlays.at(-1);
  if (top?.kind !== 'type-name' && top?.kind !== 'reason' && top?.kind !== 'number') {
    return undefined;
  }
  const now = editText({ value: top.typed, cursor: top.cursor ?? top.typed.length }, key);
  if (!now || now.value.length > LONGEST) return undefined;
  const { error: _, ...rest } = top;
  const kept = now.value === top.typed ? top : rest;
  return replaceTop(state, { ...kept, typed: now.value, cursor: now.cursor });
}

/** The field says why Enter does nothing. */
function refused(state: State, because: string): State {
  const top = state.overlays.at(-1);
  return top?.kind === 'type-name' || top?.kind === 'reason'
    ? replaceTop(state, { ...top, error: because })
    : say(state, 'warning', because);
}

export function overlayKey(state: State, key: KeyPress): Update {
  const typed = typing(state, key);
  if (typed) return next(typed);
  const planned = planKey(state, key);
  if (planned) return planned;
  const binding = bindingFor(overlayBindings(state), key);
  if (!binding) return next(state);
  if (binding.disabledBecause) return next(refused(state, binding.disabledBecause));
  return binding.run?.(state, key) ?? next(state);
}

export function overlayChosen(state: State, list: string, value: string): Update {
  const top = state.overlays.at(-1);
  if (list !== top?.kind) return next(state);
  switch (top.kind) {
    case 'confirm': {
      const command = top.then[value];
      return command ? carryOut(state, command, top.task) : next(pop(state));
    }
    case 'drift':
      if (value === 'leave') return leave(state, 0);
      return value === 'adopt'
        ? carryOut(state, { do: 'adopt' }, 'Adopting the current split')
        : startAbort(pop(state));
    case 'stop':
    case 'leave':
      if (value === 'back-to-blue') return askToAbort(pop(state));
      if (value === 'leave' && top.kind === 'leave' && top.to === 'start') {
        return next(closeSession(state, top.notice));
      }
      if (value === 'leave') return leave(state, top.kind === 'stop' ? 130 : 0);
      return next(pop(state));
    default:
      return next(state);
  }
}

/** An answer that an overlay waits for; `undefined`: it is the step's. */
export function overlayAnswered(state: State, event: Answered): Update | undefined {
  if (event.do === 'copy') return next(say(state, 'good', event.answer.said));
  if (event.do !== 'logs') return planAnswered(state, event);
  // Asked for by a screen that shows what failed.
  if (!state.overlays.some((overlay) => overlay.kind === 'logs')) return undefined;
  const overlays = state.overlays.map((overlay) =>
    overlay.kind === 'logs' ? { ...overlay, text: event.answer } : overlay,
  );
  return next({ ...state, overlays });
}

/** A failure that an overlay waits for; `undefined`: it is the step's. */
export const overlayFailed = (state: State, event: Failed): Update | undefined =>
  planFailed(state, event);
