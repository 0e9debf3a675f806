/** Watching live users from the traffic screen: when it begins, and what follows from it. */
import { probingOf, proofAt } from '../../rollout/plan/proof.js';
import { splitSince } from '../../rollout/journal/view.js';
import type { Command, Live } from '../commands.js';
import { holdLeft, holdsOn } from '../hold.js';
import { startAbort } from '../leaving.js';
import { greenShare } from '../navigation.js';
import { planOf, probesLeft, reactionsIn, wantsProbes } from '../plan.js';
import type { State } from '../state.js';
import { dropFromScreen, next, say, withOpened, withScreen, type Update } from '../update.js';

type Watch = Extract<Command, { do: 'watch' }>;

/** Probes for a hold, beyond those that the steps to come will want for their splits. */
function probesToHold(state: State, share: number): number {
  const plan = planOf(state);
  const left = holdLeft(state);
  if (!left || !(left.leftMs > 0 || left.requests.wanted > 0)) return 0;
  if (!wantsProbes(state, share)) return 0;
  const toCome = plan.weights.filter((weight) => weight > share).length;
  return Math.max(0, probesLeft(state) - toCome * probingOf(plan).count);
}

/** The watch that the present split wants; none while green has nothing. */
export function watchCommand(
  state: State,
  resumed: boolean,
  seen?: Pick<Live, 'lookedUntil' | 'watchedMs'>,
): Watch | undefined {
  const opened = state.session?.opened;
  const { blue, green } = opened?.roles ?? {};
  const share = greenShare(opened);
  if (!opened || !blue || !green || share === 0) return undefined;
  const since = splitSince(opened.journal) ?? state.now;
  const plan = planOf(state);
  const earlier = resumed ? opened.journal.watched : undefined;
  // Of another split it says nothing; without it nobody has watched this one yet.
  const known =
    earlier?.share === share && Date.parse(earlier.until) >= since ? earlier : undefined;
  const watchedUntil = seen?.lookedUntil ?? (known && Date.parse(known.until));
  return {
    do: 'watch',
    blue,
    green,
    share,
    since,
    // What nobody saw while the program was not running is fetched and judged first.
    ...(watchedUntil !== undefined && { watchedUntil }),
    ...(known && !seen && { judgedUntil: Date.parse(known.judgedUntil) }),
    ...(seen && { lostMs: Math.max(0, seen.lookedUntil - since - seen.watchedMs) }),
    ...proofAt(plan, share),
    ...reactionsIn(plan),
    probes: probesToHold(state, share),
  };
}

/** Stops a watch whose split is gone. */
export function unwatched(state: State): State {
  const { watch: _, ...runs } = state.runs;
  return dropFromScreen({ ...state, runs }, 'traffic', 'live');
}

/** The same split under another plan: what was watched so far counts. */
export function watchAnew(state: State): Command[] {
  const live = state.screens.traffic?.live;
  if (state.runs.watch === undefined) return [];
  const watch = watchCommand(state, true, live);
  return watch ? [watch] : [];
}

/** What the watch tells; a failed check lowers traffic only where the person asked for that. */
export function sawLive(state: State, live: Live): Update {
  const { opened, ...shown } = live;
  const before = state.screens.traffic?.live;
  const taken = opened ? withOpened(state, opened) : state;
  const seen = withScreen(taken, 'traffic', { live: shown });
  if (live.asks === undefined || (live.asks === before?.asks && live.why === before.why)) {
    return next(holdIsOver(state, seen) ? sayOver(seen) : seen);
  }
  const held = dropFromScreen(seen, 'traffic', 'staged');
  // It is going back already.
  if (held.task?.command === 'abort') return next(held);
  const why = live.why ?? 'A check of live users failed.';
  if (live.asks === 'hold') {
    return next(say(held, 'error', `${why} A restores the split at the start.`));
  }
  if (held.task?.writes) return next({ ...held, task: { ...held.task, abortQueued: true } });
  // Rows or probes under way are given up: only a write has to be waited out.
  const { task, ...rest } = held;
  const runs = { ...rest.runs };
  if (task) delete runs[task.command];
  const aborted = startAbort({ ...rest, runs });
  return { ...aborted, state: say(aborted.state, 'error', `${why} Going back, as the plan asks.`) };
}

const holding = (state: State): boolean => {
  const left = holdLeft(state);
  return left !== undefined && holdsOn(left);
};

const holdIsOver = (before: State, after: State): boolean => holding(before) && !holding(after);

const sayOver = (state: State): State =>
  say(state, 'good', `The hold at ${greenShare(state.session?.opened)} % is over.`);
