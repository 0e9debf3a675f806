/** A next state and what shall be asked of the world: what every part of the reducer returns. */
import { liveNames, shareOf } from '../common/split.js';
import type { Command } from './effects/index.js';
import type { CommandFailure } from './events.js';
import type { Opened } from './effects/world.js';
import type { Overlay } from './overlays.js';
import type { Notice, State, StepFailure, Task } from './state.js';
import type { Screens, StepId } from './step.js';

export interface Update {
  state: State;
  commands: readonly Command[];
}

export const next = (state: State, ...commands: Command[]): Update => ({ state, commands });

export function withScreen<K extends StepId>(
  state: State,
  step: K,
  change: Partial<Screens[K]>,
): State {
  const screen = { ...state.screens[step], ...change } as Screens[K];
  return { ...state, screens: { ...state.screens, [step]: screen } };
}

/** The same screen without some of its optional members. */
export function dropFromScreen<K extends StepId>(
  state: State,
  step: K,
  ...members: (keyof Screens[K])[]
): State {
  const screen = { ...state.screens[step] } as Screens[K];
  for (const member of members) delete screen[member];
  return { ...state, screens: { ...state.screens, [step]: screen } };
}

export const say = (state: State, level: Notice['level'], text: string): State => ({
  ...state,
  notice: { level, text },
});

export function quiet(state: State): State {
  const { notice: _, ...rest } = state;
  return rest;
}

export const push = (state: State, overlay: Overlay): State => ({
  ...state,
  overlays: [...state.overlays, overlay],
});

export const pop = (state: State): State => ({ ...state, overlays: state.overlays.slice(0, -1) });

export const replaceTop = (state: State, overlay: Overlay): State => ({
  ...state,
  overlays: [...state.overlays.slice(0, -1), overlay],
});

/** Starts work that a person waits for. While one runs, no other starts. */
export function work(
  state: State,
  command: Command,
  task: Pick<Task, 'title' | 'writes'> &
    Partial<Pick<Task, 'usualSeconds' | 'deployment' | 'change'>>,
): Update {
  if (state.task) return next(state);
  return next(
    { ...quiet(state), task: { command: command.do, startedAt: state.now, ...task } },
    command,
  );
}

export function withOpened(state: State, opened: Opened): State {
  return state.session ? { ...state, session: { ...state.session, opened } } : state;
}

function usersNotice(state: State): string {
  const opened = state.session?.opened;
  if (!opened) return 'No endpoint was changed.';
  const { endpoint, deployments = [] } = opened.snapshot;
  const served = liveNames(endpoint?.traffic ?? {});
  if (served.length === 0) return 'Nothing is live yet, so no user notices.';
  const broken = deployments.find(
    ({ name, provisioningState }) => provisioningState === 'Failed' && served.includes(name),
  );
  if (broken) {
    const share = shareOf(endpoint?.traffic ?? {}, broken.name);
    return `Users may notice: ${broken.name} is failed and has ${share}% of the traffic.`;
  }
  return `Users notice nothing: ${served.join(' and ')} still ${served.length > 1 ? 'serve' : 'serves'}.`;
}

export function stepFailure(failed: CommandFailure, state: State): StepFailure {
  // What failed in a change is named as the person saw it: the change, not the request in it.
  const { task } = state;
  const what = task?.command === 'run' && task.change ? { what: task.title } : {};
  return {
    failure: { ...failed.failure, ...what },
    usersNotice: usersNotice(state),
    ...(failed.log !== undefined && { logTail: failed.log.trimEnd().split('\n').slice(-200) }),
    ...(failed.deployment !== undefined && { deployment: failed.deployment }),
    ...(failed.phases && { phases: failed.phases }),
    ...(state.task && { seconds: (state.now - state.task.startedAt) / 1000 }),
  };
}
