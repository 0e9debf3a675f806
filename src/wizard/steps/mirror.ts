/** A copy of live requests for green, whose answers nobody gets: before any live traffic. */
import type { Change, SetMirror } from '../../rollout/changes/change.js';
import { MOST_MIRRORED } from '../../rollout/changes/set-mirror.js';
import { formatSplit, shareOf } from '../../rollout/split.js';
import { greenShare } from '../navigation.js';
import { noneMirrored } from '../../rollout/moves/mirror.js';
import { wantedFirst } from '../before-traffic.js';
import type { Answer } from '../commands.js';
import { gatesAt, planOf } from '../plan.js';
import type { State } from '../state.js';
import { next, runChanges, say, work, type Update } from '../update.js';

export function mirroredShare(state: State): number {
  const opened = state.session?.opened;
  const { green } = opened?.roles ?? {};
  return green === undefined ? 0 : shareOf(opened?.snapshot.endpoint?.mirrorTraffic ?? {}, green);
}

function mirrorChange(state: State, share: number): SetMirror | undefined {
  const opened = state.session?.opened;
  const { green } = opened?.roles ?? {};
  if (!opened || green === undefined || mirroredShare(state) === share) return undefined;
  const from = { ...opened.snapshot.endpoint?.mirrorTraffic };
  return { kind: 'setMirror', endpoint: opened.endpoint, from, to: { ...from, [green]: share } };
}

export function setMirror(state: State, share: number): Update {
  if (share > MOST_MIRRORED) {
    return next(say(state, 'warning', `Azure mirrors at most ${MOST_MIRRORED} %.`));
  }
  const change = mirrorChange(state, share);
  // It was left on before its minutes were over.
  if (!change && wantsWatch(state)) return watchMirror(state);
  if (!change) return next(say(state, 'info', `${share} % are mirrored already.`));
  return runChanges(state, [change], `Mirroring ${formatSplit(change.to)}`);
}

/** What the plan wants mirrored is on, and nothing is said of it yet. */
export function wantsWatch(state: State): boolean {
  const { mirror } = planOf(state);
  return wantedFirst(state)?.stage === 'mirror' && mirroredShare(state) === mirror?.percent;
}

export function watchMirror(state: State): Update {
  const { blue, green } = state.session?.opened?.roles ?? {};
  const { mirror } = planOf(state);
  if (blue === undefined || green === undefined || !mirror) return next(state);
  const { minutes, percent } = mirror;
  return work(
    state,
    { do: 'watchMirror', blue, green, minutes, gates: gatesAt(state, 0) },
    {
      title: `Watching ${percent} % of live requests mirrored to ${green} for ${minutes} min`,
      writes: false,
      usualSeconds: minutes * 60,
    },
  );
}

/** Turned off whatever came of it, as green gets live or mirrored requests, never both. */
export function mirrorWatched(state: State, seen: Answer<'watchMirror'>): Update {
  const changes = mirrorOff(state);
  const off =
    changes.length > 0 ? runChanges(state, changes, 'Turning the mirror off') : next(state);
  return { ...off, state: sayMirrored(off.state, seen) };
}

function sayMirrored(state: State, seen: Answer<'watchMirror'>): State {
  const { decision, requests, verdicts, why } = seen;
  if (decision !== 'promote') {
    const failed = verdicts.filter(({ mode, verdict }) => mode === 'enforce' && verdict !== 'pass');
    return say(state, 'error', why ?? failed.map((each) => each.why).join(' '));
  }
  if (requests > 0) {
    return say(state, 'good', `NEW was sent ${requests} mirrored requests, and no check failed.`);
  }
  return say(state, 'warning', noneMirrored(planOf(state).mirror?.minutes ?? 0));
}

/** Azure gives a deployment live or mirrored traffic, never both: what has to go first. */
export function mirrorOff(state: State): Change[] {
  const off = mirrorChange(state, 0);
  return off && mirroredShare(state) > 0 ? [off] : [];
}

export const mirrorDisabled = (state: State): string | undefined =>
  greenShare(state.session?.opened) > 0
    ? 'NEW has live traffic, and Azure gives live or mirrored traffic, not both.'
    : undefined;
