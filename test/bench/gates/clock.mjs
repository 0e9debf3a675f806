// Time that passes only when everybody waits: an hour of a hold takes milliseconds.
import { setImmediate } from 'node:timers';

/** Runs `work` with a clock of its own; @returns what it returns. */
export async function inVirtualTime(work, start = Date.UTC(2026, 0, 1)) {
  let now = start;
  const timers = [];
  const clock = {
    now: () => now,
    delay(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const timer = { at: now + Math.max(0, ms), resolve };
        timers.push(timer);
        if (signal) {
          const stop = () => reject(signal.reason);
          signal.addEventListener('abort', stop, { once: true });
          timer.resolve = () => {
            signal.removeEventListener('abort', stop);
            resolve();
          };
        }
      });
    },
  };
  let settled = false;
  const result = Promise.resolve(work(clock)).finally(() => (settled = true));
  // Whoever waits for the result is told of a failure; this loop only turns the clock.
  result.catch(() => undefined);
  while (!settled) {
    await new Promise(setImmediate);
    if (settled || timers.length === 0) continue;
    timers.sort((a, b) => a.at - b.at);
    const next = timers.shift();
    now = Math.max(now, next.at);
    next.resolve();
  }
  return result;
}
