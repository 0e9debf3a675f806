/**
 * One change from guard to read back, and what happened to changes an earlier session began. Takes no
 * turns itself: the engine sees to it that only one runs at a time.
 */
import type { Workspace } from '../azure/types.js';
import type { Change, Progress } from './changes/change.js';
import { findDeployment, isBusy } from './changes/conditions.js';
import { kindOf } from './changes/kinds.js';
import type { Clock } from '../common/clock.js';
import {
  afterChange,
  afterUnknown,
  driftFrom,
  expectedAtStart,
  expectedOf,
  type Drift,
  type Expected,
} from './drift.js';
import type { EngineEvent } from './engine-events.js';
import {
  ChangeError,
  DriftError,
  failureOf,
  GuardError,
  hasFailure,
  StoppedWaiting,
} from './errors.js';
import { differences, type Difference } from './inherit.js';
import type { JournalEntry } from './journal/entry.js';
import type { JournalEvent } from './journal/journal.js';
import { obstacleTo } from './preflight/before-change.js';
import { rolesOf } from './roles.js';
import { withPinnedEnvironment } from './changes/create-deployment.js';
import { hideSecretsIn } from '../common/hide-secrets.js';
import { deploymentWithoutSecrets, variableHashes, withoutSecrets } from './secrets.js';
import { observe, type Snapshot } from './snapshot.js';
import { shareOf } from '../common/split.js';
import { journalView, succeeded, type ChangeRecord, type JournalView } from './journal/view.js';

/** The part of `Journal` that a run needs. */
export interface EntryLog {
  readonly entries: readonly JournalEntry[];
  append(event: JournalEvent): JournalEntry;
}

export interface RunOptions {
  /** Stops waiting; what Azure accepted goes on. */
  signal?: AbortSignal;
  /** Of changes started earlier, waits only for writes to the endpoint, not for deployments. */
  urgent?: boolean;
  onProgress?(progress: Progress): void;
}

/** A change that was sent, and read back as done. */
export interface Done {
  id: number;
  seconds: number;
  snapshot: Snapshot;
}

/** After an operation Azure's lists may lag; a read back is tried this often, a second apart. */
const READ_BACKS = 4;
const READ_BACK_PAUSE_MS = 1_000;
const IDLE_PAUSE_MS = 2_000;

/** Of what a change needs besides the endpoint and its deployments: the workspace, and model versions. */
const needsAll = ({ kind }: Change): boolean =>
  ['createEndpoint', 'createDeployment', 'registerModel', 'packageModel'].includes(kind);

/** An answer that was lost in transit may well have been a yes. */
const LOST: readonly string[] = ['network', 'service', 'cancelled'];

interface Started {
  id: number;
  change: Change;
  title: string;
  startedAt: number;
}

export class ChangeRunner {
  snapshot: Snapshot | undefined;
  view: JournalView;
  /** Stops an upload, which an abort need not wait for: it changes nothing that is live. */
  #upload: AbortController | undefined;
  #expected: Expected | undefined;
  /** Names of blue and green as they were last known. */
  #roles: readonly string[] = [];
  #writing = false;
  /** What someone else changed since this rollout last wrote or looked. */
  drift: Drift | undefined;

  constructor(
    readonly workspace: Workspace,
    readonly endpoint: string,
    readonly journal: EntryLog,
    readonly clock: Clock,
    readonly emit: (event: EngineEvent) => void,
  ) {
    this.view = journalView(journal.entries);
  }

  record(event: JournalEvent): void {
    // What merely looks like a secret must not stop a rollout: it is written as dots.
    this.journal.append(hideSecretsIn(event));
    this.view = journalView(this.journal.entries);
    this.emit({ type: 'journaled', event: event.event });
  }

  stopUpload(): void {
    this.#upload?.abort();
  }

  /** @param next the change that is about to be sent */
  async observe(signal?: AbortSignal, next?: Change): Promise<Snapshot> {
    const { choice, changes } = this.view;
    const concerned = [...changes.map(({ change }) => change), ...(next ? [next] : [])];
    const versions = new Map<string, { model: string; version: string }>();
    const add = (model: string, version: string | undefined) =>
      version !== undefined && versions.set(`${model}:${version}`, { model, version });
    for (const model of [choice.blueModel, choice.newModel]) {
      // A registry's model is not among the workspace's own.
      if (model && model.id === undefined) add(model.name, model.version);
    }
    for (const change of concerned) {
      if (change.kind === 'registerModel') add(change.model, change.version);
    }
    const packages = concerned.filter((change) => change.kind === 'packageModel');
    const autoscale = [
      ...this.view.pending.map(({ change }) => change),
      ...(next ? [next] : []),
    ].flatMap((change) => [
      ...('source' in change ? [change.source] : []),
      ...('setting' in change ? [change.setting] : []),
    ]);
    const since = this.snapshot?.takenAt;
    const inPlay = [...versions.values()];
    // A write that costs money, or makes a version, reads everything anew.
    const known = next && needsAll(next) ? undefined : this.snapshot;
    const beside = { packages, autoscale, ...(known && { known }) };
    const now = await observe(this.workspace, this.endpoint, inPlay, signal, beside);
    this.snapshot = now;
    this.#compare(now, since);
    this.emit({ type: 'observed', snapshot: now });
    return now;
  }

  /** While a write of this rollout runs, nothing can be told apart. */
  #compare(now: Snapshot, since: string | undefined): void {
    this.#expected ??= expectedAtStart(now, this.view);
    if (this.#writing || (now.endpoint && isBusy(now.endpoint))) return;
    // What was found stays said until a person decides.
    this.drift ??= driftFrom(this.#expected, now, { roles: this.#roles, since });
    const { blue, green } = rolesOf(now, this.view).roles;
    if (!this.drift) this.#roles = [blue, green].filter((name) => name !== undefined);
  }

  /** Goes on from what is live, although someone else changed it. */
  adopt(): void {
    const { snapshot, drift } = this;
    if (!snapshot || !drift) return;
    const traffic = { ...snapshot.endpoint?.traffic };
    this.record({ event: 'adopted', traffic, drift: drift.sentence });
    this.expectPresent();
  }

  /** A person decided on what someone else changed: from now on, what is there is expected. */
  expectPresent(): void {
    if (this.snapshot) this.#expected = expectedOf(this.snapshot);
    this.drift = undefined;
  }

  async run(asked: Change, { signal, onProgress }: RunOptions): Promise<Done> {
    const kind = kindOf(asked);
    const before = await this.observe(signal, asked);
    if (this.drift && !isWayBack(asked)) throw new DriftError(this.drift.sentence);
    const refusal = this.#ownGuard(asked, before) ?? kind.guard(asked, before);
    if (refusal !== undefined) throw new GuardError(refusal);
    const obstacle = await obstacleTo(asked, before, this.workspace, signal);
    if (obstacle) throw new ChangeError(obstacle);
    const change = await withPinnedEnvironment(asked, this.workspace, signal);

    const started = this.#begin(change, before);
    this.#writing = true;
    try {
      return await this.#send(started, before, { signal, onProgress });
    } finally {
      this.#writing = false;
    }
  }

  async #send(
    started: Started,
    before: Snapshot,
    { signal, onProgress }: RunOptions,
  ): Promise<Done> {
    const { change } = started;
    const kind = kindOf(change);
    const upload = new AbortController();
    let accepted = false;
    if (change.kind === 'registerModel') this.#upload = upload;
    try {
      await kind.apply(change, {
        workspace: this.workspace,
        before,
        signal: signal ? AbortSignal.any([signal, upload.signal]) : upload.signal,
        onProgress: (progress) => {
          if (progress.stage === 'sent') {
            accepted = true;
            const operation = progress.operation.url;
            this.record({ event: 'accepted', id: started.id, operation });
          }
          this.emit({ type: 'progress', id: started.id, progress });
          onProgress?.(progress);
        },
      });
    } catch (error) {
      const left = (): boolean => signal?.aborted === true && change.kind !== 'registerModel';
      if (left()) return this.#leave(started);
      // An operation that can't be asked about goes on all the same.
      const unsure =
        (accepted || LOST.includes(failureOf(error, started.title).kind)) &&
        kind.readBack(change, before) !== undefined;
      const done = async (): Promise<boolean> => {
        try {
          return await this.#turnedOutDone(change, signal);
        } catch (reason) {
          if (left()) return this.#leave(started);
          throw reason;
        }
      };
      if (!unsure || !(await done())) return this.#fail(started, error);
    } finally {
      this.#upload = undefined;
    }
    try {
      return await this.#confirm(started, signal);
    } catch (error) {
      if (signal?.aborted) return this.#leave(started);
      throw error;
    }
  }

  #begin(change: Change, before: Snapshot): Started {
    const id = Math.max(0, ...this.view.changes.map((each) => each.id)) + 1;
    const title = kindOf(change).title(change);
    const deleted = before.deployments.filter(
      (each) =>
        change.kind === 'deleteEndpoint' ||
        (change.kind === 'deleteDeployment' && change.deployment === each.name),
    );
    const visible = this.view.choice.plan?.visibleVariables;
    const variables = variableHashes(change, deleted);
    this.record({
      event: 'begun',
      id,
      change: withoutSecrets(change, visible),
      title,
      ...(Object.keys(variables).length > 0 && { variables }),
      ...(before.endpoint && { splitBefore: { ...before.endpoint.traffic } }),
      ...(deleted.length > 0 && {
        deleted: deleted.map((each) => deploymentWithoutSecrets(each, visible)),
      }),
    });
    this.emit({ type: 'begun', id, change, title });
    return { id, change, title, startedAt: this.clock.now() };
  }

  /** Rules that need the journal: what the observed workspace alone can't tell. */
  #ownGuard(change: Change, now: Snapshot): string | undefined {
    const clearsUp = ['deleteEndpoint', 'deleteAutoscale'].includes(change.kind);
    if (this.view.completed && !isWayBack(change) && !clearsUp) {
      return `This rollout of endpoint ${this.endpoint} is finished: nothing more is written for it.`;
    }
    if ('endpoint' in change && change.endpoint !== this.endpoint) {
      return `This rollout is for endpoint ${this.endpoint}, not for ${change.endpoint}.`;
    }
    if (change.kind === 'deleteEndpoint' && !this.view.createdEndpoint) {
      return `Endpoint ${this.endpoint} was not created by this rollout, so it is not deleted from here.`;
    }
    if (change.kind === 'setTraffic' && ['undo', 'abort', 'rollback'].includes(change.why)) {
      const { green } = rolesOf(now, this.view).roles;
      if (green && shareOf(change.to, green) > shareOf(change.from, green)) {
        return `A rollback never gives ${green} more traffic.`;
      }
    }
    return undefined;
  }

  #leave({ id, change, title }: Started): never {
    this.#expected &&= afterUnknown(this.#expected, change);
    this.emit({ type: 'left', id, change, title });
    throw new StoppedWaiting(title);
  }

  #fail({ id, change, title, startedAt }: Started, error: unknown): never {
    // What failed is the change, not the request of it that Azure refused.
    const failure = hideSecretsIn({ ...failureOf(error, title), what: title });
    this.#expected &&= afterUnknown(this.#expected, change);
    this.record({ event: 'ended', id, ok: false, failure, seconds: this.#since(startedAt) });
    this.emit({ type: 'failed', id, change, title, failure });
    throw hasFailure(error) ? new ChangeError(failure, { cause: error }) : error;
  }

  #succeed({ id, change, title, startedAt }: Started, snapshot: Snapshot): Done {
    const seconds = this.#since(startedAt);
    const differences = this.#differences(change, snapshot);
    this.record({
      event: 'ended',
      id,
      ok: true,
      readBack: 'confirmed',
      seconds,
      ...(differences && { differences }),
    });
    this.#expected &&= afterChange(this.#expected, change);
    this.#writing = false;
    this.#compare(snapshot, undefined);
    this.emit({ type: 'confirmed', id, change, title, seconds });
    return { id, seconds, snapshot };
  }

  /** A new green beside blue, member by member. */
  #differences(change: Change, now: Snapshot): Difference[] | undefined {
    if (change.kind !== 'createDeployment' || change.role !== 'green') return undefined;
    const blue = findDeployment(now, rolesOf(now, this.view).roles.blue ?? '');
    const green = findDeployment(now, change.deployment);
    return blue && green && blue !== green ? differences(blue, green) : undefined;
  }

  async #confirm(started: Started, signal: AbortSignal | undefined): Promise<Done> {
    const { change, title } = started;
    for (let attempt = 1; ; attempt += 1) {
      const snapshot = await this.observe(signal);
      const problem = kindOf(change).readBack(change, snapshot);
      if (problem === undefined) return this.#succeed(started, snapshot);
      if (attempt === READ_BACKS) {
        const error = new ChangeError({
          kind: 'drift',
          what: title,
          message: `Azure reports success, but the workspace differs: ${problem}`,
          advice: 'Someone else may have changed it. Read the state again, then decide.',
          retrySafe: false,
        });
        return this.#fail(started, error);
      }
      await this.clock.delay(READ_BACK_PAUSE_MS, signal);
    }
  }

  #since(startedAt: number): number {
    return Math.max(0, Math.round((this.clock.now() - startedAt) / 100) / 10);
  }

  /** Waits until no operation runs on the endpoint, then tells whether the change is in effect. */
  async #turnedOutDone(change: Change, signal?: AbortSignal): Promise<boolean> {
    const snapshot =
      change.kind === 'registerModel'
        ? await this.observe(signal)
        : await this.untilIdle(signal, change);
    return kindOf(change).readBack(change, snapshot) === undefined;
  }

  /** Waits for the endpoint, and for the deployment that a change is about; not for others. */
  async untilIdle(signal?: AbortSignal, change?: Change): Promise<Snapshot> {
    const name = change && 'deployment' in change ? change.deployment : undefined;
    for (;;) {
      const now = await this.observe(signal);
      const busy =
        (now.endpoint !== undefined && isBusy(now.endpoint)) ||
        now.deployments.some((each) => each.name === name && isBusy(each));
      if (!busy) return now;
      await this.clock.delay(IDLE_PAUSE_MS, signal);
    }
  }

  /** What was sent last is in effect: the journal learns it where it holds a failure. */
  async tookEffect(signal: AbortSignal | undefined): Promise<void> {
    await this.settle(signal);
    const last = this.view.changes.at(-1);
    if (!this.snapshot || !last || succeeded(last)) return;
    if (kindOf(last.change).readBack(last.change, this.snapshot) !== undefined) return;
    this.#succeed({ ...last, startedAt: Date.parse(last.begunAt) }, this.snapshot);
  }

  /** Waits for the changes whose end is not known, and journals how each ended. */
  async settle(
    signal: AbortSignal | undefined,
    which: (change: Change) => boolean = () => true,
  ): Promise<void> {
    for (const record of this.view.pending) {
      if (which(record.change)) await this.#settleOne(record, signal);
    }
  }

  async #settleOne(record: ChangeRecord, signal: AbortSignal | undefined): Promise<void> {
    const { id, change, title, operation } = record;
    const started = { id, change, title, startedAt: Date.parse(record.begunAt) };
    this.emit({ type: 'settling', title });
    let cause: unknown;
    if (operation !== undefined) {
      try {
        await this.workspace.wait({ url: operation }, undefined, signal);
      } catch (error) {
        if (signal?.aborted) throw new StoppedWaiting(title);
        const { kind } = failureOf(error, title);
        if (['network', 'sign-in', 'forbidden', 'throttled'].includes(kind)) throw error;
        // Azure forgets operations after a while: then only the state itself can tell.
        cause = error;
      }
    }
    if (await this.#turnedOutDone(change, signal)) {
      this.#succeed(started, this.snapshot ?? (await this.observe(signal)));
      return;
    }
    const interrupted = new ChangeError({
      kind: 'cancelled',
      what: title,
      message: 'The program stopped before this completed, and the workspace does not have it.',
      advice: 'Repeat it if you still need it.',
      retrySafe: true,
    });
    const failure = hideSecretsIn(failureOf(cause ?? interrupted, title));
    const seconds = this.#since(started.startedAt);
    this.record({ event: 'ended', id, ok: false, failure, seconds });
    this.emit({ type: 'failed', id, change, title, failure });
  }
}

/** Less traffic for green, or blue as large as it was: what a person asks for in a hurry. */
function isWayBack(change: Change): boolean {
  switch (change.kind) {
    case 'setTraffic':
      return ['undo', 'abort', 'rollback'].includes(change.why);
    case 'setMirror':
      return Object.keys(change.to).every(
        (name) => shareOf(change.to, name) <= shareOf(change.from, name),
      );
    case 'scaleDeployment':
      return change.to > change.from;
    default:
      return false;
  }
}
