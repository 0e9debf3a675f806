/** Sampled rows to rows of a request: columns renamed and dropped, cells cast, truth set aside. */
import { castCell, isNaWord, shownCell, type CellValue } from './cast.js';
import { InputError, listed, printable } from './input-error.js';
import { grouped, rowsOf } from '../common/counts.js';
import type { Mapping } from './mapping.js';
import type { RowSample } from './sample.js';

export interface PreparedRow {
  /** In the file, from 1. */
  rowNumber: number;
  values: CellValue[];
  /** The target's cell as the file has it. Absent without a target, or when the cell is empty. */
  truth?: string;
}

interface CastFailure {
  rowNumber: number;
  column: string;
  /** The whole sentence with row, column, value and advice; cleaned for the screen. */
  message: string;
}

export interface PreparedRows {
  /** Names the model knows, in the signature's order; a number where the model's name is one. */
  columns: (string | number)[];
  form: Mapping['form'];
  /** Those whose cells all fit; in the sample's order. */
  rows: PreparedRow[];
  /** One for each cell that does not fit; its row is left out of `rows`. */
  failures: CastFailure[];
  /** What was done with cells without being asked, a sentence each. */
  notes: string[];
}

export interface PrepareOptions {
  /** pandas' parameter: text cells such as `NA` and `None` are missing values. By default true. */
  keepDefaultNa?: boolean;
}

/** @throws InputError when the mapping has problems; ask `mapping.problems` first. */
export function prepareRows(
  sample: RowSample,
  mapping: Mapping,
  { keepDefaultNa = true }: PrepareOptions = {},
): PreparedRows {
  const [problem] = mapping.problems;
  if (problem) throw new InputError(problem);
  const { columns, format } = sample.file;
  // Where values have types, text is text, and a missing value is no word.
  const wordsAreNa = keepDefaultNa && format === 'csv';
  const positions = new Map(columns.map((column, at) => [column, at]));
  const sources = mapping.lines.flatMap(({ wants, has }) =>
    wants && has !== undefined ? [{ wants, has, at: positions.get(has) ?? -1 }] : [],
  );
  const targetAt = mapping.target === undefined ? -1 : (positions.get(mapping.target) ?? -1);
  const naWords = new Map<string, number>();
  const leftOut = new Map<string, number>();
  const untold: number[] = [];
  const count = (counts: Map<string, number>, column: string) =>
    counts.set(column, (counts.get(column) ?? 0) + 1);
  const prepared: PreparedRows = {
    columns: sources.map(({ wants, has }) => wants.numberName ?? wants.name ?? has),
    form: mapping.form,
    rows: [],
    failures: [],
    notes: [],
  };
  for (const { rowNumber, cells } of sample.rows) {
    const values: CellValue[] = [];
    for (const { wants, has, at } of sources) {
      const cell = cells[at] ?? '';
      const cast = castCell(cell, wants, wordsAreNa);
      if (cast.ok) {
        values.push(cast.value);
        if (cast.value === undefined) count(leftOut, has);
        if (cast.value === null && wants.type === 'string' && isNaWord(cell)) count(naWords, has);
        continue;
      }
      const message = `Row ${rowNumber}, column ${printable(has)}: ${shownCell(cell)} ${cast.why}.`;
      prepared.failures.push({ rowNumber, column: has, message });
    }
    if (values.length < sources.length) continue;
    const truth = cells[targetAt]?.trim();
    const known = truth && !(wordsAreNa && isNaWord(truth));
    prepared.rows.push({ rowNumber, values, ...(known && { truth }) });
    if (targetAt >= 0 && !known) untold.push(rowNumber);
  }
  if (naWords.size > 0) {
    prepared.notes.push(
      `${cellsOf(naWords)}: text such as NA and None is sent as a missing value, as pandas reads ` +
        `it. To send the text, set evidence.keepDefaultNa: false.`,
    );
  }
  if (untold.length > 0) {
    const has = untold.length === 1 ? 'has' : 'have';
    prepared.notes.push(
      `${grouped(untold.length)} of ${rowsOf(prepared.rows.length)} ${has} no target (${printable(mapping.target ?? '')}) and ${untold.length === 1 ? 'is' : 'are'} ` +
        `not counted as right or wrong: ${untold.length === 1 ? 'row' : 'rows'} ${listed(untold.map(String), 3)}.`,
    );
  }
  if (leftOut.size > 0) {
    prepared.notes.push(
      `${cellsOf(leftOut)}: the cell is empty, and the optional column is left out of the row's request.`,
    );
  }
  return prepared;
}

/** `3 cells of sex and note`. */
function cellsOf(counts: ReadonlyMap<string, number>): string {
  const cells = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return `${cells} ${cells === 1 ? 'cell' : 'cells'} of ${listed([...counts.keys()])}`;
}
