/** Which cells are run: a sample by a fixed seed, all of them, or those whose id holds a text. `scripts/faults.mjs` asks. */
import { describe, it } from 'vitest';
import { patience } from '../support/patience.js';

const { FAULTS_SHARE = '1', FAULTS_CELL, FAULTS_PART } = process.env;
const SEED = 4711;

/** A number from 0 to 1 that hangs on the text alone. */
export function chance(text: string): number {
  let hash = SEED;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}

interface AnyCell {
  id: string;
  /** What it brings about, where that is more than one thing. */
  situations?: readonly { id: string }[];
}

function chosen<T extends AnyCell>(all: readonly T[], sample: number): T[] {
  if (FAULTS_CELL !== undefined) {
    return all.filter((cell) =>
      [cell, ...(cell.situations ?? [])].some(({ id }) => id.includes(FAULTS_CELL)),
    );
  }
  const shuffled = [...all].sort((a, b) => chance(a.id) - chance(b.id));
  if (FAULTS_PART !== undefined) {
    const [part, parts] = FAULTS_PART.split('/').map(Number);
    return shuffled.filter((_, index) => index % parts! === part! - 1);
  }
  if (FAULTS_SHARE === 'all') return shuffled;
  return shuffled.slice(0, Math.max(1, Math.round(sample * Number(FAULTS_SHARE))));
}

/** @param sample how many of them a build runs */
export function matrix<T extends AnyCell>(
  name: string,
  all: readonly T[],
  sample: number,
  run: (cell: T) => Promise<void>,
): void {
  const situations = all.reduce((sum, cell) => sum + (cell.situations?.length ?? 1), 0);
  describe.concurrent(`${name}, ${situations} situations, ${all.length} cells`, () => {
    for (const each of chosen(all, sample)) {
      // A chain of them may wait out several limits.
      const limit = patience(120_000) * (each.situations?.length ?? 1);
      it(each.id, () => run(each), limit);
    }
  });
}
