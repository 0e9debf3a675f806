/** How changes ended that an earlier session began, or that were left to Azure. */
import { hideSecretsIn } from '../common/hide-secrets.js';
import { recordFailure, succeedChange } from './change-end.js';
import type { Change } from './changes/change.js';
import { isBusy } from './changes/conditions.js';
import { kindOf } from './changes/kinds.js';
import type { EndpointState } from './endpoint-state.js';
import { ChangeError, failureOf, StoppedWaiting } from './errors.js';
import { succeeded, type ChangeRecord } from './journal/view.js';
import type { Snapshot } from './snapshot.js';

const IDLE_PAUSE_MS = 2_000;

/** Waits for the changes whose end is not known, and journals how each ended. */
export async function settle(
  state: EndpointState,
  signal: AbortSignal | undefined,
  which: (change: Change) => boolean = () => true,
): Promise<void> {
  for (const record of state.view.pending) {
    if (which(record.change)) await settleOne(state, record, signal);
  }
}

async function settleOne(
  state: EndpointState,
  record: ChangeRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { change, title, operation } = record;
  const begun = { ...record, startedAt: Date.parse(record.begunAt) };
  state.emit({ type: 'settling', title });
  let cause: unknown;
  if (operation !== undefined) {
    try {
      await state.workspace.wait({ url: operation }, undefined, signal);
    } catch (error) {
      if (signal?.aborted) throw new StoppedWaiting(title);
      const { kind } = failureOf(error, title);
      if (['network', 'sign-in', 'forbidden', 'throttled'].includes(kind)) throw error;
      // Azure forgets operations after a while: then only the state itself can tell.
      cause = error;
    }
  }
  if (await isInEffect(state, change, signal)) {
    succeedChange(state, begun, state.snapshot ?? (await state.observe(signal)));
    return;
  }
  const interrupted = new ChangeError({
    kind: 'cancelled',
    what: title,
    message: 'The program stopped before this completed, and the workspace does not have it.',
    advice: 'Repeat it if you still need it.',
    retrySafe: true,
  });
  recordFailure(state, begun, hideSecretsIn(failureOf(cause ?? interrupted, title)));
}

/** What was sent last is in effect: the journal learns it where it holds a failure. */
export async function journalLastEffect(
  state: EndpointState,
  signal: AbortSignal | undefined,
): Promise<void> {
  await settle(state, signal);
  const last = state.view.changes.at(-1);
  if (!state.snapshot || !last || succeeded(last)) return;
  if (kindOf(last.change).readBack(last.change, state.snapshot) !== undefined) return;
  succeedChange(state, { ...last, startedAt: Date.parse(last.begunAt) }, state.snapshot);
}

/** Whether the change is in effect once no operation runs on the endpoint. */
export async function isInEffect(
  state: EndpointState,
  change: Change,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const snapshot =
    change.kind === 'registerModel'
      ? await state.observe(signal)
      : await untilIdle(state, signal, change);
  return kindOf(change).readBack(change, snapshot) === undefined;
}

/** Waits for the endpoint, and for the deployment that a change is about; not for others. */
export async function untilIdle(
  state: EndpointState,
  signal: AbortSignal | undefined,
  change?: Change,
): Promise<Snapshot> {
  const name = change && 'deployment' in change ? change.deployment : undefined;
  for (;;) {
    const now = await state.observe(signal);
    const busy =
      (now.endpoint !== undefined && isBusy(now.endpoint)) ||
      now.deployments.some((each) => each.name === name && isBusy(each));
    if (!busy) return now;
    await state.clock.delay(IDLE_PAUSE_MS, signal);
  }
}
