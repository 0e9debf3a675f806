/** Stays at a share of live traffic until the plan's hold is over, or live users are harmed. */
import type { Endpoint, Workspace } from '../../azure/types.js';
import type { Clock } from '../clock.js';
import type { Gates } from '../evidence/gates/settings.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import type { Hold, Reaction } from '../plan/proof.js';
import { isHoldJudged, MINUTE_MS } from '../evidence/watch.js';
import { graver, Watcher, type SeenMinutes } from '../watcher.js';
import { end, type Emit } from './events.js';

export interface WatchOptions {
  workspace: Pick<Workspace, 'metrics'>;
  endpoint: Endpoint;
  blue: string;
  green: string;
  share: number;
  hold: Hold;
  gates: Gates;
  onFail: Reaction;
  onUnwatched: Reaction;
  /** When the present split was read back, and until when an earlier session watched and judged. */
  since?: number;
  watchedUntil?: number;
  judgedUntil?: number;
  /** Milliseconds after which a minute is final; 3 minutes. */
  lagMs?: number;
  /** Keeps until when somebody watched, about once a minute and at the end; epoch milliseconds. */
  onWatched?: (until: number, judgedUntil: number) => void;
  clock: Clock;
  signal?: AbortSignal;
  emit: Emit;
  /** Looks whether the workspace is still as it was; rejects when it is not. */
  check(): Promise<void>;
}

export interface Watched {
  asks: 'go-on' | Reaction;
  verdicts: Verdict[];
  /** Why it does not go on. */
  why?: string;
}

const LOOK_MS = 15_000;
/** Live users that can't be seen for so long are nobody's to watch. */
const PATIENCE_MS = 10 * MINUTE_MS;
/** A minimum of requests may never come. */
const LONGEST_MS = 24 * 60 * MINUTE_MS;

export async function watchLive(options: WatchOptions): Promise<Watched> {
  const { hold, clock, signal, emit, share } = options;
  const began = clock.now();
  const since = options.since ?? began;
  const until = began + Math.max(LONGEST_MS, 2 * hold.minutes * MINUTE_MS);
  let seen: SeenMinutes | undefined;
  let verdicts: Verdict[] = [];
  let stop: Watched | undefined;
  let noAccess: string | undefined;
  let troubled = '';
  let kept = began;
  const keep = (): void => {
    kept = watcher.watchedUntil;
    options.onWatched?.(kept, seen ? Date.parse(seen.settledUntil) : since);
  };
  const watcher: Watcher = new Watcher({
    ...options,
    since,
    watchedUntil: options.watchedUntil ?? began,
    every: looksEvery(hold),
    onMinutes: (minutes) => {
      seen = minutes;
      if (watcher.watchedUntil - kept >= MINUTE_MS) keep();
    },
    onVerdicts: (judged) => {
      ({ verdicts } = judged);
      const before = stop?.asks ?? 'go-on';
      const asks = graver(before, judged.asks);
      if (asks === 'go-on' || before === 'rollback') return;
      // All that was judged, with a failure in place of what the gate says of better minutes since.
      const came = new Map(judged.failures.map(({ verdict }) => [verdict.gate, verdict]));
      const all = verdicts.map((each) => (isHarm(each) ? each : (came.get(each.gate) ?? each)));
      const why = all.filter(isHarm).map((each) => each.why);
      stop = { asks, verdicts: all, why: why.join(' ') };
    },
    onGap: ({ gap }) => {
      const why = `Nobody watched from ${gap.from} to ${gap.to}.`;
      emit({
        event: 'note',
        message: `${why} Those minutes are fetched and judged, and the hold starts again.`,
      });
    },
    onTrouble: ({ failure, asks }) => {
      if (failure.kind === 'sign-in' || failure.kind === 'forbidden') noAccess = failure.message;
      if (failure.message !== troubled) {
        emit({ event: 'note', message: `Live users can't be seen: ${failure.message}` });
      }
      troubled = failure.message;
      if (asks === 'rollback') stop = { asks, verdicts, why: failure.message };
    },
  });
  const running = watcher.start();
  try {
    for (;;) {
      await clock.delay(pause(hold, watcher.watchedMs), signal);
      await options.check();
      if (stop) return stop;
      if (noAccess !== undefined) {
        const why = `Live users can't be watched: ${noAccess}`;
        // The plan asks for no watch: then only what nobody saw would have been judged.
        if (hold.minutes === 0 && hold.requests === 0) {
          const asks = options.onUnwatched === 'rollback' ? 'rollback' : 'go-on';
          return { asks, verdicts, why };
        }
        throw end(
          'access',
          why,
          'The role Monitoring Reader on the workspace gives this right; or hold for 0 minutes.',
        );
      }
      const requests = greenRequests(seen);
      const long =
        watcher.watchedMs >= hold.minutes * MINUTE_MS && isJudged(watcher, seen, options);
      if (long && requests >= hold.requests && watcher.openGaps.length === 0) {
        emit({ event: 'watched', share, minutes: hold.minutes, requests });
        return { asks: 'go-on', verdicts };
      }
      const now = clock.now();
      if (now - watcher.watchedUntil > PATIENCE_MS || now > until) {
        const why = now > until ? `${requests} of ${hold.requests} live requests came` : troubled;
        return { asks: 'hold', verdicts, why: `The hold at ${share} % is not over: ${why}.` };
      }
    }
  } finally {
    watcher.stop();
    await running.catch(() => undefined);
    if (watcher.watchedUntil > kept) keep();
  }
}

function isJudged(
  { watchedUntil, watchedMs }: Watcher,
  seen: SeenMinutes | undefined,
  { hold, since = 0 }: WatchOptions,
): boolean {
  const heldSince = watchedUntil - watchedMs;
  const judgedUntil = seen ? Date.parse(seen.settledUntil) : since;
  return isHoldJudged({ since, heldSince, minutes: hold.minutes, judgedUntil });
}

const isHarm = ({ mode, verdict }: Verdict): boolean => mode === 'enforce' && verdict === 'fail';

const greenRequests = (seen: SeenMinutes | undefined): number =>
  (seen?.minutes ?? []).reduce((sum, { green }) => sum + green.requests, 0);

/** A short hold is looked at more often. */
const looksEvery = ({ minutes }: Hold): number =>
  minutes === 0 ? LOOK_MS : Math.min(LOOK_MS, Math.max(1_000, minutes * MINUTE_MS));

/** No longer than what is left, so that a short hold is a short wait. */
function pause(hold: Hold, watchedMs: number): number {
  const left = hold.minutes * MINUTE_MS - watchedMs;
  return left > 0 ? Math.min(LOOK_MS, Math.max(250, left)) : looksEvery(hold);
}
