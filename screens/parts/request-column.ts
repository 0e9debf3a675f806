/** What the model received of each row, as the last column of a table: whole for all rows, or not there. */
import stringWidth from 'string-width';
import { stringifyJson } from '../../src/common/exact-numbers.js';
import type { Sample } from '../../src/wizard/effects/sample.js';
import { clean } from './line.js';

export const rowOf = (sample: Sample | undefined, number: number) =>
  sample?.rows.find((row) => row.number === number);

const TITLE = 'request';

interface RequestColumn {
  /** One head, width and cell, or none. */
  title: string[];
  columns: number[];
  of(number: number): string[];
}

export function requestColumn(
  sample: Sample | undefined,
  numbers: readonly number[],
  room: number,
): RequestColumn {
  const sent = new Map(
    numbers.map((number) => [
      number,
      (rowOf(sample, number)?.values ?? [])
        .map((value, at) => `${sample?.columns[at] ?? at + 1} ${stringifyJson(value) ?? ''}`)
        .join(', '),
    ]),
  );
  const widest = Math.max(0, ...[...sent.values()].map((text) => stringWidth(clean(text))));
  const columns = Math.max(widest, TITLE.length);
  if (widest === 0 || columns > room) return { title: [], columns: [], of: () => [] };
  return { title: [TITLE], columns: [columns], of: (number) => [sent.get(number) ?? ''] };
}
