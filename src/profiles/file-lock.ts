import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder, PRIVATE } from '../common/make-folder.js';

const PATIENCE_MS = 3_000;
/** What the lock guards takes milliseconds: an older one was left by a process that died. */
const STALE_MS = 10_000;
const PAUSE_MS = 5;

/**
 * Runs `work` while this process alone holds the lock file. Two terminals may save at once, and
 * each reads, changes and writes the whole file.
 */
export function withFileLock<T>(lock: string, work: () => T): T {
  makeFolder(dirname(lock), PRIVATE);
  const end = Date.now() + PATIENCE_MS;
  while (!take(lock)) {
    if (isStale(lock)) rmSync(lock, { force: true });
    else if (Date.now() > end) {
      throw Object.assign(new Error(`${lock} is held by another process`), { code: 'ELOCKED' });
    } else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    const file = openSync(lock, 'wx', 0o600);
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isStale(lock: string): boolean {
  try {
    if (Date.now() - statSync(lock).mtimeMs > STALE_MS) return true;
    const pid = Number(readFileSync(lock, 'utf8'));
    // Empty: its owner has just made it and writes its number next.
    if (!Number.isInteger(pid) || pid <= 0) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
