/**
 * Journals as another program reads them: JSON lines on disk, by their documented members only, so
 * that a test does not hang on how the program keeps them.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface JournalLine {
  at: string;
  event: string;
  [member: string]: unknown;
}

export interface JudgedLine {
  stage: string;
  deployment: string;
  /** Green's traffic weight in percent. */
  weight: number;
  decision: string;
  verdicts: { gate: string; mode: string; verdict: string; why: string }[];
  override?: string;
}

/** Every line of an endpoint's journals, the oldest journal first; a torn last line is left out. */
export function journalLines(folder: string, endpoint: string): JournalLine[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(`${endpoint}-`) && name.endsWith('.jsonl'))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(a).birthtimeMs - statSync(b).birthtimeMs)
    .flatMap(linesOf);
}

const read = new Map<string, { stamp: string; lines: JournalLine[] }>();

/** Who waits for a line looks many times a second: a file is read again when it has grown. */
function linesOf(path: string): JournalLine[] {
  const { size, mtimeMs } = statSync(path);
  const stamp = `${size} ${mtimeMs}`;
  const known = read.get(path);
  if (known?.stamp === stamp) return known.lines;
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JournalLine);
  read.set(path, { stamp, lines });
  return lines;
}

export const judgedIn = (lines: readonly JournalLine[]): JudgedLine[] =>
  lines.filter(({ event }) => event === 'judged') as unknown as JudgedLine[];
