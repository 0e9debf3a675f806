import { vi } from 'vitest';
import { patience } from './patience.js';

/** Repeats a check until it passes, and returns its value; throws its last error when it never does. */
export function eventually<T>(
  check: () => T | Promise<T>,
  { withinMs = 10_000, intervalMs = 50 }: { withinMs?: number; intervalMs?: number } = {},
): Promise<T> {
  return vi.waitFor(check, { timeout: patience(withinMs), interval: intervalMs });
}
