/** Start: rollouts under way, saved profiles, the sandbox, or a new connection. */
import { failedBindings } from '../failed-keys.js';
import { fieldValue, makeForm, setField, type Field } from '../form.js';
import type { ProfileChoice, State } from '../state.js';
import type { Step } from '../step.js';
import { editText } from '../typed-text.js';
import { dropFromScreen, next, push, say, withScreen, work, type Update } from '../update.js';
import type { Binding } from '../keys.js';
import { readConnection } from './connection-form.js';
import {
  choose,
  firstItem,
  NEW_CONNECTION,
  openForm,
  openProfile,
  screenOf,
  type WorkspaceScreenState,
} from './open-workspace.js';

declare module '../step.js' {
  interface Screens {
    workspace: WorkspaceScreenState;
  }
}

function submit(state: State): Update {
  const screen = screenOf(state);
  if (!screen.form) return next(state);
  if (screen.mode === 'rename' && screen.editing) {
    const name = fieldValue(screen.form, 'name');
    return next(state, { do: 'renameProfile', id: screen.editing, name });
  }
  const form = readConnection(screen.form);
  const clean = dropFromScreen(state, 'workspace', 'failure');
  if (form.subscriptionId && form.workspaceName && form.resourceGroup) {
    return next(clean, { do: 'saveProfile', form, ...(screen.editing && { id: screen.editing }) });
  }
  return work(
    clean,
    { do: 'findWorkspaces', form },
    { title: 'Searching for workspaces', writes: false },
  );
}

const highlightedProfile = (state: State): ProfileChoice | undefined => {
  const { highlighted, info } = screenOf(state);
  return info?.profiles.find((each) => `profile:${each.id}` === highlighted && !each.sandbox);
};

function listBindings(state: State): Binding[] {
  const screen = screenOf(state);
  const profile = highlightedProfile(state);
  const onSaved = profile
    ? {}
    : { disabledBecause: 'Only a saved workspace can be renamed, edited or removed.' };
  const rollout = screen.highlighted?.startsWith('rollout:') ?? false;
  if (screen.filtering) {
    return [
      {
        keys: ['esc'],
        label: 'no filter',
        run: (now) =>
          next(
            withScreen(dropFromScreen(now, 'workspace', 'filter'), 'workspace', {
              filtering: false,
            }),
          ),
      },
      {
        keys: ['enter', 'down'],
        label: 'to the list',
        run: (now) => next(withScreen(now, 'workspace', { filtering: false })),
      },
    ];
  }
  return [
    { keys: ['enter'], label: 'open' },
    {
      keys: ['b'],
      label: 'roll back',
      helpOnly: !rollout,
      ...(!rollout && {
        disabledBecause:
          'Move to a rollout under way first, or open a workspace and press b on an endpoint.',
      }),
      run: (now) => choose(now, screenOf(now).highlighted ?? '', true),
    },
    { keys: ['n'], label: 'new', run: (now) => choose(now, NEW_CONNECTION, false) },
    {
      keys: ['r'],
      label: 'rename',
      helpOnly: !profile,
      ...onSaved,
      run: (now) => {
        if (!profile) return next(now);
        const field: Field = { id: 'name', label: 'New name', kind: 'text', value: profile.name };
        const form = { ...makeForm([field], true), guarded: false };
        return next(withScreen(now, 'workspace', { mode: 'rename', form, editing: profile.id }));
      },
    },
    {
      keys: ['E'],
      label: 'edit',
      helpOnly: !profile,
      ...onSaved,
      run: (now) => (profile ? next(now, { do: 'loadProfile', id: profile.id }) : next(now)),
    },
    {
      keys: ['x'],
      label: 'remove',
      helpOnly: !profile,
      ...onSaved,
      run: (now) =>
        profile
          ? next(
              push(now, {
                kind: 'type-name',
                title: `Remove the saved workspace ${profile.name}`,
                lines: ['Only the saved connection is removed; nothing in Azure changes.'],
                name: profile.name,
                typed: '',
                then: { do: 'deleteProfile', id: profile.id },
                task: `Removing ${profile.name}`,
              }),
            )
          : next(now),
    },
    {
      keys: ['/'],
      label: 'filter',
      run: (now) =>
        next(withScreen(now, 'workspace', { filtering: true, filter: '', filterCursor: 0 })),
    },
  ];
}

export const workspaceStep: Step = {
  id: 'workspace',
  title: 'workspace',
  // What is observed is of a workspace that is connected.
  passed: () => true,
  enter: (state) =>
    next(withScreen(state, 'workspace', { mode: 'list', filtering: false }), { do: 'loadStart' }),
  form: (state) => {
    const { form, mode, failure } = screenOf(state);
    if (!form || failure || (mode !== 'connection' && mode !== 'rename')) return undefined;
    return { form, action: mode === 'rename' ? 'Rename' : 'Save and connect' };
  },
  typed: (state, key) => {
    const { filtering, filter = '', filterCursor = filter.length } = screenOf(state);
    if (!filtering) return undefined;
    const now = editText({ value: filter, cursor: filterCursor }, key);
    if (!now) return undefined;
    const moved = { filter: now.value, filterCursor: now.cursor };
    const kept = now.value === filter ? state : dropFromScreen(state, 'workspace', 'highlighted');
    return withScreen(kept, 'workspace', moved);
  },
  setForm: (state, form) => next(withScreen(state, 'workspace', { form })),
  submit,
  bindings: (state) => {
    const screen = screenOf(state);
    if (screen.failure) {
      const again = (now: State): Update => choose(now, screenOf(now).highlighted ?? '', false);
      const reload = (now: State): Update =>
        screenOf(now).info ? next(now) : next(now, { do: 'loadStart' });
      return failedBindings(
        state,
        'workspace',
        screen.mode === 'list' && screen.info ? again : undefined,
        reload,
      );
    }
    if (screen.mode === 'list') return listBindings(state);
    if (screen.mode === 'choose') return [{ keys: ['enter'], label: 'use this workspace' }];
    return [
      { keys: ['up', 'down', 'tab'], label: 'field' },
      { keys: ['left', 'right'], label: 'change' },
      { keys: ['enter'], label: 'next' },
    ];
  },
  chosen: (state, list, value) => {
    if (list === 'start') return choose(state, value, false);
    const screen = screenOf(state);
    const found = screen.found?.[Number(value)];
    if (list !== 'found' || !found || !screen.form) return next(state);
    const form = readConnection(screen.form);
    return next(state, {
      do: 'saveProfile',
      form: {
        ...form,
        subscriptionId: found.subscriptionId,
        resourceGroup: found.resourceGroup,
        workspaceName: found.name,
        name: form.name || found.name,
      },
      ...(screen.editing && { id: screen.editing }),
    });
  },
  back: (state) => {
    const screen = screenOf(state);
    if (screen.mode === 'list') {
      return screen.filter === undefined
        ? undefined
        : next(dropFromScreen(state, 'workspace', 'filter'));
    }
    if (screen.mode === 'choose')
      return next(withScreen(state, 'workspace', { mode: 'connection' }));
    const clean = dropFromScreen(state, 'workspace', 'form', 'editing', 'failure');
    return next(withScreen(clean, 'workspace', { mode: 'list' }));
  },
  answered: (state, event) => {
    switch (event.do) {
      case 'loadStart': {
        const { rollouts, profiles } = event.answer;
        const first = firstItem({ rollouts, profiles });
        const highlighted = screenOf(state).highlighted ?? first;
        const loaded = withScreen(state, 'workspace', { info: event.answer, highlighted });
        const notice = event.answer.notices[0];
        const told = notice === undefined ? loaded : say(loaded, 'warning', notice);
        const { profile: named, ...defaults } = told.defaults;
        const profile = profiles.find(({ id }) => id === named);
        return profile ? openProfile({ ...told, defaults }, profile) : next(told);
      }
      case 'connect': {
        const screen = screenOf(state);
        const profile = state.connecting;
        if (!profile) return next(state);
        const { connecting: _, ...rest } = state;
        const opened: State = { ...rest, session: { profile, ...event.answer } };
        if (!screen.intent) return next(opened);
        const { endpoint, rolloutId } = screen.intent;
        return work(
          opened,
          { do: 'openEndpoint', endpoint, ...(rolloutId !== undefined && { rolloutId }) },
          { title: `Reading ${endpoint}`, writes: false },
        );
      }
      case 'findWorkspaces':
        if (event.answer.length === 0) {
          return next(
            say(
              state,
              'warning',
              'No workspace found for this sign-in: check tenant and subscription, or type all three names.',
            ),
          );
        }
        return next(withScreen(state, 'workspace', { mode: 'choose', found: event.answer }));
      case 'loadProfile':
        return openForm(state, event.answer, highlightedProfile(state)?.id);
      case 'saveProfile': {
        const clean = dropFromScreen(state, 'workspace', 'form', 'editing', 'found');
        return openProfile(withScreen(clean, 'workspace', { mode: 'list' }), event.answer);
      }
      case 'renameProfile':
      case 'deleteProfile': {
        const clean = dropFromScreen(state, 'workspace', 'form', 'editing', 'highlighted');
        return next(withScreen(clean, 'workspace', { mode: 'list' }), { do: 'loadStart' });
      }
      default:
        return next(state);
    }
  },
  failed: (state, event) => {
    // A refused name or address belongs beside the form it was typed into.
    const screen = screenOf(state);
    if ((event.do === 'saveProfile' || event.do === 'renameProfile') && screen.form) {
      const form = setField(screen.form, 'name', { error: event.failed.failure.message });
      return next(withScreen(state, 'workspace', { form }));
    }
    return undefined;
  },
};
