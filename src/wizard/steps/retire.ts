/** What happens to blue once green has everything: keep it, make it small, or delete it. */
import { grouped, rowsOf } from '../../common/counts.js';
import { leftBehindLines } from '../../rollout/attachments.js';
import type { Change } from '../../rollout/changes/change.js';
import { MINUTE_MS } from '../../rollout/evidence/watch.js';
import { retireMove } from '../../rollout/moves/retire.js';
import { bakeMinutes } from '../../rollout/plan/proof.js';
import { failedBindings } from '../failed-keys.js';
import { forward, isBehind } from '../navigation.js';
import { planOf } from '../plan.js';
import { standing } from '../standing.js';
import type { State } from '../state.js';
import type { ScreenState, Step } from '../step.js';
import type { AnswerOf, Command } from '../effects/index.js';
import { isGuarded } from '../policy.js';
import { performMove, performed } from '../recommended.js';
import { next, push, say, withScreen } from '../update.js';
import { deploymentOf } from './deployment-form.js';

declare module '../step.js' {
  interface Screens {
    retire: RetireScreenState;
  }
}

interface RetireScreenState extends ScreenState {
  keepUntil: string;
  /** Whether blue was seen serving since it has no traffic. */
  bake?: AnswerOf<'bake'>;
  attachments?: AnswerOf<'attachments'>;
}

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

/** Minutes without a hit before blue may be deleted. */
const bakingMinutes = (state: State): number => bakeMinutes(planOf(state), !isGuarded(state));

/** When blue lost its last traffic; not written here: the bake time is looked back on. Epoch ms. */
function withoutTrafficSince(state: State): number {
  const last = state.session?.opened?.journal.changes.findLast(
    ({ change: each }) => each.kind === 'setTraffic' && each.why !== 'close',
  );
  return last?.ended ? Date.parse(last.ended.at) : state.now - bakingMinutes(state) * MINUTE_MS;
}

function bakeCommand(state: State): Command[] {
  const blue = deploymentOf(state.session?.opened, 'blue');
  return blue ? [{ do: 'bake', blue: blue.name }] : [];
}

function attachmentsCommand(state: State): Command[] {
  const blue = deploymentOf(state.session?.opened, 'blue');
  return blue ? [{ do: 'attachments', blue }] : [];
}

function pricesCommand(state: State): Command[] {
  const blue = deploymentOf(state.session?.opened, 'blue');
  return blue ? [{ do: 'listPrices', sizes: [blue.instanceType] }] : [];
}

/** Why blue may not be deleted yet; `undefined` when it may. */
export function deletionRefused(state: State): string | undefined {
  const blue = deploymentOf(state.session?.opened, 'blue');
  const { bake } = state.screens.retire ?? {};
  if (!blue) return 'It is deleted already.';
  if (bake && bake.hits > 0) {
    return `${blue.name} answered ${rowsOf(bake.hits, 'request')} since it has no traffic: a caller pins it by header.`;
  }
  const [failed] = standing(state);
  if (failed) {
    const why = failed.verdicts.map((each) => each.why).join(' ');
    return `${why} ${blue.name} is the way back. Press Esc, then A to restore it, or enter a reason to override.`;
  }
  const waited = Math.floor((state.now - withoutTrafficSince(state)) / MINUTE_MS);
  const wanted = bakingMinutes(state);
  if (waited < wanted) {
    return `${blue.name} has been without traffic for ${grouped(waited)} of ${grouped(wanted)} minutes: wait, or keep it.`;
  }
  return undefined;
}

/** What points at blue, once it is known. */
export function leftBehind(state: State): string[] {
  const blue = deploymentOf(state.session?.opened, 'blue');
  const { attachments } = state.screens.retire ?? {};
  return blue && attachments ? leftBehindLines(blue.name, attachments) : [];
}

export const retireStep: Step = {
  id: 'retire',
  title: 'retire',
  // An aborted rollout retires nothing, for blue serves.
  shown: ({ view }) => view.aborted === undefined,
  // Blue is left to decide on, also where somebody's rollout ended without a word of this one.
  passed: (at) => !retireMove.when({ ...at, finished: false }),
  enter: (state) =>
    next(
      withScreen(state, 'retire', { keepUntil: keepUntil(state) }),
      ...bakeCommand(state),
      ...attachmentsCommand(state),
      ...pricesCommand(state),
    ),
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
      return performMove(
        state,
        { id: 'retire', blue },
        {
          title: `Scaling ${blue.name} to one instance`,
          plan: { ...planOf(state), retire: 'scale-to-one' },
        },
      );
    }
    if (!planned) return next(state);
    const refused = deletionRefused(state);
    if (refused !== undefined) return next(say(state, 'warning', refused), ...bakeCommand(state));
    return next(
      push(state, {
        kind: 'type-name',
        title: `Delete deployment ${blue.name}`,
        lines: [
          'After this one key can no longer roll back. Its definition stays in the report.',
          ...leftBehind(state),
        ],
        name: blue.name,
        typed: '',
        then: {
          do: 'perform',
          move: { id: 'retire', blue },
          plan: { ...planOf(state), retire: { delete: blue.name } },
        },
        task: `Deleting ${blue.name}`,
      }),
    );
  },
  answered: (state, event) => {
    if (event.do === 'bake') return next(withScreen(state, 'retire', { bake: event.answer }));
    if (event.do === 'attachments')
      return next(withScreen(state, 'retire', { attachments: event.answer }));
    return event.do === 'record' || performed(event, 'retire') ? next(forward(state)) : next(state);
  },
  failed: (state, event) =>
    event.do === 'attachments' || event.do === 'listPrices'
      ? next(state)
      : event.do === 'bake'
        ? next(
            say(
              state,
              'warning',
              `Whether blue still answers can't be read: ${event.failed.failure.message}`,
            ),
          )
        : undefined,
};
