/**
 * Score interval of the difference of two shares seen on the same rows: (c - b) / n, where b rows
 * were right only before and c rows only after.
 * Source: Tango (1998), Statistics in Medicine 17, 891-908.
 */
import type { Interval } from './interval.js';

/** The score statistic at a supposed difference; falls as the difference grows. */
function score(b: number, c: number, n: number, difference: number): number {
  // The share of b-rows that is most likely under that difference: root of A q^2 + B q + C.
  const A = 2 * n;
  const B = -b - c + (2 * n - c + b) * difference;
  const C = -b * difference * (1 - difference);
  const q = (Math.sqrt(Math.max(0, B * B - 4 * A * C)) - B) / (2 * A);
  const variance = n * (2 * q + difference * (1 - difference));
  const distance = c - b - n * difference;
  return variance <= 0 ? Math.sign(distance) * Infinity : distance / Math.sqrt(variance);
}

function root(f: (x: number) => number, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let step = 0; step < 60; step += 1) {
    const middle = (from + to) / 2;
    if (f(middle) > 0) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

/** @param z normal quantile; each bound alone holds with the one-sided probability of z */
export function tango(b: number, c: number, n: number, z: number): Interval {
  if (n === 0) return { lower: -1, upper: 1 };
  const seen = (c - b) / n;
  return {
    lower: root((d) => score(b, c, n, d) - z, -1, seen),
    upper: root((d) => score(b, c, n, d) + z, seen, 1),
  };
}
