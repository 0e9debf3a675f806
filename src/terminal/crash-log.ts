import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bearer tokens, signatures and keys that an error's text may carry. */
const SECRETS: [RegExp, string][] = [
  [/\b(Bearer|SharedKey|AMLToken)\s+[^\s"',;]+/gi, '$1 ••••'],
  [/([?&](?:sig|code|client_secret)=)[^&\s"']+/gi, '$1••••'],
  [/\b((?:Account|Primary|Secondary|Access)Key"?\s*[=:]\s*"?)[^\s"';,]+/gi, '$1••••'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '••••'],
  [/(\/\/[^/\s:@]+:)[^/\s@]+@/g, '$1••••@'],
];

/** The text without the secrets that can be told by their shape. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((kept, [pattern, instead]) => kept.replace(pattern, instead), text);
}

/**
 * Writes what went wrong into a file of its own (mode 0600) and returns its path; undefined when
 * even that fails.
 */
export function writeCrashLog(error: unknown, folder = tmpdir()): string | undefined {
  const now = new Date().toISOString();
  const path = join(folder, `aml-rollout-crash-${now.replaceAll(':', '-')}-${process.pid}.log`);
  try {
    mkdirSync(folder, { recursive: true });
    const text = `${now} node ${process.version} ${process.platform}\n${describe(error)}\n`;
    writeFileSync(path, withoutSecrets(text), { mode: 0o600 });
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
