/** The sandbox's clock: real time, with delays scaled. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxClock } from './model.js';

export function createClock(scale: number): SandboxClock {
  return {
    scale,
    now: () => Date.now(),
    async delay(ms, signal) {
      signal?.throwIfAborted();
      try {
        await sleep(ms * scale, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        throw signal?.aborted ? signal.reason : error;
      }
    },
  };
}
