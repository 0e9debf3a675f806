/** A CSV cell to the JSON value that a column of an MLflow signature takes. */
import { readNumber } from '../common/exact-numbers.js';
import { printable } from './input-error.js';
import { castDatetime } from './cast-datetime.js';
import type { ColumnType, SignatureColumn } from './signature.js';

/** `undefined`: no value, and the column is left out of the row's request. */
export type CellValue = string | number | bigint | boolean | null | undefined;

export type CastResult = { ok: true; value: CellValue } | { ok: false; why: string };

// In other columns than text also `?`, which older data sets use for numbers.
const missingTokens = new Set(['', 'na', 'n/a', 'nan', 'nat', 'null', 'none', '?']);

/** What `pandas.read_csv` takes for a missing value (pandas 3.1, `STR_NA_VALUES`). */
const pandasNa = new Set(
  `#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null`.split(
    '|',
  ),
);

/** Whether pandas takes this text for a missing value. */
export const isNaWord = (cell: string): boolean => pandasNa.has(cell);

/**
 * Whether a cell of this type stands for "no value".
 * @param keepDefaultNa pandas' parameter: whether words such as `NA` and `None` are missing values
 * in text too, as they are where the model's training data went through pandas.
 */
function isMissing(cell: string, type: ColumnType, keepDefaultNa = true): boolean {
  const text = cell.trim();
  if (type === 'string') return text === '' || (keepDefaultNa && pandasNa.has(cell));
  return missingTokens.has(text.toLowerCase()) || pandasNa.has(text);
}

/** What is known of the column that a cell is for. */
type CellColumn = Pick<SignatureColumn, 'type' | 'required' | 'guessed'>;

/**
 * `why` is the end of a sentence that begins with row, column and value: `is not a whole number`.
 * A missing value becomes null where MLflow 3.17 can hold one: NaN in double and float, None in
 * string, NaT in datetime. Of another type it refuses null, or reads it as false, whether the column
 * is required or not; an optional column is therefore left out of the row's request.
 */
export function castCell(
  cell: string,
  { type, required, guessed = false }: CellColumn,
  keepDefaultNa = true,
): CastResult {
  if (isMissing(cell, type, keepDefaultNa)) {
    if (guessed || holdsNull.has(type)) return { ok: true, value: null };
    if (!required) return { ok: true, value: undefined };
    return fail(`is missing, and a required ${type} can't be. Fill it in or leave the row out`);
  }
  const text = cell.trim();
  // Nobody says that the model reads doubles, so no digit is taken from an id beyond 2^53.
  const exact = guessed && type === 'double' ? readNumber(text) : undefined;
  return typeof exact === 'bigint' ? { ok: true, value: exact } : casts[type](text, cell);
}

const holdsNull: ReadonlySet<ColumnType> = new Set(['double', 'float', 'string', 'datetime']);

const casts: Record<ColumnType, (text: string, cell: string) => CastResult> = {
  string: (_, cell) => ({ ok: true, value: cell }),
  boolean: castBoolean,
  integer: (text) => castWhole(text, -(2 ** 31), 2 ** 31 - 1, 'for a 32-bit integer'),
  long: castLong,
  float: (text) => castNumber(text, 3.4028235e38),
  double: (text) => castNumber(text, Number.MAX_VALUE),
  datetime: castDatetime,
  binary: (text) =>
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
      ? { ok: true, value: text }
      : fail('is not base64 text, which a binary column takes'),
  other: () => fail('is in a column of a type that no CSV cell can hold'),
};

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function castNumber(text: string, highest: number): CastResult {
  if (!number.test(text)) {
    if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text)) {
      const bare = text.replaceAll(',', '');
      return fail(`is not a number; write ${bare} if the comma marks thousands`);
    }
    if (/^[+-]?\d+,\d+$/.test(text)) {
      return fail('is not a number; write the decimals after a point, as in 2.5');
    }
    if (/^[+-]?inf(inity)?$/i.test(text)) return fail("is infinite, which JSON can't carry");
    return fail('is not a number');
  }
  const value = Number(text);
  if (Math.abs(value) > highest) return fail('is too large for this type');
  return { ok: true, value };
}

function castWhole(text: string, lowest: number, highest: number, forWhat: string): CastResult {
  const cast = castNumber(text, Number.MAX_VALUE);
  if (!cast.ok) {
    return cast.why === 'is not a number' ? fail('is not a whole number') : cast;
  }
  const value = Number(text);
  if (value < lowest || value > highest) return fail(`is too large ${forWhat}`);
  if (!Number.isInteger(value)) return fail('is not a whole number');
  // -0 would be sent as 0 anyway.
  return { ok: true, value: value === 0 ? 0 : value };
}

const LONG = 2n ** 63n;

/** MLflow's server reads JSON with Python, which keeps all digits of a whole number. */
function castLong(text: string): CastResult {
  const value = readNumber(text);
  if (typeof value === 'bigint') {
    return value < -LONG || value >= LONG
      ? fail('is too large for a 64-bit integer')
      : { ok: true, value };
  }
  const { MIN_SAFE_INTEGER: lowest, MAX_SAFE_INTEGER: highest } = Number;
  return castWhole(text, lowest, highest, 'to be read exactly in this form; write out its digits');
}

const truths: Record<string, boolean> = {
  true: true,
  false: false,
  yes: true,
  no: false,
  '1': true,
  '0': false,
  '1.0': true,
  '0.0': false,
};

function castBoolean(text: string): CastResult {
  const lower = text.toLowerCase();
  return Object.hasOwn(truths, lower)
    ? { ok: true, value: truths[lower] as boolean }
    : fail('is not a boolean (true, false, yes, no, 1 or 0)');
}

function fail(why: string): CastResult {
  return { ok: false, why };
}

/** As `pandas.read_csv` reads them: no `yes`, and no 1. */
const pandasBoolean = /^(?:True|TRUE|true|False|FALSE|false)$/;

/** The narrowest type that all cells of a column fit, for a model without a signature. */
export function guessType(cells: readonly string[]): ColumnType {
  const types: ColumnType[] = ['long', 'double'];
  const present = cells.filter((cell) => !isMissing(cell, 'double'));
  if (present.length === 0) return 'string';
  if (present.every((cell) => pandasBoolean.test(cell))) return 'boolean';
  const fits = (type: ColumnType) =>
    present.every((cell) => castCell(cell, { type, required: true }).ok);
  const found = types.find(fits) ?? 'string';
  // A long column can't hold the gap that a double column can.
  return found === 'long' && present.length < cells.length ? 'double' : found;
}

/** A cell in quotes for a sentence. */
export function shownCell(cell: string): string {
  return cell === '' ? 'an empty cell' : `"${printable(cell, 40)}"`;
}
