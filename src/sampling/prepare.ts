/** Sampled rows to rows of a request: columns renamed and dropped, cells cast, truth set aside. */
import { castCell, shownCell, type CellValue } from './cast.js';
import { InputError, printable } from './input-error.js';
import type { Mapping } from './mapping.js';
import type { CsvSample } from './sample.js';

export interface PreparedRow {
  /** In the file, from 1. */
  rowNumber: number;
  values: CellValue[];
  /** The target's cell as the file has it. Absent without a target, or when the cell is empty. */
  truth?: string;
}

export interface CastFailure {
  rowNumber: number;
  column: string;
  /** The whole sentence with row, column, value and advice; cleaned for the screen. */
  message: string;
}

export interface PreparedRows {
  /** Names the model knows, in the signature's order. */
  columns: string[];
  form: Mapping['form'];
  /** Those whose cells all fit; in the sample's order. */
  rows: PreparedRow[];
  /** One for each cell that does not fit; its row is left out of `rows`. */
  failures: CastFailure[];
}

/** @throws InputError when the mapping has problems; ask `mapping.problems` first. */
export function prepareRows(sample: CsvSample, mapping: Mapping): PreparedRows {
  const [problem] = mapping.problems;
  if (problem) throw new InputError(problem);
  const { columns } = sample.file;
  const sources = mapping.lines.flatMap(({ wants, has }) =>
    wants && has !== undefined ? [{ wants, has, at: columns.indexOf(has) }] : [],
  );
  const targetAt = mapping.target === undefined ? -1 : columns.indexOf(mapping.target);
  const prepared: PreparedRows = {
    columns: sources.map(({ wants, has }) => wants.name ?? has),
    form: mapping.form,
    rows: [],
    failures: [],
  };
  for (const { rowNumber, cells } of sample.rows) {
    const values: CellValue[] = [];
    for (const { wants, has, at } of sources) {
      const cell = cells[at] ?? '';
      const cast = castCell(cell, wants.type, wants.required);
      if (cast.ok) {
        values.push(cast.value);
        continue;
      }
      const message = `Row ${rowNumber}, column ${printable(has)}: ${shownCell(cell)} ${cast.why}.`;
      prepared.failures.push({ rowNumber, column: has, message });
    }
    if (values.length < sources.length) continue;
    const truth = cells[targetAt]?.trim();
    prepared.rows.push({ rowNumber, values, ...(truth && { truth }) });
  }
  return prepared;
}
