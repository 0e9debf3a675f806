import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../common/make-folder.js';
import { hideSecrets } from '../common/hide-secrets.js';

/**
 * Writes what went wrong into a file of its own (mode 0600) and returns its path; undefined when
 * even that fails.
 */
export function writeCrashLog(error: unknown, folder = tmpdir()): string | undefined {
  const now = new Date().toISOString();
  const path = join(folder, `aml-rollout-crash-${now.replaceAll(':', '-')}-${process.pid}.log`);
  try {
    makeFolder(folder);
    const text = `${now} node ${process.version} ${process.platform}\n${describe(error)}\n`;
    writeFileSync(path, hideSecrets(text), { mode: 0o600 });
    return path;
  } catch {
    return undefined;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${describe(error.cause)}`;
}
