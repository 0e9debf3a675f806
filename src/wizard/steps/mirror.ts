/** A copy of live requests for green, whose answers nobody gets: before any live traffic. */
import { rowsOf } from '../../common/counts.js';
import { noneMirrored } from '../../rollout/moves/mirror.js';
import type { Watched } from '../../rollout/moves/watch-live.js';
import { shareOf } from '../../common/split.js';
import { greenShare } from '../navigation.js';
import { planOf } from '../plan.js';
import { performMove, recommendedMove } from '../recommended.js';
import type { State } from '../state.js';
import { next, say, type Update } from '../update.js';

export function mirroredShare(state: State): number {
  const opened = state.session?.opened;
  const { green } = opened?.roles ?? {};
  return green === undefined ? 0 : shareOf(opened?.snapshot.endpoint?.mirrorTraffic ?? {}, green);
}

export function stageMirror(state: State, percent: number): Update {
  const { green } = state.session?.opened?.roles ?? {};
  if (green === undefined) return next(state);
  if (percent === mirroredShare(state)) {
    // It was left on before its minutes were over.
    const watch = recommendedMove(state, 'watch-mirror');
    if (watch) return performMove(state, watch);
    return next(say(state, 'info', `${percent}% of live requests are mirrored already.`));
  }
  return performMove(state, { id: 'set-mirror', green, percent });
}

export function sayMirrored(state: State, { asks, requests, why }: Watched): State {
  if (asks !== 'go-on') return say(state, 'error', why ?? 'A gate on mirrored requests failed.');
  if (requests > 0) {
    return say(state, 'good', `Green got ${rowsOf(requests, 'mirrored request')}; no gate failed.`);
  }
  return say(state, 'warning', noneMirrored(planOf(state).mirror?.minutes ?? 0));
}

export const mirrorDisabled = (state: State): string | undefined =>
  greenShare(state.session?.opened) > 0
    ? 'Green has live traffic, and Azure allows live or mirrored traffic, not both.'
    : undefined;
