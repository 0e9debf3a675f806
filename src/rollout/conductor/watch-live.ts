/** Stays at a share of live traffic until the plan's hold is over, or live users are harmed. */
import type { Endpoint, Workspace } from '../../azure/types.js';
import type { Clock } from '../clock.js';
import type { Gates } from '../evidence/gates/settings.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import type { Hold, Reaction } from '../plan/proof.js';
import { MINUTE_MS } from '../evidence/watch.js';
import { Watcher, type SeenMinutes } from '../watcher.js';
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
  const until = began + Math.max(LONGEST_MS, 2 * hold.minutes * MINUTE_MS);
  let seen: SeenMinutes | undefined;
  let verdicts: Verdict[] = [];
  let stop: Watched | undefined;
  let noAccess: string | undefined;
  let troubled = '';
  const watcher = new Watcher({
    ...options,
    since: began,
    every: Math.min(LOOK_MS, Math.max(1_000, hold.minutes * MINUTE_MS)),
    onMinutes: (minutes) => (seen = minutes),
    onVerdicts: (judged) => {
      ({ verdicts } = judged);
      if (judged.asks === 'go-on') return;
      const failed = [...verdicts, ...judged.failures.map((each) => each.verdict)].filter(
        ({ mode, verdict }) => mode === 'enforce' && verdict === 'fail',
      );
      stop = { asks: judged.asks, verdicts: failed, why: failed.map(({ why }) => why).join(' ') };
    },
    onGap: ({ gap, asks }) => {
      const why = `Nobody watched from ${gap.from} to ${gap.to}.`;
      emit({
        event: 'note',
        message: `${why} Those minutes are fetched, and the hold starts again.`,
      });
      if (asks === 'rollback') stop = { asks, verdicts, why };
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
        throw end(
          'access',
          `Live users can't be watched: ${noAccess}`,
          'The role Monitoring Reader on the workspace gives this right; or hold for 0 minutes.',
        );
      }
      const requests = greenRequests(seen);
      const long = watcher.watchedMs >= hold.minutes * MINUTE_MS;
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
  }
}

const greenRequests = (seen: SeenMinutes | undefined): number =>
  (seen?.minutes ?? []).reduce((sum, { green }) => sum + green.requests, 0);

/** No longer than what is left, so that a short hold is a short wait. */
const pause = ({ minutes }: Hold, watchedMs: number): number =>
  Math.min(LOOK_MS, Math.max(250, minutes * MINUTE_MS - watchedMs));
