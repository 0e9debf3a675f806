/** What a person chose of a mapping: the target, and renames. */
import { InputError, listed, printable } from './input-error.js';
import type { SignatureColumn } from './signature.js';

export interface MappingChoices {
  /** The target column, or `null` for none. Absent: guessed. */
  target?: string | null;
  /** Model input to CSV column; `null` takes back a suggested rename. */
  renames?: Readonly<Record<string, string | null>>;
}

const theyAre = (columns: readonly string[]): string => `It has ${listed(columns, 20)}.`;

/** Throws an `InputError` where the file has no such column. */
export function checkTarget(columns: readonly string[], target: string): void {
  if (columns.includes(target)) return;
  throw new InputError(
    `The CSV has no column ${printable(target)} for target. ${theyAre(columns)}`,
  );
}

/** @throws InputError when a choice names a column that the file or the model does not have */
export function checkChoices(
  columns: readonly string[],
  inputs: readonly SignatureColumn[] | undefined,
  choices: MappingChoices,
): void {
  const there = new Set(columns);
  const wanted = new Set(inputs?.map((input) => input.name));
  const list = theyAre(columns);
  if (typeof choices.target === 'string') checkTarget(columns, choices.target);
  const taken = new Set<string>();
  for (const [name, column] of Object.entries(choices.renames ?? {})) {
    if (!wanted.has(name)) {
      throw new InputError(`The model has no input named ${printable(name)}; it can't be mapped.`);
    }
    if (column === null) continue;
    if (!there.has(column)) {
      throw new InputError(
        `The CSV has no column ${printable(column)} for ${printable(name)}. ${list}`,
      );
    }
    if (column === choices.target || taken.has(column)) {
      const other = column === choices.target ? 'the target' : 'another input';
      throw new InputError(
        `${printable(column)} is ${other} already; choose another column for ${printable(name)}.`,
      );
    }
    taken.add(column);
  }
}
