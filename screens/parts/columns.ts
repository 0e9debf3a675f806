/** Tables are one Text per row: Ink draws a Box per cell four times slower. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { clean } from './line.js';

/** Between two columns. */
export const GAP = 2;
/** A column narrower than this shows nothing. */
const LEAST = 4;

/** Cut or filled to exactly `width` columns. */
export function cell(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const shown = cut(clean(text), width);
  const space = ' '.repeat(Math.max(0, width - stringWidth(shown)));
  return align === 'left' ? shown + space : space + shown;
}

/** At most `width` columns, with `…` where something is missing: at the end, or at the start. */
export function cut(text: string, width: number, missing: 'end' | 'start' = 'end'): string {
  if (stringWidth(text) <= width) return text;
  if (missing === 'start') {
    const rest = [...text];
    while (stringWidth(rest.join('')) > width - 1) rest.shift();
    return `…${rest.join('')}`;
  }
  let out = '';
  for (const character of text) {
    if (stringWidth(out + character) > width - 1) break;
    out += character;
  }
  return `${out}…`;
}

/** Lines of at most `width` columns, broken at spaces. */
export function wrapped(text: string, width: number): string[] {
  const folded = text.replace(/[^\S\n]+/g, ' ');
  // Most texts fit one line, and to find where others break takes a hundred times as long.
  if (stringWidth(folded) <= width && !folded.includes('\n')) return [folded.trim()];
  return wrapAnsi(folded, width, { hard: true }).split('\n');
}

/**
 * Widths of columns that together fill `room` at most, with a gap of two between them. Where they do
 * not fit, the widest gives way first; those of `whole` only after all others, and the name of the
 * row, which is the first, last.
 */
export function fitted(
  rows: readonly (readonly string[])[],
  room: number,
  whole: readonly number[] = [],
): number[] {
  const size = widths(rows, Infinity);
  const all = size.map((_, at) => at);
  let over = size.reduce((sum, each) => sum + each + GAP, -GAP) - room;
  for (const group of [all.filter((at) => !whole.includes(at)), all.filter((at) => at > 0), all]) {
    for (; over > 0; over -= 1) {
      const most = Math.max(...group.map((at) => size[at] ?? 0));
      if (most <= LEAST) break;
      size[group.find((at) => size[at] === most) ?? 0] = most - 1;
    }
  }
  return size;
}

/** A row of cells in columns of these widths; the last is not filled up. */
export const tableRow = (cells: readonly string[], size: readonly number[]): string =>
  cells
    .map((text, at) =>
      at === size.length - 1 ? cut(clean(text), size[at] ?? 0) : cell(text, size[at] ?? 0),
    )
    .join(' '.repeat(GAP));

/** Widths of columns: as wide as their widest cell, at most `most`. */
export function widths(rows: readonly (readonly string[])[], most = 40): number[] {
  const out: number[] = [];
  for (const row of rows) {
    row.forEach((text, at) => {
      out[at] = Math.min(most, Math.max(out[at] ?? 0, stringWidth(clean(text))));
    });
  }
  return out;
}
