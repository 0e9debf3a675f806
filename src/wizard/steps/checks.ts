/** The plan's own checks: a key on the traffic screen. */
import { checksAt } from '../../rollout/moves/run-checks.js';
import type { Binding } from '../keys.js';
import { greenShare } from '../navigation.js';
import { planOf } from '../plan.js';
import { performMove } from '../recommended.js';
import type { State } from '../state.js';
import { next, type Update } from '../update.js';

const timeNow = (state: State): 'before' | 'retire' =>
  greenShare(state.session?.opened) > 0 ? 'retire' : 'before';

function run(state: State): Update {
  const opened = state.session?.opened;
  const { blue, green } = opened?.roles ?? {};
  if (blue === undefined || green === undefined) return next(state);
  const weight = greenShare(opened);
  return performMove(state, { id: 'run-checks', blue, green, weight, time: timeNow(state) });
}

export function checksBinding(state: State): Binding {
  const none = checksAt(planOf(state), timeNow(state)).length === 0;
  return {
    keys: ['k'],
    label: 'checks',
    helpOnly: true,
    ...(none && { disabledBecause: 'The plan has no checks: see checks in docs/checks.md.' }),
    run,
  };
}
