/** Carries a rollback out: waits for a busy endpoint, and tries again what may pass. */
import type { ScaleDeployment, SetTraffic } from './changes/change.js';
import { isBusy } from './changes/conditions.js';
import { kindOf } from './changes/kinds.js';
import { systemClock, type Clock } from './clock.js';
import type { RolloutEngine, RunOptions } from './engine.js';
import { failureOf, GuardError } from './errors.js';
import type { Snapshot } from './snapshot.js';

export interface RollbackOptions extends RunOptions {
  clock?: Clock;
  /** Told once each time something has to be waited for: a sentence. */
  onWait?(why: string): void;
}

/** As long as Azure lets an operation on an endpoint run. */
const PATIENCE_MS = 30 * 60_000;
const PAUSE_MS = 2_000;
/** Of failures that are no conflict, this many. */
const TRIES = 5;

/** Waits until no write runs on the endpoint, so that what is shown is what will be changed. */
export async function whenIdle(
  engine: RolloutEngine,
  { signal, clock = systemClock, onWait }: RollbackOptions = {},
): Promise<Snapshot> {
  const deadline = clock.now() + PATIENCE_MS;
  for (let first = true; ; first = false) {
    const now = await engine.observe(signal);
    if (!now.endpoint || !isBusy(now.endpoint) || clock.now() > deadline) return now;
    if (first) {
      onWait?.(
        `Endpoint ${now.endpointName} is ${now.endpoint.provisioningState.toLowerCase()}: waiting for the change under way.`,
      );
    }
    await clock.delay(PAUSE_MS, signal);
  }
}

/**
 * Runs one change of a rollback until it is read back. Rejects with a `GuardError` when the
 * endpoint is no longer as the person saw it, or with what Azure answered in the end.
 */
export async function runRollbackChange(
  engine: RolloutEngine,
  change: SetTraffic | ScaleDeployment,
  options: RollbackOptions = {},
): Promise<Snapshot> {
  const { signal, clock = systemClock, onWait } = options;
  const deadline = clock.now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (attempt > 1) {
        // An answer that was lost on the way may have been a yes.
        const now = await whenIdle(engine, { ...options, onWait: () => {} });
        if (kindOf(change).readBack(change, now) === undefined) return now;
      }
      return (await engine.run(change, { ...options, urgent: true })).snapshot;
    } catch (error) {
      const pause = signal?.aborted
        ? undefined
        : pauseBefore(error, engine.snapshot, attempt, clock.now() > deadline);
      if (pause === undefined) throw error;
      onWait?.(`${failureOf(error, 'roll back').message} Trying again.`);
      await clock.delay(pause, signal);
    }
  }
}

/** Milliseconds to wait before the next try; `undefined`: there is none. */
function pauseBefore(
  error: unknown,
  now: Snapshot | undefined,
  attempt: number,
  late: boolean,
): number | undefined {
  if (error instanceof GuardError) {
    return now?.endpoint && isBusy(now.endpoint) && !late ? PAUSE_MS : undefined;
  }
  const { kind, retryAfterSeconds } = failureOf(error, 'roll back');
  const pause = Math.max(PAUSE_MS, (retryAfterSeconds ?? 0) * 1000);
  if (kind === 'conflict' || kind === 'throttled') return late ? undefined : pause;
  // What has no such shape is a fault of this program, and stays one.
  const known = error instanceof Error && 'failure' in error;
  return known && (kind === 'network' || kind === 'service') && attempt < TRIES ? pause : undefined;
}
