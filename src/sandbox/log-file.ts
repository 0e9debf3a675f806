/** The sandbox's own log, in its state folder: one line an event, no secrets, no payloads. */
import { appendFileSync, renameSync, statSync } from 'node:fs';

const LIMIT = 5_000_000;

export interface LogFile {
  path: string;
  line(text: string): void;
}

export function openLog(path: string): LogFile {
  try {
    if (statSync(path).size > LIMIT) renameSync(path, `${path}.1`);
  } catch {
    // There is none yet.
  }
  return {
    path,
    line(text) {
      const oneLine = text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
      try {
        appendFileSync(path, `${new Date().toISOString()} ${oneLine}\n`, { mode: 0o600 });
      } catch {
        // A full disk must not stop the sandbox.
      }
    },
  };
}
