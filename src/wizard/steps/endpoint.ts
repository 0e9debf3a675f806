/** An existing endpoint, with its deployments and traffic, or a new one. */
import { kubernetesProblem } from '../../rollout/changes/conditions.js';
import type { Binding } from '../keys.js';
import { failedBindings } from '../failed-keys.js';
import { fieldValue, type Form } from '../form.js';
import { isBehind, forward } from '../navigation.js';
import { isGuarded } from '../policy.js';
import { askToRollBack } from '../rollback.js';
import type { State } from '../state.js';
import type { ScreenState, Step } from '../step.js';
import { dropFromScreen, next, push, withScreen, work, type Update } from '../update.js';
import { endpointChange, endpointForm, withProblem } from './endpoint-form.js';

declare module '../step.js' {
  interface Screens {
    endpoint: EndpointScreenState;
  }
}

interface EndpointScreenState extends ScreenState {
  mode: 'list' | 'form' | 'roles';
  form?: Form;
  /** The form was submitted: create it as soon as its name is known to be free. */
  creating: boolean;
}

export const NEW_ENDPOINT = 'new';

const screenOf = (state: State): EndpointScreenState =>
  state.screens.endpoint ?? { mode: 'list', creating: false };

const open = (state: State, endpoint: string): Update =>
  work(
    dropFromScreen(state, 'endpoint', 'failure'),
    { do: 'openEndpoint', endpoint },
    {
      title: `Reading ${endpoint}`,
      writes: false,
    },
  );

const openForm = (state: State): Update =>
  next(
    withScreen(state, 'endpoint', {
      mode: 'form',
      form: screenOf(state).form ?? endpointForm(state),
    }),
  );

function submit(state: State): Update {
  const { form } = screenOf(state);
  if (!form) return next(state);
  const problem = withProblem(form);
  if (problem) return next(withScreen(state, 'endpoint', { form: problem }));
  return open(withScreen(state, 'endpoint', { creating: true }), fieldValue(form, 'name'));
}

function create(state: State): Update {
  const { form } = screenOf(state);
  if (!form) return next(state);
  const change = endpointChange(state, form);
  return work(
    withScreen(state, 'endpoint', { creating: false }),
    { do: 'run', changes: [change] },
    { title: `Creating endpoint ${change.endpoint}`, writes: true, usualSeconds: 90, change },
  );
}

/** Its first provisioning failed: Azure keeps the name, and lets it only be deleted. */
function offerToDelete(state: State, name: string): Update {
  return next(
    push(withScreen(state, 'endpoint', { mode: 'list', creating: false }), {
      kind: 'type-name',
      title: `Delete endpoint ${name}`,
      lines: [
        'Azure could not create this endpoint, and nothing can be deployed to it.',
        'Delete it and create it again. Press Esc to keep it.',
      ],
      name,
      typed: '',
      then: { do: 'run', changes: [{ kind: 'deleteEndpoint', endpoint: name }] },
      task: `Deleting ${name}`,
    }),
  );
}

/** Deleted: the name is free, and the form asks for the next one. */
function withoutEndpoint(state: State, name: string): Update {
  const { session } = state;
  if (!session) return next(state);
  const endpoints = session.endpoints.filter((each) => each.name !== name);
  return openForm({ ...state, session: { ...session, endpoints } });
}

/** Why it can't be chosen again which live deployment green replaces. */
function changeDisabled(state: State): string | undefined {
  const { opened } = state.session ?? {};
  if (!opened || opened.found.live.length < 2) return 'At most one deployment has live traffic.';
  return opened.roles.green === undefined
    ? undefined
    : `${opened.roles.green} is already being rolled out: abort that rollout first.`;
}

const because = (reason: string | undefined) =>
  reason === undefined ? {} : { disabledBecause: reason };

function listBindings(state: State): Binding[] {
  const { highlighted } = screenOf(state);
  const onEndpoint = state.session?.endpoints.some((each) => each.name === highlighted) ?? false;
  return [
    { keys: ['enter'], label: 'open' },
    { keys: ['n'], label: 'new endpoint', run: openForm },
    {
      keys: ['c'],
      label: 'replace another',
      helpOnly: changeDisabled(state) !== undefined,
      ...because(changeDisabled(state)),
      run: (now) => next(withScreen(now, 'endpoint', { mode: 'roles', creating: false })),
    },
    {
      keys: ['b'],
      label: 'roll back',
      helpOnly: !onEndpoint,
      ...(!onEndpoint && { disabledBecause: 'Move to an endpoint first.' }),
      run: (now) => {
        const name = screenOf(now).highlighted;
        if (!name) return next(now);
        const intent = { endpoint: name, rollback: true };
        return open(withScreen(now, 'workspace', { intent }), name);
      },
    },
  ];
}

export const endpointStep: Step = {
  id: 'endpoint',
  title: 'endpoint',
  passed: ({ endpoint, now, source }) => {
    if (!endpoint || endpoint.provisioningState === 'Deleting' || source === 'ask') return false;
    const created = endpoint.provisioningState !== 'Creating' && endpoint.scoringUri !== undefined;
    return created || now.deployments.length > 0;
  },
  enter: (state) => {
    const opened = state.session?.opened;
    if (opened?.found.source === 'ask')
      return next(withScreen(state, 'endpoint', { mode: 'roles', creating: false }));
    const known = state.session?.endpoints ?? [];
    const sandbox = state.session?.profile.sandbox === true && !isGuarded(state);
    const first = opened?.endpoint ?? (sandbox ? NEW_ENDPOINT : known[0]?.name);
    const base = withScreen(state, 'endpoint', {
      mode: 'list',
      creating: screenOf(state).creating,
      ...(first !== undefined && { highlighted: screenOf(state).highlighted ?? first }),
    });
    return known.length === 0 ? openForm(base) : next(base);
  },
  form: (state) => {
    const { form, mode, failure } = screenOf(state);
    return form && mode === 'form' && !failure ? { form, action: 'Create endpoint' } : undefined;
  },
  setForm: (state, form) => next(withScreen(state, 'endpoint', { form })),
  submit,
  preview: (state) => {
    const { form, mode } = screenOf(state);
    return form && mode === 'form' && !withProblem(form) ? [endpointChange(state, form)] : [];
  },
  bindings: (state) => {
    const screen = screenOf(state);
    if (screen.failure) {
      const again = (now: State): Update =>
        screen.mode === 'form' ? submit(now) : open(now, screen.highlighted ?? '');
      return failedBindings(state, 'endpoint', screen.mode === 'roles' ? undefined : again);
    }
    if (screen.mode === 'roles') {
      const live = state.session?.opened?.found.live ?? [];
      return [{ keys: ['enter'], label: live.length > 0 ? 'replace this one' : 'choose this one' }];
    }
    if (screen.mode === 'list') return listBindings(state);
    return [
      { keys: ['enter'], label: 'next' },
      { keys: ['up', 'down', 'tab'], label: 'field' },
      { keys: ['left', 'right'], label: 'change' },
    ];
  },
  chosen: (state, list, value) => {
    if (list === 'roles') return next(state, { do: 'record', choice: { roles: { blue: value } } });
    if (list !== 'endpoints') return next(state);
    if (value === NEW_ENDPOINT) return openForm(state);
    if (isBehind(state) && state.session?.opened?.endpoint === value) return next(forward(state));
    // A rollback that was asked for earlier and failed is not what Enter means.
    return open(dropFromScreen(state, 'workspace', 'intent'), value);
  },
  back: (state) => {
    const screen = screenOf(state);
    if (screen.mode === 'roles') return next(withScreen(state, 'endpoint', { mode: 'list' }));
    if (screen.mode !== 'form' || (state.session?.endpoints.length ?? 0) === 0) return undefined;
    return next(withScreen(state, 'endpoint', { mode: 'list' }));
  },
  answered: (state, event) => {
    if (event.do === 'run' && !event.answer.snapshot.endpoint)
      return withoutEndpoint(state, event.answer.endpoint);
    if (event.do === 'record') return next(dropFromScreen(state, 'endpoint', 'failure'));
    if (event.do !== 'openEndpoint') return next(state);
    const { creating } = screenOf(state);
    const { view: _, ...here } = state;
    if (state.screens.workspace?.intent?.rollback) {
      return askToRollBack(dropFromScreen(here, 'workspace', 'intent'));
    }
    if (!event.answer.snapshot.endpoint) {
      if (creating) return create(here);
      return openForm(here);
    }
    const { endpoint: found, deployments } = event.answer.snapshot;
    if (found.kubernetes !== undefined) {
      const lines = [kubernetesProblem(found)];
      const shown = withScreen(here, 'endpoint', { creating: false });
      return next(push(shown, { kind: 'message', title: 'Read-only', lines }));
    }
    if (event.answer.found.source === 'ask')
      return next(withScreen(here, 'endpoint', { mode: 'roles', creating: false }));
    if (found.provisioningState === 'Failed' && deployments.length === 0)
      return offerToDelete(here, found.name);
    const base = withScreen(here, 'endpoint', { creating: false });
    if (event.answer.journal.pending.length > 0) {
      return work(
        base,
        { do: 'settle' },
        { title: 'Waiting for a change that began earlier', writes: true },
      );
    }
    return next(base);
  },
};
