/**
 * The rollout of one endpoint: runs changes one at a time, goes back split by split, aborts. The
 * wizard and the headless run drive it and print from the same events.
 */
import pLimit from 'p-limit';
import type { Workspace } from '../azure/types.js';
import { undoneBefore } from './autoscale.js';
import type { Done } from './change-end.js';
import { ChangeRunner, type RunOptions } from './change-runner.js';
import type { Change, SetTraffic } from './changes/change.js';
import { kindOf } from './changes/kinds.js';
import { systemClock, type Clock } from '../common/clock.js';
import { EndpointState, type EntryLog } from './endpoint-state.js';
import type { EngineEvent, Listener } from './engine-events.js';
import type { Drift } from './drift.js';
import { DriftError, failureOf, GuardError } from './errors.js';
import type { Choice, JournalEntry, Judgement, Roles, TestResult } from './journal/entry.js';
import { retry, UNTIL_DONE, WHILE_BUSY, type Passing } from './retry.js';
import { rolesOf, type RolesFound } from './roles.js';
import { journalLastEffect, settle, untilIdle } from './settle.js';
import type { Snapshot } from './snapshot.js';
import { type Split, sameSplit, shareOf } from '../common/split.js';
import {
  abortTarget,
  blueInstancesAtStart,
  closeRollout,
  firstTraffic,
  moveTraffic,
  restoreTraffic,
  type RolloutFacts,
} from './traffic-change.js';
import { decodeTags } from './tags.js';
import { planUndo, type Undo } from './undo.js';
import type { JournalView } from './journal/view.js';

interface EngineOptions {
  workspace: Workspace;
  journal: EntryLog;
  endpoint: string;
  clock?: Clock;
  /** A look from before the journal was opened: it saves reading again what does not change in a rollout. */
  before?: Snapshot;
}

const writesEndpoint = (change: Change): boolean =>
  change.kind === 'setTraffic' || change.kind === 'setMirror';

export class RolloutEngine {
  readonly workspace: Workspace;
  readonly endpoint: string;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  /** One after the other: Azure answers a second write to a busy endpoint with a conflict. */
  readonly #turn = pLimit(1);
  readonly #state: EndpointState;
  readonly #runner: ChangeRunner;

  constructor({ workspace, journal, endpoint, clock = systemClock, before }: EngineOptions) {
    this.workspace = workspace;
    this.endpoint = endpoint;
    this.#clock = clock;
    const emit = (event: EngineEvent): void => this.#emit(event);
    this.#state = new EndpointState(workspace, endpoint, journal, clock, emit, before);
    this.#runner = new ChangeRunner(this.#state);
  }

  /** The last observation; `undefined` before the first. */
  get snapshot(): Snapshot | undefined {
    return this.#state.snapshot;
  }

  /** What someone else changed, as far as the last look shows; `run` refuses until it is adopted. */
  get drift(): Drift | undefined {
    return this.#state.drift;
  }

  /** Goes on from what is live, although someone else changed it; the journal keeps that. */
  adopt(): void {
    this.#state.adopt();
  }

  get view(): JournalView {
    return this.#state.view;
  }

  get entries(): readonly JournalEntry[] {
    return this.#state.journal.entries;
  }

  get roles(): RolesFound {
    return this.snapshot
      ? rolesOf(this.snapshot, this.view)
      : { roles: {}, source: 'none', live: [], idle: [] };
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Keeps a choice for a later session. */
  choose(choice: Choice): void {
    this.#state.record({ event: 'choice', choice });
  }

  tested(result: TestResult): void {
    this.#state.record({ event: 'tested', result });
  }

  judged(judgement: Judgement): void {
    this.#state.record({ event: 'judged', ...judgement });
  }

  /** Keeps until when somebody watched, so that a later session knows what nobody saw. ISO times. */
  watched(weight: number, until: string, judgedUntil: string): void {
    // A watch may end after the rollout, of which no later session will read more minutes.
    if (!this.view.completed) this.#state.record({ event: 'watched', weight, until, judgedUntil });
  }

  /** Keeps count of probes, which are real traffic and have a budget. */
  probed(weight: number, sent: number, served: Record<string, number>): void {
    this.#state.record({ event: 'probed', weight, sent, served });
  }

  complete(report: string): void {
    this.#state.record({ event: 'completed', report });
  }

  /** Looks at the workspace again; takes no turn, so it answers while a change runs. */
  observe(signal?: AbortSignal): Promise<Snapshot> {
    return this.#state.observe(signal);
  }

  /**
   * Sends one change and waits for Azure; a busy Azure is asked again, but for writes of the endpoint,
   * which the caller builds anew from what is live then. Rejects with a `GuardError` when it may not run,
   * `StoppedWaiting` when the signal fired after it was sent, or what Azure answered;
   * `failureOf` makes one shape of all of them.
   */
  run(change: Change, options: RunOptions = {}): Promise<Done> {
    return this.#turn(async () => {
      await settle(this.#state, options.signal, options.urgent ? writesEndpoint : undefined);
      await this.#clearBefore(change, options);
      if (writesEndpoint(change)) return this.#runner.run(change, options);
      return retry(WHILE_BUSY, () => this.#runner.run(change, options), {
        signal: options.signal,
        clock: this.#clock,
        onRetry: ({ message }) =>
          options.onProgress?.({ stage: 'note', message: `${message} Retrying.` }),
      });
    });
  }

  /** What this rollout copied to a deployment goes before it, unless it may not go. */
  async #clearBefore(change: Change, options: RunOptions): Promise<void> {
    const copies = undoneBefore(change, this.view);
    if (copies.length === 0) return;
    const refusal = kindOf(change).guard(change, await this.observe(options.signal));
    if (refusal !== undefined) throw new GuardError(refusal);
    for (const each of copies) await this.#runner.run(each, options);
  }

  /** Finds out how the changes ended that an earlier session began: waits for those that run. */
  settle(signal?: AbortSignal, { urgent }: RunOptions = {}): Promise<JournalView> {
    return this.#turn(async () => {
      await settle(this.#state, signal, urgent ? writesEndpoint : undefined);
      return this.view;
    });
  }

  /** After a write that failed: where what was asked for is there all the same, the journal says so. */
  tookEffect(signal?: AbortSignal): Promise<void> {
    return this.#turn(() => journalLastEffect(this.#state, signal));
  }

  #facts(): RolloutFacts {
    if (!this.snapshot) throw new GuardError('The endpoint has not been read yet.');
    return { now: this.snapshot, roles: this.roles.roles, view: this.view };
  }

  #pair(): RolloutFacts & { roles: Required<Roles> } {
    const facts = this.#facts();
    const { blue, green } = facts.roles;
    if (!blue || !green) {
      throw new GuardError('Blue and green are not chosen yet.');
    }
    return { ...facts, roles: { blue, green } };
  }

  /** The change that gives green this share of all requests, against what is observed now. */
  trafficChange(greenShare: number): SetTraffic {
    return moveTraffic(this.#pair(), greenShare);
  }

  /** The change that gives the first deployment everything. */
  firstTrafficChange(blue: string): SetTraffic {
    return firstTraffic(this.#facts().now, blue);
  }

  /** The change that takes the rollout's tags off and leaves what a later rollback restores. */
  closingChange(): SetTraffic {
    return closeRollout(this.#facts());
  }

  /** What an abort would restore now; `undefined` when blue is deleted. */
  abortTarget(): Split | undefined {
    return abortTarget(this.#facts());
  }

  /** What `u` would do now, or why it can't. */
  undoPlan(): Undo {
    const facts = this.#facts();
    return planUndo(facts.view.undo, facts.now, facts.roles, blueInstancesAtStart(facts));
  }

  /** One split back. */
  undo(options: RunOptions = {}): Promise<Done> {
    return this.#turn(async () => {
      await settle(this.#state, options.signal, writesEndpoint);
      await this.observe(options.signal);
      const plan = this.undoPlan();
      if ('refused' in plan) throw new GuardError(plan.refused);
      const pair = this.#pair();
      const change = moveTraffic(pair, shareOf(plan.to, pair.roles.green), 'undo');
      return this.#runner.run(change, options);
    });
  }

  /**
   * Waits a running write out, then restores the split live at the rollout's start, turns a mirror
   * to green off, and empties the undo stack. Green stays, for its logs. `unlessDrift`: rejects with
   * a `DriftError` where someone else changed the endpoint, as what nobody asked for must.
   * @returns the split that is live afterwards
   */
  abort(options: RunOptions & { unlessDrift?: boolean } = {}): Promise<Split> {
    this.#runner.stopUpload();
    this.#emit({ type: 'aborting' });
    return this.#turn(async () => {
      await retry(
        UNTIL_DONE,
        async () => {
          // A deployment still being created gets no traffic, so it is not waited for.
          await settle(this.#state, options.signal, writesEndpoint);
          await this.#restore(options);
        },
        { signal: options.signal, clock: this.#clock, passing: mayPassInAbort },
      );
      this.#state.expectPresent();
      const restored = { ...this.snapshot?.endpoint?.traffic };
      this.#state.record({ event: 'aborted', restored });
      this.#emit({ type: 'aborted', restored });
      return restored;
    });
  }

  async #restore(options: RunOptions & { unlessDrift?: boolean }): Promise<void> {
    await untilIdle(this.#state, options.signal);
    if (options.unlessDrift && this.drift) throw new DriftError(this.drift.sentence);
    const { now, roles, view } = this.#facts();
    const traffic = now.endpoint?.traffic ?? {};
    const target = abortTarget({ now, roles, view });
    if (!target) throw new BlueGone(roles);
    // Undone to the start, the endpoint still carries the rollout's tags.
    const tagged = decodeTags(now.endpoint?.tags ?? {}).rolloutId !== undefined;
    if (tagged || !sameSplit(target, traffic)) {
      await this.#runner.run(restoreTraffic(now, target, 'abort'), options);
    }
    const mirror = now.endpoint?.mirrorTraffic ?? {};
    if (roles.green && shareOf(mirror, roles.green) > 0) {
      const to = { ...mirror, [roles.green]: 0 };
      const { endpoint } = this;
      await this.#runner.run({ kind: 'setMirror', endpoint, from: mirror, to }, options);
    }
  }
}

/** Of guards and drift: someone else's write may have come between the look and the write. */
function mayPassInAbort(error: unknown): Passing | undefined {
  if (error instanceof BlueGone || error instanceof DriftError) return undefined;
  if (error instanceof GuardError) return 'moment';
  const { kind } = failureOf(error, 'abort');
  if (kind === 'conflict' || kind === 'throttled') return 'busy';
  return ['drift', 'network', 'service'].includes(kind) ? 'moment' : undefined;
}

class BlueGone extends GuardError {
  constructor({ blue, green }: Roles) {
    super(
      `${blue ?? 'Blue'} is deleted, so ${green ?? 'green'} keeps its traffic. Recreate blue from its definition in the report, then roll back.`,
    );
  }
}
