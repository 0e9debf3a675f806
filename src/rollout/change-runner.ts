/** One change from guard to read back. Takes no turns itself: the engine runs one at a time. */
import type { Change, Progress } from './changes/change.js';
import { withPinnedEnvironment } from './changes/create-deployment.js';
import { kindOf } from './changes/kinds.js';
import {
  confirmChange,
  failChange,
  leaveChange,
  orLeave,
  type Begun,
  type Done,
} from './change-end.js';
import type { EndpointState } from './endpoint-state.js';
import { ChangeError, DriftError, failureOf, GuardError } from './errors.js';
import { isWayBack, journalGuard } from './journal-guard.js';
import { obstacleTo } from './preflight/before-change.js';
import { deploymentWithoutSecrets, variableHashes, withoutSecrets } from './secrets.js';
import { isInEffect } from './settle.js';
import type { Snapshot } from './snapshot.js';

export interface RunOptions {
  /** Stops waiting; what Azure accepted goes on. */
  signal?: AbortSignal;
  /** Of changes started earlier, waits only for writes to the endpoint, not for deployments. */
  urgent?: boolean;
  /** The plan's preflight found nothing in the way, and nobody was asked since. */
  checked?: boolean | undefined;
  onProgress?(progress: Progress): void;
}

/** An answer that was lost in transit may well have been a yes. */
const LOST: readonly string[] = ['network', 'service', 'cancelled'];

export class ChangeRunner {
  readonly #state: EndpointState;
  #upload: AbortController | undefined;

  constructor(state: EndpointState) {
    this.#state = state;
  }

  /** An abort need not wait for an upload: it changes nothing that is live. */
  stopUpload(): void {
    this.#upload?.abort();
  }

  async run(asked: Change, options: RunOptions): Promise<Done> {
    const state = this.#state;
    const { signal } = options;
    const checked = options.checked === true && !state.unsure;
    const before = await state.observe(signal, { next: asked });
    state.unsure = true;
    if (state.drift && !isWayBack(asked)) throw new DriftError(state.drift.sentence);
    const refusal = journalGuard(asked, before, state) ?? kindOf(asked).guard(asked, before);
    if (refusal !== undefined) throw new GuardError(refusal);
    const obstacle = await obstacleTo(asked, before, state.workspace, { checked, signal });
    if (obstacle) throw new ChangeError(obstacle);
    const change = await withPinnedEnvironment(asked, state.workspace, signal);

    const begun = this.#begin(change, before);
    state.writing = true;
    try {
      return await this.#carryOut(begun, before, options);
    } finally {
      state.writing = false;
    }
  }

  #begin(change: Change, before: Snapshot): Begun {
    const { view, clock } = this.#state;
    const id = Math.max(0, ...view.changes.map((each) => each.id)) + 1;
    const title = kindOf(change).title(change);
    const deleted = before.deployments.filter(
      (each) =>
        change.kind === 'deleteEndpoint' ||
        (change.kind === 'deleteDeployment' && change.deployment === each.name),
    );
    const visible = view.choice.plan?.visibleVariables;
    const variables = variableHashes(change, deleted);
    this.#state.record({
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
    this.#state.emit({ type: 'begun', id, change, title });
    return { id, change, title, startedAt: clock.now() };
  }

  async #carryOut(begun: Begun, before: Snapshot, options: RunOptions): Promise<Done> {
    const state = this.#state;
    const { change } = begun;
    const { signal } = options;
    // An upload ends with the program: nothing is left to Azure.
    const leaving = change.kind === 'registerModel' ? undefined : signal;
    try {
      await this.#send(begun, before, options);
    } catch (error) {
      if (leaving?.aborted) return leaveChange(state, begun);
      const done =
        this.#mayBeDone(begun, before, error) &&
        (await orLeave(state, begun, leaving, () => isInEffect(state, change, signal)));
      if (!done) return failChange(state, begun, error);
    }
    return orLeave(state, begun, signal, () => confirmChange(state, begun, signal));
  }

  async #send({ id, change }: Begun, before: Snapshot, options: RunOptions): Promise<void> {
    const { workspace } = this.#state;
    const { signal, onProgress } = options;
    const upload = new AbortController();
    if (change.kind === 'registerModel') this.#upload = upload;
    try {
      await kindOf(change).apply(change, {
        workspace,
        before,
        signal: signal ? AbortSignal.any([signal, upload.signal]) : upload.signal,
        onProgress: (progress) => {
          if (progress.stage === 'sent') {
            this.#state.record({ event: 'accepted', id, operation: progress.operation.url });
          }
          this.#state.emit({ type: 'progress', id, progress });
          onProgress?.(progress);
        },
      });
    } finally {
      this.#upload = undefined;
    }
  }

  /** Whether a change whose request failed may be in effect all the same. */
  #mayBeDone({ id, change, title }: Begun, before: Snapshot, error: unknown): boolean {
    // An operation that can't be asked about goes on.
    const accepted = this.#state.view.changes.some(
      (each) => each.id === id && each.operation !== undefined,
    );
    const lost = LOST.includes(failureOf(error, title).kind);
    return (accepted || lost) && kindOf(change).readBack(change, before) !== undefined;
  }
}
