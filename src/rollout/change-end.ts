/** How a change ends: read back as done, failed, or left to Azure; each is journaled and told. */
import type { AzureFailure } from '../azure/types.js';
import { hideSecretsIn } from '../common/hide-secrets.js';
import type { Change } from './changes/change.js';
import { findDeployment } from './changes/conditions.js';
import { kindOf } from './changes/kinds.js';
import type { EndpointState } from './endpoint-state.js';
import { ChangeError, failureOf, hasFailure, StoppedWaiting } from './errors.js';
import { differences, type Difference } from './inherit.js';
import { rolesOf } from './roles.js';
import type { Snapshot } from './snapshot.js';

/** A change whose beginning is journaled. */
export interface Begun {
  id: number;
  change: Change;
  title: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
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

/** Reads back what Azure says it has done. */
export async function confirmChange(
  state: EndpointState,
  begun: Begun,
  signal: AbortSignal | undefined,
): Promise<Done> {
  const { change, title } = begun;
  for (let attempt = 1; ; attempt += 1) {
    const snapshot = await state.observe(signal, { done: change });
    const problem = kindOf(change).readBack(change, snapshot);
    if (problem === undefined) return succeedChange(state, begun, snapshot);
    if (attempt === READ_BACKS) {
      const error = new ChangeError({
        kind: 'drift',
        what: title,
        message: `Azure reports success, but the workspace differs: ${problem}`,
        advice: 'Someone else may have changed it. Read the state again, then decide.',
        retrySafe: false,
      });
      return failChange(state, begun, error);
    }
    await state.clock.delay(READ_BACK_PAUSE_MS, signal);
  }
}

export function succeedChange(
  state: EndpointState,
  { id, change, title, startedAt }: Begun,
  snapshot: Snapshot,
): Done {
  const seconds = secondsSince(state, startedAt);
  const found = differencesOf(state, change, snapshot);
  state.record({
    event: 'ended',
    id,
    ok: true,
    readBack: 'confirmed',
    seconds,
    ...(found && { differences: found }),
  });
  state.expectAfter(change, snapshot);
  state.emit({ type: 'confirmed', id, change, title, seconds });
  return { id, seconds, snapshot };
}

/** A new green beside blue, member by member. */
function differencesOf(
  { view }: EndpointState,
  change: Change,
  now: Snapshot,
): Difference[] | undefined {
  if (change.kind !== 'createDeployment' || change.role !== 'green') return undefined;
  const blue = findDeployment(now, rolesOf(now, view).roles.blue ?? '');
  const green = findDeployment(now, change.deployment);
  return blue && green && blue !== green ? differences(blue, green) : undefined;
}

export function failChange(state: EndpointState, begun: Begun, error: unknown): never {
  const { change, title } = begun;
  // What failed is the change, not the request of it that Azure refused.
  const failure = hideSecretsIn({ ...failureOf(error, title), what: title });
  state.expectEither(change);
  recordFailure(state, begun, failure);
  throw hasFailure(error) ? new ChangeError(failure, { cause: error }) : error;
}

export function recordFailure(
  state: EndpointState,
  { id, change, title, startedAt }: Begun,
  failure: AzureFailure,
): void {
  const seconds = secondsSince(state, startedAt);
  state.record({ event: 'ended', id, ok: false, failure, seconds });
  state.emit({ type: 'failed', id, change, title, failure });
}

/** What Azure accepted goes on, and nobody waits for it. */
export function leaveChange(state: EndpointState, { id, change, title }: Begun): never {
  state.expectEither(change);
  state.emit({ type: 'left', id, change, title });
  throw new StoppedWaiting(title);
}

/** Leaves the change where the signal fired while `work` ran. */
export async function orLeave<T>(
  state: EndpointState,
  begun: Begun,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted) return leaveChange(state, begun);
    throw error;
  }
}

const secondsSince = ({ clock }: EndpointState, startedAt: number): number =>
  Math.max(0, Math.round((clock.now() - startedAt) / 100) / 10);
