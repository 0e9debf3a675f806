/** Counts come with every row: drawing each would take the time that the rows are sent in. */
import type { Context } from './effects/world.js';

/** A person can't read faster. */
const LEAST_MS = 100;
/** Showing progress may take one part in this many of the time, on a slow machine too. */
const SHARE = 40;
/** Progress that stands still for longer looks like a halt. */
const MOST_MS = 2_000;

/** Passes on what is new; of counts, the last of all and one in a while. */
export function pacedProgress(tell: Context['progress']): Context['progress'] {
  let next = -Infinity;
  return (progress) => {
    if (progress.kind !== 'count' || progress.done >= progress.total) return tell(progress);
    const began = performance.now();
    if (began < next) return;
    next = began + LEAST_MS;
    tell(progress);
    // The screen is drawn before the next turn of the event loop.
    setImmediate(() => {
      const now = performance.now();
      next = now + Math.min(MOST_MS, Math.max(LEAST_MS, (now - began) * SHARE));
    });
  };
}
