/** Watching live users from the traffic screen: when it begins, and what follows from it. */
import type { Command, Live } from '../commands.js';
import { startAbort } from '../leaving.js';
import { greenShare } from '../navigation.js';
import type { State } from '../state.js';
import { dropFromScreen, next, say, withOpened, withScreen, type Update } from '../update.js';
import { DEFAULT_PLAN } from '../plan.js';

/** The watch that the present split wants; none while green has nothing. */
export function watchCommand(state: State, resumed: boolean): Command | undefined {
  const opened = state.session?.opened;
  const { blue, green } = opened?.roles ?? {};
  const share = greenShare(opened);
  if (!opened || !blue || !green || share === 0) return undefined;
  const last = opened.journal.changes.findLast(({ change }) => change.kind === 'setTraffic');
  const ended = last?.ended ? Date.parse(last.ended.at) : state.now;
  const { lastAt } = opened.journal;
  return {
    do: 'watch',
    blue,
    green,
    share,
    since: ended,
    // What nobody saw while the program was not running is fetched and judged first.
    ...(resumed && lastAt !== undefined && { watchedUntil: Date.parse(lastAt) }),
    onFail: state.screens.traffic?.onFail ?? 'hold',
  };
}

/** Stops a watch whose split is gone. */
export function unwatched(state: State): State {
  const { watch: _, ...runs } = state.runs;
  return dropFromScreen({ ...state, runs }, 'traffic', 'live');
}

/** What the watch tells; a failed check lowers traffic only where the person asked for that. */
export function sawLive(state: State, live: Live): Update {
  const plan = state.screens.traffic?.plan ?? DEFAULT_PLAN;
  const { opened, ...shown } = live;
  const before = state.screens.traffic?.live?.asks;
  const taken = opened ? withOpened(state, opened) : state;
  const seen = withScreen(taken, 'traffic', { plan, live: shown });
  if (live.asks === undefined || live.asks === before) return next(seen);
  const held = dropFromScreen(seen, 'traffic', 'staged');
  const failed = live.verdicts.find(
    ({ mode, verdict }) => mode === 'enforce' && verdict === 'fail',
  );
  const why = failed?.why ?? 'A check of live users failed.';
  if (live.asks === 'hold')
    return next(say(held, 'error', `${why} A restores the split at the start.`));
  if (held.task) return next({ ...held, task: { ...held.task, abortQueued: true } });
  return startAbort(say(held, 'error', `${why} Going back, as the plan asks.`));
}
