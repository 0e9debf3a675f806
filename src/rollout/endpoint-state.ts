/** What a rollout knows of its endpoint: the last look, the journal, and what someone else changed. */
import type { Workspace } from '../azure/types.js';
import type { Clock } from '../common/clock.js';
import { hideSecretsIn } from '../common/hide-secrets.js';
import type { Change } from './changes/change.js';
import { isBusy } from './changes/conditions.js';
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
import type { JournalEntry } from './journal/entry.js';
import type { JournalEvent } from './journal/journal.js';
import { journalView, type JournalView } from './journal/view.js';
import { rolesOf } from './roles.js';
import { observe, type KeptPart, type Snapshot } from './snapshot.js';

/** The part of `Journal` that a run needs. */
export interface EntryLog {
  readonly entries: readonly JournalEntry[];
  append(event: JournalEvent): JournalEntry;
}

/** Of what a change needs besides the endpoint and its deployments: the workspace, and model versions. */
const needsAll = ({ kind }: Change): boolean =>
  ['createEndpoint', 'createDeployment', 'registerModel', 'packageModel'].includes(kind);

/** Before these are sent, the adapter itself reads the endpoint and compares it with what is expected. */
const writesEndpointAlone = ({ kind }: Change): boolean =>
  ['createEndpoint', 'setTraffic', 'setMirror'].includes(kind);

/** What a look is for. */
interface Around {
  /** The change that is about to be sent. */
  next?: Change;
  /** The change that is read back: what it leaves alone is looked at before the next one. */
  done?: Change;
}

export class EndpointState {
  snapshot: Snapshot | undefined;
  view: JournalView;
  /** While a write of this rollout runs, nothing can be told apart. */
  writing = false;
  /** The last change was refused or failed, maybe for what somebody has put right since. */
  unsure = false;
  /** What someone else changed since this rollout last wrote or looked. */
  drift: Drift | undefined;
  /** Nothing was waited for since the whole of it was read: no answer, no file, no person. */
  #justLooked = false;
  #expected: Expected | undefined;
  /** Names of blue and green as they were last known. */
  #roles: readonly string[] = [];

  constructor(
    readonly workspace: Workspace,
    readonly endpoint: string,
    readonly journal: EntryLog,
    readonly clock: Clock,
    readonly emit: (event: EngineEvent) => void,
    readonly before?: Snapshot,
  ) {
    this.view = journalView(journal.entries);
  }

  record(event: JournalEvent): void {
    // What merely looks like a secret must not stop a rollout: it is written as dots.
    this.journal.append(hideSecretsIn(event));
    this.view = journalView(this.journal.entries);
    this.emit({ type: 'journaled', event: event.event });
  }

  async observe(signal?: AbortSignal, { next, done }: Around = {}): Promise<Snapshot> {
    const { versions, packages, autoscale } = concernedBy(this.view, next);
    const since = this.snapshot?.takenAt;
    const known =
      next && this.unsure && needsAll(next) ? undefined : (this.snapshot ?? this.before);
    const looked = this.#justLooked && !this.unsure;
    const keep = this.snapshot ? partsKept({ next, done }, looked) : [];
    const beside = { packages, autoscale, keep, ...(known && { known }) };
    const now = await observe(this.workspace, this.endpoint, versions, signal, beside);
    this.snapshot = now;
    this.#justLooked = keep.length === 0;
    setImmediate(() => (this.#justLooked = false));
    this.#compare(now, since);
    this.emit({ type: 'observed', snapshot: now });
    return now;
  }

  #compare(now: Snapshot, since: string | undefined): void {
    this.#expected ??= expectedAtStart(now, this.view);
    if (this.writing || (now.endpoint && isBusy(now.endpoint))) return;
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

  /** A change ended well, and `now` was read after it. */
  expectAfter(change: Change, now: Snapshot): void {
    this.#expected &&= afterChange(this.#expected, change);
    this.writing = false;
    this.unsure = false;
    this.#compare(now, undefined);
  }

  /** A change was sent, and whether it took effect is not known. */
  expectEither(change: Change): void {
    this.#expected &&= afterUnknown(this.#expected, change);
  }
}

/** Parts of the last look that stand for this one. */
function partsKept({ next, done }: Around, justLooked: boolean): KeptPart[] {
  if (justLooked && next && writesEndpointAlone(next)) return ['endpoint', 'deployments'];
  if (done && writesEndpointAlone(done)) return ['deployments'];
  // It is none of the endpoint's, and the next change looks before it is sent.
  return done?.kind === 'registerModel' ? ['endpoint', 'deployments'] : [];
}

/** What to read beside the endpoint: what the journal's changes and the next one are about. */
function concernedBy({ choice, changes, pending }: JournalView, next: Change | undefined) {
  const after = next ? [next] : [];
  const concerned = [...changes.map(({ change }) => change), ...after];
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
  // Whether a folder's content is registered is asked when it is uploaded.
  if (next && 'folder' in next) versions.delete(`${next.model}:${next.version}`);
  const packages = concerned.filter((change) => change.kind === 'packageModel');
  const autoscale = [...pending.map(({ change }) => change), ...after].flatMap((change) => [
    ...('source' in change ? [change.source] : []),
    ...('setting' in change ? [change.setting] : []),
  ]);
  return { versions: [...versions.values()], packages, autoscale };
}
