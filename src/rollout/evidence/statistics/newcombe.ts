/**
 * Newcombe's hybrid score interval of the difference of two independent shares, green minus blue.
 * For paired rows it is on the safe side: too wide when the same rows fail on both.
 * Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
 */
import type { Interval } from './interval.js';
import { wilson } from './wilson.js';

export interface Share {
  hits: number;
  of: number;
}

/** @param z normal quantile; each bound alone holds with the one-sided probability of z */
export function newcombe(green: Share, blue: Share, z: number): Interval {
  if (green.of === 0 || blue.of === 0) return { lower: -1, upper: 1 };
  const pg = green.hits / green.of;
  const pb = blue.hits / blue.of;
  const g = wilson(green.hits, green.of, z);
  const b = wilson(blue.hits, blue.of, z);
  return {
    lower: pg - pb - Math.hypot(pg - g.lower, b.upper - pb),
    upper: pg - pb + Math.hypot(g.upper - pg, pb - b.lower),
  };
}
