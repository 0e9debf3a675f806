/** Blue, the first deployment, which then gets everything; and green, made at 0% beside blue. */
import type { Deployment } from '../../azure/types.js';
import type { Change, CreateDeployment } from '../../rollout/changes/change.js';
import { firstTraffic } from '../../rollout/traffic-change.js';
import type { Command } from '../effects/index.js';
import { otherEndpoint } from '../file-values.js';
import { fieldValue, makeForm, type Field } from '../form.js';
import type { Binding } from '../keys.js';
import { forward, isBehind, look } from '../navigation.js';
import { isGuarded } from '../policy.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { dropFromScreen, next, say, withScreen, work, type Update } from '../update.js';
import { askOfLosses, nameTaken, tooSmall } from './deployment-checks.js';
import {
  deploymentFields,
  deploymentOf,
  deploymentSpec,
  packaging,
  withNameWarning,
  withProblems,
  type DeploymentScreenState,
  type Role,
} from './deployment-form.js';
import { askToDelete, failedEarlier, openLogs, type AfterDelete } from './failed-deployment.js';
import { settingUp } from './setting-up.js';
import { recordAutoscale, withAutoscale } from './green-autoscale.js';
import { sizeField } from './price.js';
import { LOOK_AGAIN, quotaChoices, withOffer } from './short-quota.js';

declare module '../step.js' {
  interface Screens {
    blue: DeploymentScreenState;
    green: DeploymentScreenState;
  }
}

/** Recorded from the service: a deployment took 9 m 10 s to 9 m 40 s. */
const USUAL_SECONDS = 560;

function makeStep(role: Role, place: Pick<Step, 'shown' | 'passed'>): Step {
  const screenOf = (state: State): DeploymentScreenState => state.screens[role] ?? { more: false };

  function creation(state: State): CreateDeployment | undefined {
    const { form } = screenOf(state);
    const opened = state.session?.opened;
    if (!form || !opened || withProblems(form)) return undefined;
    const asked = deploymentSpec(state, role, form);
    return (
      asked && {
        kind: 'createDeployment',
        endpoint: opened.endpoint,
        deployment: fieldValue(form, 'name'),
        role,
        spec: asked,
      }
    );
  }

  /** Blue already exists and serves nobody yet: all that is left is its first traffic. */
  const idle = (state: State): Deployment | undefined => {
    const existing = role === 'blue' ? deploymentOf(state.session?.opened, role) : undefined;
    return existing?.provisioningState === 'Succeeded' ? existing : undefined;
  };

  /** Blue is made and then given everything; green is made and nothing else. */
  function changes(state: State): Change[] {
    const opened = state.session?.opened;
    if (!opened) return [];
    const existing = idle(state);
    if (existing) return [firstTraffic(opened.snapshot, existing.name)];
    const create = creation(state);
    if (!create) return [];
    const { form } = screenOf(state);
    const first = form && packaging(state, role, form);
    const made: Change[] = first ? [first, create] : [create];
    return role === 'blue' ? [...made, firstTraffic(opened.snapshot, create.deployment)] : made;
  }

  function attachmentsCommand(state: State): Command[] {
    const blue = role === 'green' ? deploymentOf(state.session?.opened, 'blue') : undefined;
    return blue ? [{ do: 'attachments', blue }] : [];
  }

  function submit(state: State): Update {
    const screen = screenOf(state);
    const problem =
      screen.form &&
      !idle(state) &&
      (withProblems(screen.form) ??
        nameTaken(state, screen.form) ??
        (role === 'green' ? tooSmall(state, screen.form) : undefined));
    if (problem) return next(withScreen(state, role, { form: problem }));
    const list = changes(state);
    const [first] = list;
    if (!first) return next(say(state, 'warning', 'Choose a model first: press Esc.'));
    const made = list.find((change) => change.kind === 'createDeployment');
    const offers = made ? quotaChoices(state, made, screen) : [];
    if (offers.length > 0) return next(withScreen(state, role, { offers }));
    const kept = role === 'green' ? recordAutoscale(state, screen.form) : undefined;
    if (kept) return next(state, kept);
    const asked = role === 'green' && made ? askOfLosses(state, made.spec) : undefined;
    if (asked) return asked;
    const name = made?.deployment;
    return work(
      dropFromScreen(state, role, 'failure', 'offers'),
      { do: 'run', changes: list },
      {
        title: name ? `Creating ${name}` : 'Setting traffic',
        writes: true,
        change: first,
        ...(name && { deployment: name, usualSeconds: USUAL_SECONDS }),
      },
    );
  }

  function listSizes(state: State): State {
    const { form, sizes } = screenOf(state);
    if (!form) return state;
    const fields = form.fields.map((field) =>
      field.id === 'size' ? sizeField(field, sizes, state.session?.prices) : field,
    );
    return withScreen(state, role, { form: { ...form, fields } });
  }

  function takeOffer(state: State, value: string): Update {
    const { form, offers } = screenOf(state);
    const offer = offers?.[Number(value)];
    const plain = dropFromScreen(state, role, 'offers');
    if (value === LOOK_AGAIN) return next(plain, { do: 'listSizes' });
    if (!form || !offer) return next(plain);
    return next(withScreen(plain, role, { form: withOffer(form, offer) }));
  }

  function remove(state: State, afterDelete: AfterDelete | undefined): Update {
    // As it was asked for in this session: Azure may know nothing of one that it refused.
    const asked = afterDelete ? undefined : creation(withFreshForm(state));
    return askToDelete(state, role, afterDelete, asked);
  }

  function withFreshForm(state: State): State {
    return screenOf(state).form
      ? state
      : withScreen(state, role, {
          form: makeForm(deploymentFields(state, role, false), isGuarded(state)),
        });
  }

  const failedDeployment = (state: State): boolean =>
    deploymentOf(state.session?.opened, role)?.provisioningState === 'Failed';

  const isDone = (state: State): boolean => isBehind(state);

  function bindings(state: State): Binding[] {
    const screen = screenOf(state);
    if (isDone(state)) return [{ keys: ['enter'], label: 'on', run: (now) => next(forward(now)) }];
    if (screen.offers) return [{ keys: ['enter'], label: 'choose' }];
    if (failedDeployment(state)) return [{ keys: ['enter'], label: 'choose' }];
    if (screen.failure) {
      const { retrySafe } = screen.failure.failure;
      return [
        {
          keys: ['enter'],
          label: 'back to the form',
          run: (now) => next(dropFromScreen(now, role, 'failure')),
        },
        {
          keys: ['r'],
          label: 'try again',
          ...(!retrySafe && {
            disabledBecause: 'The same request would fail again: change something first.',
          }),
          run: submit,
        },
      ];
    }
    return [
      { keys: ['enter'], label: 'next' },
      { keys: ['up', 'down', 'tab'], label: 'field' },
      {
        keys: ['m'],
        label: screen.more ? 'fewer settings' : 'more settings',
        ...(idle(state) && {
          helpOnly: true,
          disabledBecause: 'It already exists; its settings cannot be changed here.',
        }),
        run: (now) => {
          const more = !screenOf(now).more;
          return next(
            withScreen(now, role, {
              more,
              form: makeForm(deploymentFields(now, role, more), isGuarded(now)),
            }),
          );
        },
      },
    ];
  }

  return {
    id: role,
    title: role,
    ...place,
    enter: (state) => {
      const form = makeForm(deploymentFields(state, role, false), isGuarded(state));
      const broken = failedDeployment(state) && !screenOf(state).failure?.logTail;
      const deployment = deploymentOf(state.session?.opened, role)?.name;
      const { deploymentFile } = state.defaults;
      const other =
        role === 'green'
          ? otherEndpoint(deploymentFile, state.session?.opened?.endpoint)
          : undefined;
      const ready = withScreen(state, role, { form, more: false });
      return next(
        other === undefined || isBehind(state) ? ready : say(ready, 'warning', other),
        { do: 'listSizes' },
        ...attachmentsCommand(state),
        // It failed in an earlier session: its log says why.
        ...(broken && deployment !== undefined
          ? [{ do: 'logs' as const, deployment, container: 'inference-server' as const }]
          : []),
      );
    },
    form: (state) => {
      const { form, failure, offers } = screenOf(state);
      if (!form || failure || offers || isDone(state) || failedDeployment(state)) return undefined;
      const name = fieldValue(form, 'name');
      const existing = idle(state);
      if (existing) {
        // One row above the action, so that on Azure Enter alone does not reach it.
        const shown: Field = {
          id: 'existing',
          label: 'Deployment',
          kind: 'choice',
          value: existing.name,
          options: [{ value: existing.name, label: `${existing.name}, which has no traffic yet` }],
        };
        return {
          form: { ...form, fields: [shown], focus: Math.min(1, form.focus) },
          action: `Send all traffic to ${existing.name}`,
          short: 'set to 100%',
        };
      }
      const said = withNameWarning(form);
      return role === 'blue'
        ? { form: said, action: `Create ${name}, then set it to 100%`, short: 'create, then 100%' }
        : { form: said, action: `Create ${name} at 0%`, short: 'create at 0%' };
    },
    setForm: (state, form) => next(withScreen(state, role, { form })),
    submit,
    preview: changes,
    bindings,
    back: (state) =>
      screenOf(state).offers ? next(dropFromScreen(state, role, 'offers')) : undefined,
    chosen: (state, list, value) => {
      if (list === 'quota') return takeOffer(state, value);
      if (list !== 'failure') return next(state);
      switch (value) {
        case 'keep':
          return openLogs(state, role);
        case 'fix':
          return remove(state, 'choose-model');
        case 'again':
          return remove(state, undefined);
        case 'give-up':
          return remove(state, 'end');
        default:
          return next(state);
      }
    },
    // The screen says as much without the log.
    failed: (state, event) =>
      event.do === 'logs' || event.do === 'attachments' || event.do === 'listPrices'
        ? next(state)
        : undefined,
    answered: (state, event) => {
      if (event.do === 'listSizes') {
        const { sizes, usages } = event.answer;
        const listed = listSizes(withScreen(state, role, { sizes, usages }));
        return next(listed, { do: 'listPrices', sizes: sizes.map(({ name }) => name) });
      }
      if (event.do === 'listPrices') return next(listSizes(state));
      if (event.do === 'attachments') {
        const { form } = screenOf(state);
        const known = withScreen(state, role, { attachments: event.answer });
        return next(form ? withScreen(known, role, { form: withAutoscale(known, form) }) : known);
      }
      if (event.do === 'logs') {
        const deployment = deploymentOf(state.session?.opened, role)?.name;
        return deployment === undefined || !failedDeployment(state)
          ? next(state)
          : next(withScreen(state, role, { failure: failedEarlier(deployment, event.answer) }));
      }
      if (event.do === 'record') return role === 'green' ? submit(state) : next(state);
      if (event.do !== 'run') return next(state);
      const { afterDelete } = screenOf(state);
      const clean = dropFromScreen(state, role, 'failure', 'afterDelete', 'form');
      const { view: _, ...here } = withFreshForm(clean);
      if (afterDelete === 'choose-model') {
        return next(look(here, role === 'blue' ? 'blue-model' : 'new-model'));
      }
      if (afterDelete === 'end') {
        return next(say(here, 'info', 'Green is deleted. The endpoint serves as before.'));
      }
      return next(here);
    },
  };
}

export const blueStep = makeStep('blue', {
  shown: settingUp,
  passed: ({ live, green }) => live.length > 0 || green !== undefined,
});
export const greenStep = makeStep('green', {
  passed: ({ green, greenWeight }) =>
    green !== undefined && (greenWeight > 0 || green.provisioningState === 'Succeeded'),
});
