/** Words and commands for a POSIX shell. */

/** One word, quoted when it holds anything a shell would read. */
export function shellWord(text: string): string {
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
