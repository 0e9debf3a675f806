/**
 * Watches live users while green holds a share of traffic. Decides nothing and writes nothing: it
 * tells what it sees and what the plan asks for in such a case; the engine or the person acts.
 */
import type { AzureFailure, Endpoint, MinuteMetrics, Workspace } from '../azure/types.js';
import { type Clock, systemClock } from '../common/clock.js';
import { failureOf } from './errors.js';
import type { Before, LiveMinute } from './evidence/gates/live.js';
import { DEFAULT_GATES, type Gates } from './evidence/gates/settings.js';
import type { Verdict } from './evidence/gates/verdict.js';
import {
  firstWholeMinute,
  GAP_MS,
  type Gap,
  judgeMinutes,
  LAG_MS,
  type LiveFailure,
  liveMinutes,
  MINUTE_MS,
  servedBefore,
  settledUntil,
  unwatched,
} from './evidence/watch.js';

/** What the plan wants in such a case; `go-on` when there is nothing to do. */
type Asks = 'go-on' | 'hold' | 'rollback';

/** What was asked once is not made milder by a later look. */
export const graver = (before: Asks, now: Asks): Asks => {
  const order: readonly Asks[] = ['go-on', 'hold', 'rollback'];
  return order.indexOf(now) > order.indexOf(before) ? now : before;
};

export interface SeenMinutes {
  /** Since green has its present share, oldest first; the newest may still change. */
  minutes: LiveMinute[];
  /** Age of the newest minute that Azure Monitor told, from its end; absent: no data yet. */
  lagMs?: number;
  /** ISO time: minutes before it are final, and judged. */
  settledUntil: string;
  /** How long this split was watched without a gap. */
  watchedMs: number;
}

export interface SeenVerdicts extends SeenMinutes {
  /** Over all settled minutes. */
  verdicts: Verdict[];
  /** Gates that came to fail in the minutes settled since the last time. */
  failures: LiveFailure[];
  /** Gaps whose minutes are all fetched and judged with this. */
  closed: Gap[];
  asks: Asks;
}

export interface SeenGap {
  gap: Gap;
  /** Should its minutes turn out to fail a gate. */
  asks: 'hold' | 'rollback';
}

export interface Trouble {
  failure: AzureFailure;
  /** ISO time of the last look that succeeded, or of the split's change. */
  watchedUntil: string;
  /** `go-on` until a minute has passed so. */
  asks: Asks;
}

export interface WatcherOptions {
  workspace: Pick<Workspace, 'metrics'>;
  endpoint: Endpoint;
  blue: string;
  green: string;
  /** When the present split was read back; epoch milliseconds. */
  since: number;
  /** Until when an earlier session watched; `since` by default, so that a resumed hold finds its gap. */
  watchedUntil?: number;
  /** Until when an earlier session judged minutes: their failures are known. Epoch milliseconds. */
  judgedUntil?: number;
  gates?: Gates;
  /** When live users are worse off. */
  onFail: 'hold' | 'rollback';
  /** When they were worse off in minutes that nobody saw and are not any more. */
  onUnwatched: 'hold' | 'rollback';
  clock?: Clock;
  /** Milliseconds between looks; 30 s. */
  every?: number;
  /** Milliseconds after which a minute is final; 3 minutes. */
  lagMs?: number;
  /** After each look. */
  onMinutes?: (seen: SeenMinutes) => void;
  /** Whenever more minutes have become final. */
  onVerdicts?: (seen: SeenVerdicts) => void;
  /** Nobody looked for over a minute; the hold starts again. */
  onGap?: (seen: SeenGap) => void;
  /** A look failed; the next one is made as usual. */
  onTrouble?: (seen: Trouble) => void;
}

export class Watcher {
  readonly #options: WatcherOptions;
  readonly #clock: Clock;
  readonly #every: number;
  readonly #lagMs: number;
  readonly #stopped = new AbortController();
  #minutes: MinuteMetrics[] = [];
  /** Minutes before it are final. */
  #settled: number;
  /** ISO time of the last minute that was judged. */
  #judged: string | undefined;
  #heldSince: number;
  #watchedUntil: number;
  #failedLooks = 0;
  /** Of blue, where it serves nothing any more. */
  #before: Before | undefined;
  #open: Gap[] = [];
  #running: Promise<void> | undefined;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#every = options.every ?? 30_000;
    this.#lagMs = options.lagMs ?? LAG_MS;
    this.#settled = firstWholeMinute(options.since);
    this.#heldSince = options.since;
    this.#watchedUntil = options.watchedUntil ?? options.since;
    const { judgedUntil } = options;
    this.#judged = judgedUntil === undefined ? undefined : iso(judgedUntil - MINUTE_MS);
  }

  /** Looks until `stop`. Rejects only with what a listener throws. */
  start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Ends the request under way too; nothing is told afterwards. */
  stop(): void {
    this.#stopped.abort();
  }

  /** How long this split was watched without a gap, in milliseconds. */
  get watchedMs(): number {
    return Math.max(0, this.#watchedUntil - this.#heldSince);
  }

  /** When somebody last looked; for the next session's `watchedUntil`. Epoch milliseconds. */
  get watchedUntil(): number {
    return this.#watchedUntil;
  }

  /** Gaps whose minutes are not all judged yet. While there are any, no hold is over. */
  get openGaps(): readonly Gap[] {
    return this.#open;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const began = this.#clock.now();
      await this.#look(began);
      if (signal.aborted) return;
      // From start to start; a clock that was set back must not stretch the pause.
      const taken = Math.max(0, this.#clock.now() - began);
      try {
        await this.#clock.delay(Math.max(0, this.#every - taken), signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  async #look(now: number): Promise<void> {
    const { workspace, endpoint, blue, green } = this.#options;
    const { signal } = this.#stopped;
    let fetched: MinuteMetrics[];
    try {
      this.#before ??= await servedBefore(workspace, endpoint, blue, this.#options.since, signal);
      const from = new Date(this.#settled);
      fetched =
        this.#settled < now
          ? await workspace.metrics(endpoint, [blue, green], from, new Date(now), signal)
          : [];
    } catch (error) {
      if (!signal.aborted) this.#tellTrouble(error, now);
      return;
    }
    if (signal.aborted) return;
    this.#findGap(now);
    // A listener may have seen enough.
    if (signal.aborted) return;
    this.#watchedUntil = Math.max(this.#watchedUntil, now);
    this.#failedLooks = 0;

    const before = this.#settled;
    this.#minutes = [
      ...this.#minutes.filter(({ at }) => Date.parse(at) < before),
      ...fetched.filter(({ at }) => Date.parse(at) >= before),
    ];
    this.#settled = Math.max(before, settledUntil(now, this.#lagMs));
    const seen = this.#seen(now);
    this.#options.onMinutes?.(seen);
    if (this.#settled > before && !signal.aborted) this.#judge(seen);
  }

  #tellTrouble(error: unknown, now: number): void {
    this.#failedLooks += 1;
    const unseen = now - this.#watchedUntil > this.#longestGap();
    this.#options.onTrouble?.({
      failure: failureOf(error, 'watch live users'),
      watchedUntil: iso(this.#watchedUntil),
      asks: unseen ? this.#options.onUnwatched : 'go-on',
    });
  }

  #findGap(now: number): void {
    const cause = this.#failedLooks > 0 ? 'no-answer' : 'asleep';
    const [gap] = unwatched([this.#watchedUntil, now], cause, this.#longestGap());
    if (!gap) return;
    this.#open.push(gap);
    this.#heldSince = now;
    this.#options.onGap?.({ gap, asks: this.#options.onUnwatched });
  }

  /** Who asked for fewer looks is not told of a gap after each. */
  #longestGap(): number {
    return Math.max(GAP_MS, 2 * this.#every);
  }

  #judge(seen: SeenMinutes): void {
    const { blue, green, gates = DEFAULT_GATES, onFail, onUnwatched } = this.#options;
    const settled = this.#minutes.filter(({ at }) => Date.parse(at) < this.#settled);
    const after = this.#judged;
    const { verdicts, failures } = judgeMinutes(settled, {
      blue,
      green,
      gates,
      ...(after !== undefined && { after }),
      ...(this.#before && { before: this.#before }),
    });
    this.#judged = settled.at(-1)?.at ?? after;
    const wanted = [
      ...(verdicts.some(isHarm) ? [onFail] : []),
      ...failures
        .filter(({ verdict }) => isHarm(verdict))
        .map(({ at }) => (this.#open.some((gap) => isIn(gap, at)) ? onUnwatched : onFail)),
    ];
    const closed = this.#open.filter(({ to }) => Date.parse(to) <= this.#settled);
    this.#open = this.#open.filter((gap) => !closed.includes(gap));
    const asks = wanted.includes('rollback') ? 'rollback' : (wanted[0] ?? 'go-on');
    this.#options.onVerdicts?.({ ...seen, verdicts, failures, closed, asks });
  }

  #seen(now: number): SeenMinutes {
    const minutes = liveMinutes(this.#minutes, this.#options);
    const last = minutes.at(-1);
    return {
      minutes,
      ...(last && { lagMs: Math.max(0, now - Date.parse(last.at) - MINUTE_MS) }),
      settledUntil: iso(this.#settled),
      watchedMs: this.watchedMs,
    };
  }
}

const isHarm = ({ mode, verdict }: Verdict): boolean => mode === 'enforce' && verdict === 'fail';

/** Whether a part of the minute was in it. */
const isIn = ({ from, to }: Gap, minute: string): boolean =>
  Date.parse(minute) + MINUTE_MS > Date.parse(from) && Date.parse(minute) < Date.parse(to);

const iso = (ms: number): string => new Date(ms).toISOString();
