import { setTimeout as delay } from 'node:timers/promises';

/** Time, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Rejects with an AbortError when the signal fires. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  delay: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};
