/** A path as a person types it in a field, which no shell has read. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Absolute, from the folder the wizard was started in; `~` is the home folder. */
export function typedPath(cwd: string, typed: string, home: string = homedir()): string {
  const path = typed.trim();
  return /^~(?=$|[/\\])/.test(path) ? join(home, path.slice(1)) : resolve(cwd, path);
}
