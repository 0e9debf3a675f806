/** Blue, the first deployment, which then gets everything; and green, made at 0 % beside blue. */
import type { Deployment } from '../../azure/types.js';
import type { Change, CreateDeployment } from '../../rollout/changes/change.js';
import { specOf } from '../../rollout/definitions.js';
import { firstTraffic } from '../../rollout/traffic-change.js';
import { fieldValue, flagged, makeForm, setField, type Field, type Form } from '../form.js';
import type { Binding } from '../keys.js';
import { forward, isBehind, look } from '../navigation.js';
import { isGuarded } from '../policy.js';
import type { DeploymentScreen } from '../screens.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { dropFromScreen, next, push, say, withScreen, work, type Update } from '../update.js';
import {
  deploymentFields,
  deploymentOf,
  deploymentSpec,
  withProblems,
  type Role,
} from './deployment-form.js';

/** Recorded from the service: a deployment took 9 m 10 s to 9 m 40 s. */
const USUAL_SECONDS = 560;

function makeStep(role: Role): Step {
  const screenOf = (state: State): DeploymentScreen => state.screens[role] ?? { more: false };

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

  /** Blue exists already and serves nobody yet: all that is left is its first traffic. */
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
    return role === 'blue' ? [create, firstTraffic(opened.snapshot, create.deployment)] : [create];
  }

  /** Azure would take it for a change of the one that exists. */
  function nameTaken(state: State, form: Form): Form | undefined {
    const name = fieldValue(form, 'name');
    const taken = state.session?.opened?.snapshot.deployments.some((each) => each.name === name);
    return taken
      ? flagged(form, 'name', `${name} exists already: choose another name.`)
      : undefined;
  }

  function submit(state: State): Update {
    const screen = screenOf(state);
    const problem =
      screen.form && !idle(state) && (withProblems(screen.form) ?? nameTaken(state, screen.form));
    if (problem) return next(withScreen(state, role, { form: problem }));
    const list = changes(state);
    const [first] = list;
    if (!first) return next(say(state, 'warning', 'Choose a model first: press Esc.'));
    const name = first.kind === 'createDeployment' ? first.deployment : undefined;
    return work(
      dropFromScreen(state, role, 'failure'),
      { do: 'run', changes: list },
      {
        title: name ? `Creating ${name}` : 'Giving traffic',
        writes: true,
        change: first,
        ...(name && { deployment: name, usualSeconds: USUAL_SECONDS }),
      },
    );
  }

  function remove(state: State, afterDelete: 'choose-model' | 'end' | undefined): Update {
    const opened = state.session?.opened;
    const broken = deploymentOf(opened, role)?.name ?? screenOf(state).failure?.deployment;
    if (!opened || !broken) return next(state);
    const standing = deploymentOf(opened, role);
    // As it stands there: the form may hold other values, and another client's model is not in it.
    const again =
      afterDelete !== undefined
        ? undefined
        : standing
          ? {
              kind: 'createDeployment' as const,
              endpoint: opened.endpoint,
              deployment: standing.name,
              role,
              spec: specOf(standing),
            }
          : creation(withFreshForm(state));
    const marked = afterDelete
      ? withScreen(state, role, { afterDelete })
      : dropFromScreen(state, role, 'afterDelete');
    return next(
      push(marked, {
        kind: 'type-name',
        title: `Delete deployment ${broken}`,
        lines: [
          'A deployment that failed at first cannot be repaired, only deleted and made again.',
        ],
        name: broken,
        typed: '',
        then: {
          do: 'run',
          changes: [
            { kind: 'deleteDeployment', endpoint: opened.endpoint, deployment: broken },
            ...(again ? [{ ...again, deployment: broken }] : []),
          ],
        },
        task: `Deleting ${broken}`,
      }),
    );
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
          disabledBecause: 'It exists already; its settings are those it was made with.',
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
    enter: (state) => {
      const form = makeForm(deploymentFields(state, role, false), isGuarded(state));
      return next(withScreen(state, role, { form, more: false }), { do: 'listSizes' });
    },
    form: (state) => {
      const { form, failure } = screenOf(state);
      if (!form || failure || isDone(state) || failedDeployment(state)) return undefined;
      const name = fieldValue(form, 'name');
      const existing = idle(state);
      if (existing) {
        // One row above the action, so that on Azure Enter alone does not reach it.
        const shown: Field = {
          id: 'existing',
          label: 'Deployment',
          kind: 'choice',
          value: existing.name,
          options: [{ value: existing.name, label: `${existing.name}, which serves nobody yet` }],
        };
        return {
          form: { ...form, fields: [shown], focus: Math.min(1, form.focus) },
          action: `Give ${existing.name} all traffic`,
          short: 'give it 100 %',
        };
      }
      return role === 'blue'
        ? { form, action: `Create ${name}, then give it 100 %`, short: 'create, then 100 %' }
        : { form, action: `Create ${name} at 0 %`, short: 'create at 0 %' };
    },
    setForm: (state, form) => next(withScreen(state, role, { form })),
    submit,
    preview: changes,
    bindings,
    chosen: (state, list, value) => {
      if (list !== 'failure') return next(state);
      switch (value) {
        case 'keep':
          return stepLogs(state, role);
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
    answered: (state, event) => {
      if (event.do === 'listSizes') {
        const { sizes, usages } = event.answer;
        const listed = withScreen(state, role, { sizes, usages });
        const { form } = screenOf(state);
        if (!form || sizes.length === 0) return next(listed);
        const value = fieldValue(form, 'size');
        if (!sizes.some((size) => size.name === value)) return next(listed);
        const options = sizes.map((size) => ({
          value: size.name,
          label: `${size.name}  ${size.vCpus} cores, ${size.memoryGb} GB`,
        }));
        const next_ = setField(form, 'size', { kind: 'choice', options });
        return next(withScreen(listed, role, { form: next_ }));
      }
      if (event.do !== 'run') return next(state);
      const { afterDelete } = screenOf(state);
      const clean = dropFromScreen(state, role, 'failure', 'afterDelete', 'form');
      const { view: _, ...here } = withFreshForm(clean);
      if (afterDelete === 'choose-model') {
        return next(look(here, role === 'blue' ? 'blue-model' : 'new-model'));
      }
      if (afterDelete === 'end') {
        return next(
          say(
            here,
            'info',
            'Deleted. Nothing of the new version is left; the endpoint serves as before.',
          ),
        );
      }
      return next(here);
    },
  };
}

function stepLogs(state: State, role: Role): Update {
  const deployment =
    deploymentOf(state.session?.opened, role)?.name ?? state.screens[role]?.failure?.deployment;
  if (!deployment) return next(state);
  return next(push(state, { kind: 'logs', deployment, container: 'inference-server', offset: 0 }), {
    do: 'logs',
    deployment,
    container: 'inference-server',
  });
}

export const blue = makeStep('blue');
export const green = makeStep('green');
