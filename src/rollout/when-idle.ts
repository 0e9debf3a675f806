/** Waits for somebody's operation on the endpoint to end. */
import { isBusy } from './changes/conditions.js';
import { systemClock } from '../common/clock.js';
import type { RolloutEngine } from './engine.js';
import { UNTIL_DONE } from './retry.js';
import type { Snapshot } from './snapshot.js';

/**
 * Observes the endpoint until no operation runs on it, so that what is shown is what will be
 * changed; after 30 minutes it resolves with an endpoint that is still busy.
 * @param onWait called once, with a sentence, where there is something to wait for
 */
export async function whenIdle(
  engine: RolloutEngine,
  { signal, onWait }: { signal: AbortSignal; onWait(why: string): void },
): Promise<Snapshot> {
  const { patienceMs, pauseMs } = UNTIL_DONE;
  const deadline = systemClock.now() + patienceMs;
  for (let first = true; ; first = false) {
    const now = await engine.observe(signal);
    if (!now.endpoint || !isBusy(now.endpoint) || systemClock.now() > deadline) return now;
    if (first) {
      onWait(
        `Endpoint ${now.endpointName} is ${now.endpoint.provisioningState.toLowerCase()}: waiting for the change under way.`,
      );
    }
    await systemClock.delay(pauseMs, signal);
  }
}
