/** A CSV cell to the JSON value that a column of an MLflow signature takes. */
import { printable } from './input-error.js';
import type { ColumnType } from './signature.js';

export type CellValue = string | number | boolean | null;

export type CastResult = { ok: true; value: CellValue } | { ok: false; why: string };

// As pandas reads tables, and `?`, which older data sets use for numbers.
const missingTokens = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '?']);

/** Whether a cell of this type stands for "no value". A string may well be `?`, `NA` or `None`. */
export function isMissing(cell: string, type: ColumnType): boolean {
  const text = cell.trim();
  return type === 'string' ? text === '' : missingTokens.has(text.toLowerCase());
}

/**
 * `why` is the end of a sentence that begins with row, column and value: `is not a whole number`.
 * A missing value becomes null where MLflow can hold one: NaN in double and float, None in string,
 * NaT in datetime, anything in a column that is not required.
 */
export function castCell(cell: string, type: ColumnType, required: boolean): CastResult {
  if (isMissing(cell, type)) {
    if (!required || holdsNull.has(type)) return { ok: true, value: null };
    return fail(`is missing, and a required ${type} can't be. Fill it in or leave the row out`);
  }
  return casts[type](cell.trim(), cell);
}

const holdsNull: ReadonlySet<ColumnType> = new Set(['double', 'float', 'string', 'datetime']);

const casts: Record<ColumnType, (text: string, cell: string) => CastResult> = {
  string: (_, cell) => ({ ok: true, value: cell }),
  boolean: castBoolean,
  integer: (text) => castWhole(text, -(2 ** 31), 2 ** 31 - 1, 'for a 32-bit integer'),
  // JSON readers hold whole numbers exactly up to 2^53.
  long: (text) =>
    castWhole(text, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'for JSON to carry exactly'),
  float: (text) => castNumber(text, 3.4028235e38),
  double: (text) => castNumber(text, Number.MAX_VALUE),
  datetime: castDatetime,
  binary: (text) =>
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
      ? { ok: true, value: text }
      : fail('is not base64 text, which a binary column takes'),
  other: () => fail('stands in a column of a type that no CSV cell can hold'),
};

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function castNumber(text: string, highest: number): CastResult {
  if (!number.test(text)) {
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
  // 9007199254740993 becomes ...992 as a double, so the range is judged before `isInteger`.
  if (value < lowest || value > highest) return fail(`is too large ${forWhat}`);
  if (!Number.isInteger(value)) return fail('is not a whole number');
  // -0 would be sent as 0 anyway.
  return { ok: true, value: value === 0 ? 0 : value };
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

const date =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/i;

/** ISO 8601, in UTC when the cell has an offset, without one: NumPy's datetimes have no zone. */
function castDatetime(text: string): CastResult {
  const parts = date.exec(text);
  if (!parts) return fail('is not an ISO date or time, such as 2026-03-31 or 2026-03-31T09:30:00');
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction, zone] = parts;
  const clock = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const at = new Date(`${clock}Z`);
  // Date rolls 31 February over into March; a valid time reads back as it was written.
  if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 19) !== clock) {
    return fail('is not a date that exists');
  }
  const utc = new Date(at.getTime() - offsetMinutes(zone) * 60_000).toISOString().slice(0, 19);
  return { ok: true, value: fraction ? `${utc}.${fraction}` : utc };
}

function offsetMinutes(zone: string | undefined): number {
  if (!zone || zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}

function fail(why: string): CastResult {
  return { ok: false, why };
}

/** The narrowest type that all cells of a column fit, for a model without a signature. */
export function guessType(cells: readonly string[]): ColumnType {
  const types: ColumnType[] = ['long', 'double'];
  const present = cells.filter((cell) => !isMissing(cell, 'double'));
  if (present.length === 0) return 'string';
  const fits = (type: ColumnType) => present.every((cell) => castCell(cell, type, true).ok);
  const found = types.find(fits) ?? 'string';
  // A long column can't hold the gap that a double column can.
  return found === 'long' && present.length < cells.length ? 'double' : found;
}

/** A cell in quotes for a sentence. */
export function shownCell(cell: string): string {
  return cell === '' ? 'an empty cell' : `"${printable(cell, 40)}"`;
}
