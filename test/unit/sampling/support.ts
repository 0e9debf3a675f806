/** Temporary files for the tests of this folder. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export interface Scratch {
  path: string;
  /** Writes a file and gives its path. */
  file(name: string, content: string | Uint8Array): string;
}

/** A folder that is gone after the test file. */
export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'aml-rollout-test-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    file: (name, content) => {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
  };
}

/**
 * How many times as much of the processor's time work takes that is ten times as large; the best of
 * several rounds each. About 10 for linear work, 100 for quadratic.
 */
export async function growth(n: number, work: (n: number) => unknown): Promise<number> {
  const best = async (size: number): Promise<number> => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round += 1) {
      const before = process.cpuUsage();
      await work(size);
      const { user } = process.cpuUsage(before);
      // The clock may be a coarse one.
      least = Math.min(least, Math.max(user, 1_000));
    }
    return least;
  };
  await best(n);
  const small = await best(n);
  return (await best(10 * n)) / small;
}
