/**
 * `.amlignore`, else `.gitignore`, of a model folder's root: what is neither hashed nor uploaded.
 * Never both, and none in subfolders count; as the official client has it (`_asset_utils`).
 */
import { join, relative, sep } from 'node:path';
import { grouped } from '../common/counts.js';
import { LONGEST_PATTERN } from '../common/ignore-pattern.js';
import { readText } from '../common/read-text.js';
import { invalid } from './errors.js';
import { pathMatcher } from './ignore-matcher.js';

export interface IgnoreFile {
  /** `path` is absolute. */
  excludes(path: string): boolean;
}

export async function readIgnoreFile(folder: string): Promise<IgnoreFile> {
  for (const name of ['.amlignore', '.gitignore']) {
    const text = await readText(join(folder, name)).catch(() => undefined);
    if (text !== undefined) return fromText(folder, name, text);
  }
  return { excludes: () => false };
}

function fromText(folder: string, name: string, text: string): IgnoreFile {
  const patterns = text.split(/\r\n|\n|\r/).map((line) => line.trimEnd());
  const long = patterns.findIndex(({ length }) => length > LONGEST_PATTERN);
  if (long >= 0) {
    throw invalid(
      `upload ${folder}`,
      `${name}, line ${long + 1} is longer than ${grouped(LONGEST_PATTERN)} characters.`,
      'Shorten the line, or remove it.',
    );
  }
  const negated = patterns.findIndex((pattern) => pattern.startsWith('!'));
  if (negated >= 0) {
    // Older official clients take the first match and newer ones the last: the folder would have
    // another content, and another hash, from one client to the next.
    throw invalid(
      `upload ${folder}`,
      `${name}, line ${negated + 1}: "${patterns[negated]}" re-includes excluded files, which official clients read differently.`,
      'Remove the line; or add an .amlignore without it beside MLmodel; it replaces the .gitignore.',
    );
  }
  const matchers = patterns.flatMap((pattern) => pathMatcher(pattern) ?? []);
  return {
    excludes(path) {
      const inside = relative(folder, path);
      return inside !== '' && matchers.some((matches) => matches(inside.split(sep)));
    },
  };
}
