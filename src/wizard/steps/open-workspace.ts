/** Opening what is on the start screen: a rollout, a saved workspace, the form of a new one. */
import type { AnswerOf } from '../effects/index.js';
import type { ConnectionForm } from '../effects/profiles.js';
import type { StartInfo } from '../effects/start.js';
import { makeForm, type Form } from '../form.js';
import type { ProfileChoice, State } from '../state.js';
import type { ScreenState } from '../step.js';
import { dropFromScreen, next, say, withScreen, work, type Update } from '../update.js';
import { connectionFields } from './connection-form.js';

export interface WorkspaceScreenState extends ScreenState {
  mode: 'list' | 'connection' | 'choose' | 'rename';
  info?: StartInfo;
  /** What `/` filters by; absent while nothing is filtered. */
  filter?: string;
  /** Characters before its cursor. */
  filterCursor?: number;
  filtering: boolean;
  form?: Form;
  /** The saved profile being edited. */
  editing?: string;
  found?: AnswerOf<'findWorkspaces'>;
  /** What to do once connected. */
  intent?: { endpoint: string; rolloutId?: string; rollback: boolean };
}

export const NEW_CONNECTION = 'new';

/** Where the cursor is at first: the last rollout under way, else the last used workspace. */
export function firstItem({
  rollouts,
  profiles,
}: Pick<StartInfo, 'rollouts' | 'profiles'>): string {
  const underWay = rollouts.findIndex((each) => !each.kept);
  return underWay >= 0 ? `rollout:${underWay}` : `profile:${profiles[0]?.id ?? ''}`;
}

export const screenOf = (state: State): WorkspaceScreenState =>
  state.screens.workspace ?? { mode: 'list', filtering: false };

export function openProfile(state: State, profile: ProfileChoice): Update {
  const title = profile.sandbox ? 'Starting the sandbox' : `Connecting to ${profile.name}`;
  const connecting: State = {
    ...dropFromScreen(state, 'workspace', 'failure'),
    connecting: profile,
  };
  return work(connecting, { do: 'connect', profile }, { title, writes: false });
}

/** List values are `profile:<id>`, `rollout:<index>` or `new`. */
export function choose(state: State, value: string, rollback: boolean): Update {
  const info = screenOf(state).info;
  if (!info) return next(state);
  if (value === NEW_CONNECTION) return openForm(state, info.discovered?.connection ?? {});
  if (value.startsWith('rollout:')) {
    const rollout = info.rollouts[Number(value.slice('rollout:'.length))];
    const profile = info.profiles.find((each) => each.id === rollout?.profileId);
    if (!rollout || !profile) {
      return next(
        say(
          state,
          'warning',
          'The profile of this rollout no longer exists; connect to its workspace again.',
        ),
      );
    }
    const intent = { endpoint: rollout.endpoint, rolloutId: rollout.rolloutId, rollback };
    return openProfile(withScreen(state, 'workspace', { intent }), profile);
  }
  const profile = info.profiles.find((each) => `profile:${each.id}` === value);
  if (!profile) return next(state);
  if (rollback) {
    return next(
      say(
        state,
        'warning',
        'Choose a rollout under way to roll back, or open the workspace and press b on an endpoint.',
      ),
    );
  }
  return openProfile(dropFromScreen(state, 'workspace', 'intent'), profile);
}

export function openForm(state: State, known: Partial<ConnectionForm>, editing?: string): Update {
  const form = makeForm(connectionFields(known), true);
  const screen: Partial<WorkspaceScreenState> = {
    mode: 'connection',
    form,
    ...(editing && { editing }),
  };
  const clean = dropFromScreen(state, 'workspace', 'failure', 'editing');
  return next(withScreen(clean, 'workspace', screen));
}
