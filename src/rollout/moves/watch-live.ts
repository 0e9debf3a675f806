/**
 * Live users at one traffic weight of green, until a hold is over, they are harmed, or nobody can
 * see them any more. Decides what it asks for; whoever called acts.
 */
import { grouped, rowsOf } from '../../common/counts.js';
import { DriftError } from '../errors.js';
import type { LiveMinute } from '../evidence/gates/live.js';
import type { Gates } from '../evidence/gates/settings.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { isHoldJudged, MINUTE_MS, type Gap } from '../evidence/watch.js';
import type { Hold, Reaction } from '../plan/proof.js';
import { graver, Watcher, type SeenMinutes } from '../watcher.js';
import type { MoveContext } from './context.js';
import { end } from './events.js';
import { isHarm } from './verify-split.js';

/** What Azure Monitor tells of live users at the present split. */
export interface Live {
  /** Green's traffic weight in percent. */
  weight: number;
  /** Without a gap, in milliseconds. */
  watchedMs: number;
  /** When somebody last looked; epoch milliseconds. */
  lookedUntil: number;
  /** Minutes before it are judged; epoch milliseconds. */
  judgedUntil: number;
  /** Live requests to green since it has this weight. */
  requests: number;
  /** Gaps whose minutes are not judged yet. */
  openGaps: number;
  /** Probes sent while holding, and how likely they are under the configured split. */
  probes?: { sent: number; p: number };
  /** Age of the newest minute, from its end. */
  lagMs?: number | undefined;
  last?: LiveMinute | undefined;
  verdicts: Verdict[];
  gap?: Gap | undefined;
  /** The gap's minutes were fetched, and are among those judged. */
  gapJudged?: true | undefined;
  /** What a failed check asks for, and why. */
  asks?: Reaction | undefined;
  why?: string | undefined;
  trouble?: string | undefined;
}

export interface WatchOptions {
  blue: string;
  green: string;
  /** Green's traffic weight in percent; 0 for mirrored copies. */
  weight: number;
  hold: Hold;
  gates: Gates;
  onFail: Reaction;
  onUnwatched: Reaction;
  /** When the present split was read back, and until when it was watched and judged before. */
  since?: number | undefined;
  watchedUntil?: number | undefined;
  judgedUntil?: number | undefined;
  /** Of the time since then, what nobody watched in this session; milliseconds. */
  lostMs?: number | undefined;
  /** Keeps until when somebody watched, about once a minute and at the end; epoch milliseconds. */
  onWatched?(until: number, judgedUntil: number): void;
  /** Once, when the hold is over and no gate failed; then it goes on where the context says so. */
  onOver?(verdicts: Verdict[]): Promise<void>;
  /** Once, when it asks to hold where the context goes on watching; else that ends the watch. */
  onHeld?(watched: Watched): Promise<void>;
  /** Ends with the hold, even where the context goes on watching. */
  endsWithHold?: boolean;
  /** Besides, at each look; what it resolves with ends the watch. */
  also?(): Watched | undefined;
}

export interface Watched {
  asks: 'go-on' | Reaction;
  verdicts: Verdict[];
  /** Why it does not go on. */
  why?: string;
  /** Requests to green. */
  requests: number;
  /** Probes found it, not live users. */
  probes?: true;
}

const LOOK_MS = 15_000;
const SHORTEST_LOOK_MS = 1_000;
/** Live users that can't be seen for so long are nobody's to watch. */
const PATIENCE_MS = 10 * MINUTE_MS;
/** A minimum of requests may never come. */
const LONGEST_MS = 24 * 60 * MINUTE_MS;

export async function watchLive(context: MoveContext, options: WatchOptions): Promise<Watched> {
  const { engine, clock, emit } = context;
  const keepWatching = context.options.keepWatching === true && options.endsWithHold !== true;
  const { hold, weight, lostMs = 0 } = options;
  const waits = hold.minutes > 0 || hold.requests > 0;
  const began = clock.now();
  const since = options.since ?? began;
  const until = began + Math.max(LONGEST_MS, 2 * hold.minutes * MINUTE_MS);
  let live: Live = {
    weight,
    watchedMs: 0,
    lookedUntil: options.watchedUntil ?? since,
    judgedUntil: since,
    requests: 0,
    openGaps: 0,
    verdicts: [],
  };
  const tell = (change: Partial<Live>): void => {
    live = { ...live, ...change };
    emit({ event: 'live', live });
  };
  let stop: Omit<Watched, 'requests'> | undefined;
  let noAccess: string | undefined;
  let lost = lostMs;
  let kept = since;
  let wake = new AbortController();
  const keep = (): void => {
    kept = watcher.watchedUntil;
    options.onWatched?.(kept, live.judgedUntil);
  };
  const watcher: Watcher = new Watcher({
    workspace: engine.workspace,
    endpoint: context.endpoint,
    blue: options.blue,
    green: options.green,
    gates: options.gates,
    onFail: options.onFail,
    onUnwatched: options.onUnwatched,
    since,
    watchedUntil: options.watchedUntil ?? (options.since === undefined ? began : since),
    judgedUntil: options.judgedUntil,
    clock,
    ...context.lag,
    every: looksEvery(hold),
    onMinutes: ({ minutes, lagMs, watchedMs, settledUntil }) => {
      tell({
        watchedMs: Math.max(0, watchedMs - lost),
        lookedUntil: watcher.watchedUntil,
        judgedUntil: Date.parse(settledUntil),
        requests: requestsOf({ minutes }),
        openGaps: watcher.openGaps.length,
        last: minutes.at(-1),
        lagMs,
        trouble: undefined,
      });
      if (watcher.watchedUntil - kept >= MINUTE_MS) keep();
      wake.abort();
    },
    onVerdicts: ({ verdicts, failures, closed, asks }) => {
      tell({
        verdicts,
        openGaps: watcher.openGaps.length,
        ...(closed.length > 0 && { gapJudged: true as const }),
      });
      const before = stop?.asks ?? 'go-on';
      const now = graver(before, asks);
      if (now === 'go-on' || before === 'rollback') return;
      // All that was judged, with a failure in place of what the gate says of better minutes since.
      const came = new Map(failures.map(({ verdict }) => [verdict.gate, verdict]));
      const all = verdicts.map((each) => (isHarm(each) ? each : (came.get(each.gate) ?? each)));
      const why = all.filter(isHarm).map((each) => each.why);
      stop = { asks: now, verdicts: all, why: [...new Set(why)].join(' ') };
      if (now === 'rollback') tell({ asks: now, why: stop.why });
      wake.abort();
    },
    onGap: ({ gap }) => {
      lost = 0;
      tell({ gap, gapJudged: undefined, openGaps: watcher.openGaps.length });
      context.note(
        `Unwatched from ${gap.from} to ${gap.to}. These minutes are checked now, and the hold starts again.`,
      );
    },
    onTrouble: ({ failure, asks }) => {
      if (failure.kind === 'sign-in' || failure.kind === 'forbidden') noAccess = failure.message;
      if (failure.message !== live.trouble) {
        context.note(`Live users can't be seen: ${failure.message}`);
      }
      tell({ trouble: failure.message });
      if (asks === 'rollback') {
        const why = `Live users can't be seen: ${failure.message}`;
        stop = { asks, verdicts: live.verdicts, why };
      }
      wake.abort();
    },
  });
  const running = watcher.start();
  // At once: whoever gives the signal closes the journal after it.
  const left = (): void => {
    watcher.stop();
    if (watcher.watchedUntil > kept) keep();
  };
  context.signal.addEventListener('abort', left, { once: true });
  let over = false;
  let held = false;
  const heldOnce = async (watched: Watched): Promise<void> => {
    if (held) return;
    held = true;
    tell({ asks: watched.asks === 'go-on' ? undefined : watched.asks, why: watched.why });
    await options.onHeld?.(watched);
  };
  try {
    for (;;) {
      await nap(context, over ? LOOK_MS : pause(hold, live.watchedMs), wake.signal);
      wake = new AbortController();
      await look(context);
      const also = options.also?.();
      if (also) return also;
      if (stop && (stop.asks === 'rollback' || !keepWatching)) {
        return { ...stop, requests: live.requests };
      }
      if (stop) await heldOnce({ ...stop, requests: live.requests });
      if (noAccess !== undefined && !over) {
        const why = `Live users can't be watched: ${noAccess}`;
        if (options.onUnwatched === 'rollback' && (waits || !keepWatching)) {
          return { asks: 'rollback', verdicts: live.verdicts, why, requests: live.requests };
        }
        if (waits) throw end('access', why, ACCESS_ADVICE);
        // The plan asks for no watch: then only what nobody saw would have been judged.
        if (!keepWatching) return { asks: 'go-on', verdicts: [], why, requests: 0 };
      }
      const judged = isHoldJudged({
        since,
        heldSince: watcher.watchedUntil - live.watchedMs,
        minutes: hold.minutes,
        judgedUntil: live.judgedUntil,
      });
      const long = live.watchedMs >= hold.minutes * MINUTE_MS && judged;
      const { requests, verdicts } = live;
      if (!over && long && requests >= hold.requests && watcher.openGaps.length === 0) {
        over = true;
        emit({ event: 'watched', weight, minutes: hold.minutes, requests });
        await options.onOver?.(verdicts);
        if (!keepWatching) return { asks: 'go-on', verdicts, requests };
      }
      const now = clock.now();
      const late = now - watcher.watchedUntil > PATIENCE_MS;
      if (!over && waits && (late || now > until)) {
        const missing =
          now > until
            ? `${grouped(requests)} of ${rowsOf(hold.requests, 'live request')} arrived`
            : live.trouble;
        const why = `The hold at ${weight}% is not over: ${missing ?? 'nothing could be read'}.`;
        const ended: Watched = { asks: 'hold', verdicts, why, requests };
        if (!keepWatching) return ended;
        await heldOnce(ended);
      }
    }
  } finally {
    watcher.stop();
    await running.catch(() => undefined);
    context.signal.removeEventListener('abort', left);
    if (!context.signal.aborted && watcher.watchedUntil > kept) keep();
  }
}

const ACCESS_ADVICE =
  'Assign the role Monitoring Reader on the workspace, or hold for 0 minutes in the plan.';

/** Until the time is over, or there is something new. */
async function nap({ clock, signal }: MoveContext, ms: number, wake: AbortSignal): Promise<void> {
  try {
    await clock.delay(ms, AbortSignal.any([signal, wake]));
  } catch (error) {
    if (signal.aborted || !wake.aborted) throw error;
  }
}

/** Whether the workspace is still as this rollout left it. */
async function look({ engine, signal }: MoveContext): Promise<void> {
  await engine.observe(signal);
  if (engine.drift) throw new DriftError(engine.drift.sentence);
}

const requestsOf = ({ minutes }: Pick<SeenMinutes, 'minutes'>): number =>
  minutes.reduce((sum, { green }) => sum + green.requests, 0);

/** A short hold is looked at more often. */
const looksEvery = ({ minutes }: Hold): number =>
  minutes === 0
    ? LOOK_MS
    : Math.min(LOOK_MS, Math.max(SHORTEST_LOOK_MS, (minutes * MINUTE_MS) / 2));

/** No longer than what is left, so that a short hold is a short wait. */
function pause(hold: Hold, watchedMs: number): number {
  const left = hold.minutes * MINUTE_MS - watchedMs;
  return left > 0 ? Math.min(LOOK_MS, Math.max(250, left)) : looksEvery(hold);
}
