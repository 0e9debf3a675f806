/** What becomes of blue once green has everything: keep it, make it small, or delete it. */
import type { Change } from '../../rollout/changes/change.js';
import { failedBindings } from '../failed-keys.js';
import { isBehind, forward } from '../navigation.js';
import type { State } from '../state.js';
import type { Step } from '../step.js';
import { next, push, withScreen, work } from '../update.js';
import { deploymentOf } from './deployment-form.js';

const keepUntil = (state: State): string =>
  state.screens.retire?.keepUntil ?? state.defaults.keepUntil;

function change(state: State, choice: string): Change | undefined {
  const opened = state.session?.opened;
  const blue = deploymentOf(opened, 'blue');
  if (!opened || !blue) return undefined;
  const { endpoint } = opened;
  if (choice === 'delete') return { kind: 'deleteDeployment', endpoint, deployment: blue.name };
  if (choice === 'scale-to-one' && blue.instanceCount > 1) {
    return {
      kind: 'scaleDeployment',
      endpoint,
      deployment: blue.name,
      from: blue.instanceCount,
      to: 1,
    };
  }
  return undefined;
}

export const retire: Step = {
  id: 'retire',
  title: 'retire',
  enter: (state) => next(withScreen(state, 'retire', { keepUntil: keepUntil(state) })),
  preview: (state) => {
    const planned = change(state, state.screens.retire?.highlighted ?? 'keep');
    return planned ? [planned] : [];
  },
  bindings: (state) =>
    state.screens.retire?.failure
      ? failedBindings(state, 'retire')
      : isBehind(state)
        ? [
            { keys: ['enter'], label: 'choose' },
            { keys: ['tab'], label: 'on', run: (now) => next(forward(now)) },
          ]
        : [{ keys: ['enter'], label: 'choose' }],
  chosen: (state, list, value) => {
    const blue = deploymentOf(state.session?.opened, 'blue');
    if (list !== 'retire') return next(state);
    if (value === 'keep' || !blue) {
      return next(state, { do: 'record', choice: { retire: 'keep', keepUntil: keepUntil(state) } });
    }
    const planned = change(state, value);
    if (value === 'scale-to-one') {
      if (!planned) return next(state, { do: 'record', choice: { retire: 'scale-to-one' } });
      return work(
        state,
        { do: 'run', changes: [planned], choice: { retire: 'scale-to-one' } },
        { title: `Scaling ${blue.name} to one instance`, writes: true, change: planned },
      );
    }
    if (!planned) return next(state);
    return next(
      push(state, {
        kind: 'type-name',
        title: `Delete deployment ${blue.name}`,
        lines: ['After this there is no way back by one key: its definition stays in the report.'],
        name: blue.name,
        typed: '',
        then: { do: 'run', changes: [planned], choice: { retire: 'delete' } },
        task: `Deleting ${blue.name}`,
      }),
    );
  },
  answered: (state, event) =>
    event.do === 'record' || event.do === 'run' ? next(forward(state)) : next(state),
};
