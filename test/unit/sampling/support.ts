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
