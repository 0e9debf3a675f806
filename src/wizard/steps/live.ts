/** Watching live users from the traffic screen: when it begins, and what follows from it. */
import type { LiveMinute } from '../../rollout/evidence/gates/live.js';
import type { Hold } from '../../rollout/plan/proof.js';
import { splitSince } from '../../rollout/journal/view.js';
import type { Command } from '../effects/index.js';
import type { Opened } from '../effects/world.js';
import { holdLeft, holdsOn } from '../hold.js';
import { startAbort } from '../leaving.js';
import { greenShare } from '../navigation.js';
import { planOf } from '../plan.js';
import { recommendedMove } from '../recommended.js';
import type { State } from '../state.js';
import { dropFromScreen, next, say, withOpened, withScreen, type Update } from '../update.js';
import type { Live } from '../../rollout/moves/watch-live.js';

type Watch = Extract<Command, { do: 'watch' }>;

const NO_HOLD: Hold = { minutes: 0, requests: 0, approval: false };

/** The watch that the present split calls for; none while green has no traffic. */
export function watchOf(
  state: State,
  seen?: Pick<Live, 'lookedUntil' | 'watchedMs'>,
): Watch | undefined {
  const opened = state.session?.opened;
  const { blue, green } = opened?.roles ?? {};
  const weight = greenShare(opened);
  if (!opened || !blue || !green || weight === 0) return undefined;
  const since = splitSince(opened.journal) ?? state.now;
  const planned = recommendedMove(state, 'hold');
  const move = planned ?? ({ id: 'hold', blue, green, weight, hold: NO_HOLD } as const);
  const lostMs = seen && Math.max(0, seen.lookedUntil - since - seen.watchedMs);
  return { do: 'watch', move, plan: planOf(state), ...(lostMs !== undefined && { lostMs }) };
}

/** Stops a watch whose split is gone. */
export function stopWatching(state: State): State {
  const { watch: _, ...runs } = state.runs;
  return dropFromScreen({ ...state, runs }, 'traffic', 'live');
}

/** The same split under another plan: what was watched so far counts. */
export function watchAnew(state: State): Command[] {
  const live = state.screens.traffic?.live;
  if (state.runs.watch === undefined) return [];
  const watch = watchOf(state, live);
  return watch ? [watch] : [];
}

/** Live users are watched, if they are not yet. */
export function watched(state: State): Update {
  if (state.runs.watch !== undefined) return next(state);
  const watch = watchOf(state);
  return watch ? next(state, watch) : next(state);
}

/** The hold begins with the split verified; a watch that began before knows of none. */
export function verified(state: State): Update {
  const holds = state.runs.watch !== undefined && recommendedMove(state, 'hold') !== undefined;
  return holds ? next(state, ...watchAnew(state)) : watched(state);
}

/** A minute of live users, and green's weight in it. */
export interface HistoryMinute extends LiveMinute {
  weight: number;
}

/** Four hours: no terminal shows more. */
const KEPT_MINUTES = 240;

function withMinute(
  history: readonly HistoryMinute[] = [],
  { last, weight }: Live,
): readonly HistoryMinute[] {
  if (!last || (history.at(-1)?.at ?? '') >= last.at) return history;
  return [...history, { ...last, weight }].slice(-KEPT_MINUTES);
}

/** What the watch tells. */
export function sawLive(state: State, live: Live, opened: Opened | undefined): Update {
  const before = state.screens.traffic?.live;
  const history = withMinute(state.screens.traffic?.history, live);
  const seen = withScreen(opened ? withOpened(state, opened) : state, 'traffic', { live, history });
  if (live.asks === undefined || (live.asks === before?.asks && live.why === before.why)) {
    return next(holdIsOver(state, seen) ? sayOver(seen) : seen);
  }
  const held = dropFromScreen(seen, 'traffic', 'staged');
  if (live.asks === 'rollback') return next(held);
  const why = live.why ?? 'A gate on live traffic failed.';
  return next(say(held, 'error', `${why} Press A to restore the split at the start.`));
}

/** A gate failed while green serves users: back where the plan says so, whatever runs now. */
export function goBackIfPlanned(state: State): Update {
  const move = recommendedMove(state, 'abort');
  if (!move) return next(state);
  const why = move.because.join(' ');
  if (state.task?.abortQueued) return next(state);
  if (state.task?.writes) return next({ ...state, task: { ...state.task, abortQueued: true } });
  // Rows or probes under way are given up: only a write has to be waited out.
  const { task, ...rest } = state;
  const runs = { ...rest.runs };
  if (task) delete runs[task.command];
  const back = startAbort({ ...rest, runs }, move.because);
  return { ...back, state: say(back.state, 'error', `${why} Rolling back, as the plan requires.`) };
}

const holding = (state: State): boolean => {
  const left = holdLeft(state);
  return left !== undefined && holdsOn(left);
};

const holdIsOver = (before: State, after: State): boolean => holding(before) && !holding(after);

const sayOver = (state: State): State =>
  say(state, 'good', `The hold at ${greenShare(state.session?.opened)}% is over.`);
