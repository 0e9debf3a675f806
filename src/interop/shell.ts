/** Words and commands for bash. */
import { NotExpressible } from './languages/language.js';

const ESCAPES: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
/** What would break a line, act on a terminal, or hide and reorder text for a reader. */
const UNREADABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/** By the bytes of UTF-8, as \u would depend on the locale. */
const bytes = (character: string): string =>
  [...Buffer.from(character)].map((each) => `\\x${each.toString(16).padStart(2, '0')}`).join('');

/** Such characters written so that the word stays on one line (bash). */
function escaped(text: string): string {
  const inner = text
    .replaceAll(/[\\']/g, '\\$&')
    .replaceAll(UNREADABLE, (each) => ESCAPES[each] ?? bytes(each));
  return `$'${inner}'`;
}

/**
 * One word, quoted when it holds anything a shell would read.
 * @throws NotExpressible for a zero byte, which ends every word
 */
export function shellWord(text: string): string {
  if (text.includes('\0'))
    throw new NotExpressible("A shell can't pass text that contains a zero byte.");
  if (text.search(UNREADABLE) >= 0) return escaped(text);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** An option with its value, which may begin with a dash. */
export const shellOption = (name: string, value: string): string =>
  value.startsWith('-') ? `${name}=${shellWord(value)}` : `${name} ${shellWord(value)}`;

/** Groups of words, a line each, joined by backslashes. */
export function commandLines(groups: readonly string[]): string[] {
  return groups.map((group, index) => {
    const indent = index === 0 ? '' : '  ';
    return `${indent}${group}${index < groups.length - 1 ? ' \\' : ''}`;
  });
}

/** A file written by `cat`, whose text the shell takes as it is. */
export function heredoc(path: string, text: string): string[] {
  const lines = text.replace(/\n$/, '').split('\n');
  let mark = 'YAML';
  while (lines.includes(mark)) mark += '_';
  return [`cat > ${shellWord(path)} <<'${mark}'`, ...lines, mark];
}
