/** Words and commands for bash. */

const ESCAPES: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

/** Line breaks and other control characters, said so that the word stays on one line (bash). */
function escaped(text: string): string {
  const inner = text
    .replaceAll(/[\\']/g, '\\$&')
    .replaceAll(
      /\p{Cc}/gu,
      (each) => ESCAPES[each] ?? `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );
  return `$'${inner}'`;
}

/** One word, quoted when it holds anything a shell would read. */
export function shellWord(text: string): string {
  if (/\p{Cc}/u.test(text)) return escaped(text);
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

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
