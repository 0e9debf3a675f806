/** Tab in a field that holds a path of this machine, as a shell completes it. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, sep } from 'node:path';
import { typedPath } from './typed-path.js';
import type { CommandKind } from './world.js';

export interface CompletedPath {
  field: string;
  /** What was completed, and what it is now: as far as all that match agree. */
  typed: string;
  value: string;
  /** Names of all that match. */
  names: string[];
}

const isSlash = (character: string): boolean => character === '/' || character === sep;

function commonStart(names: readonly string[]): string {
  const [first = ''] = names;
  let length = first.length;
  while (!names.every((name) => name.startsWith(first.slice(0, length)))) length -= 1;
  return first.slice(0, length);
}

export const completePathCommand: CommandKind<{ field: string; typed: string }, CompletedPath> = {
  what: 'completing the path',
  async carryOut({ field, typed }, { world }) {
    const kept = { field, typed, value: typed, names: [] };
    const inside = typed === '~' ? false : isSlash(typed.at(-1) ?? '');
    const begun = inside || typed === '~' ? '' : basename(typed);
    const folder = typedPath(world.cwd, inside || typed === '~' ? typed : dirname(typed));
    const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const names = found
      // As in a shell, hidden ones are for who types their dot.
      .filter(({ name }) => name.startsWith(begun) && (begun !== '' || !name.startsWith('.')))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .toSorted();
    if (names.length === 0) return kept;
    const head = typed === '~' ? '~/' : typed.slice(0, typed.length - begun.length);
    return { ...kept, value: head + commonStart(names), names };
  },
};
