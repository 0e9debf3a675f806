import { isAbsolute } from 'node:path';

/**
 * Something a person gave us (a file, a folder, a number) can't be used. The message is the whole
 * sentence: what is wrong, where, and what to do. Safe to print: text from outside is cleaned.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}

// Cc: control, Cf: invisible format signs and bidi overrides, Cs: lone surrogates, Zl/Zp: line breaks.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/** Text from outside in one line that can't move a cursor or change colours, cut to `max` signs. */
export function printable(text: string, max = 60): string {
  // A cell can be megabytes; only its beginning is looked at.
  const signs = [...text.slice(0, max * 4).replace(unprintable, ' ')];
  return signs.length > max ? `${signs.slice(0, max - 1).join('')}…` : signs.join('');
}

/** Names in a sentence: `age, sex and 3 more`. */
export function listed(names: readonly string[], max = 5): string {
  const shown = names.slice(0, max).map((name) => printable(name));
  const left = names.length - shown.length;
  if (left > 0) return `${shown.join(', ')} and ${left} more`;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** The sentence for a path that can't be opened, from Node's error code. */
export function pathProblem(path: string, error: unknown): InputError {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const shown = printable(path, 200);
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new InputError(`There is no ${shown}. Check the path${readFrom(path)}.`);
    case 'EISDIR':
      return new InputError(`${shown} is a folder. Name a file in it.`);
    case 'EACCES':
    case 'EPERM':
      return new InputError(`${shown} can't be read by this user. Change its permissions.`);
    default:
      return new InputError(`${shown} can't be read (${code ?? 'unknown error'}).`);
  }
}

const readFrom = (path: string): string =>
  isAbsolute(path) ? '' : `; it is read from ${printable(process.cwd(), 200)}`;
