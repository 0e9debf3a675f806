/** Text on as many rows as it takes: a sentence is broken between words, a rail between its pieces. */
import stringWidth from 'string-width';
import type { Tone } from '../../src/terminal/theme.js';
import { wrapped } from './columns.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';

/** Indented by one column, or as a note by three. */
export const sentenceLines = (text: string, width: number, indent = 1): string[] =>
  wrapped(clean(text), width - indent - 1)
    .filter((line) => line !== '')
    .map((line) => ' '.repeat(indent) + line);

export function Sentence({
  children,
  is,
  indent,
}: {
  children: string;
  is?: Tone;
  indent?: number;
}) {
  const { width } = useWizard();
  return sentenceLines(children, width, indent).map((line, at) => (
    <Line key={at}>{is ? <As is={is}>{line}</As> : line}</Line>
  ));
}

/** Pieces in rows of at most `width` columns, `gap` between two of a row. */
export function packed<T extends { text: string }>(
  pieces: readonly T[],
  width: number,
  gap: number,
): T[][] {
  const rows: T[][] = [];
  let taken = Infinity;
  for (const piece of pieces) {
    const size = stringWidth(piece.text);
    if (taken + gap + size > width) {
      rows.push([]);
      taken = -gap;
    }
    rows.at(-1)?.push(piece);
    taken += gap + size;
  }
  return rows;
}
