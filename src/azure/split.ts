/** Percentages by deployment name, as they are compared and written. */
import type { Split } from './types.js';

/** A missing deployment and one at 0% are the same; the official client lower-cases names. */
export function sameSplit(a: Split, b: Split): boolean {
  const one = normal(a);
  const two = normal(b);
  return one.size === two.size && [...one].every(([name, share]) => two.get(name) === share);
}

function normal(split: Split): Map<string, number> {
  return new Map(
    Object.entries(split)
      .filter(([, share]) => share !== 0)
      .map(([name, share]) => [name.toLowerCase(), share]),
  );
}

/** Without the zeros, as the official client writes it. */
export function withoutZeros(split: Split): Split {
  return Object.fromEntries(Object.entries(split).filter(([, share]) => share !== 0));
}

/** `default 90 · green 10`, or `nothing`. */
export function sayable(split: Split): string {
  const parts = Object.entries(split).filter(([, share]) => share !== 0);
  return parts.length > 0
    ? parts.map(([name, share]) => `${name} ${share}`).join(' · ')
    : 'nothing';
}
