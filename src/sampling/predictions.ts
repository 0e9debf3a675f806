/** Reads what a scoring server answered: a bare list, or a list or columns under `predictions`. */
import {
  isNumeric,
  JSON_STRING,
  parseJson,
  readNumber,
  sameNumber,
  stringifyJson,
} from '../common/exact-numbers.js';
import { TooDeep } from '../common/depth.js';
import { rowsOf as counted } from '../common/counts.js';
import { printable } from './input-error.js';

type Predictions =
  | { ok: true; values: unknown[] }
  /** A sentence; and where it quotes the answer, one that does not. */
  | { ok: false; problem: string; summary?: string };

/**
 * One prediction a row, as it came: what it means is found from the answers to many rows.
 * @param expected number of rows sent; another number of predictions is a problem.
 */
export function parsePredictions(body: unknown, expected?: number): Predictions {
  const read = unwrapped(body);
  if (read instanceof TooDeep) {
    return { ok: false, problem: `The answer can't be read: its ${read.message}.` };
  }
  const list = listOf(read, expected);
  if (!list) {
    const seen = printable(stringifyJson(body) ?? String(body), 80);
    return {
      ok: false,
      problem: `The answer is not a list of predictions but ${seen}.`,
      summary: 'The answer is not a list of predictions.',
    };
  }
  if (expected !== undefined && list.length !== expected) {
    return {
      ok: false,
      problem: `${sent(expected)} and ${came(list.length)} back.`,
    };
  }
  return { ok: true, values: list };
}

const sent = (rows: number): string => `${counted(rows)} ${rows === 1 ? 'was' : 'were'} sent`;
const came = (predictions: number): string => `${counted(predictions, 'prediction')} came`;

/** Some scoring scripts answer JSON inside a JSON string. */
function unwrapped(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  for (const text of [body, withoutNaN(body)]) {
    try {
      return parseJson(text);
    } catch (error) {
      if (error instanceof TooDeep) return error;
      // Python writes NaN and Infinity, which JSON does not have.
    }
  }
  return body;
}

const NOT_FINITE = new RegExp(String.raw`${JSON_STRING.source}|-?\bInfinity\b|\bNaN\b`, 'gs');

/** `NaN` outside of text becomes null, and `Infinity` a number that JavaScript reads as such. */
const withoutNaN = (text: string): string =>
  text.replace(NOT_FINITE, (found) =>
    found === 'NaN'
      ? 'null'
      : found.endsWith('Infinity')
        ? found.replace('Infinity', '1e999')
        : found,
  );

function listOf(body: unknown, expected: number | undefined): unknown[] | undefined {
  if (Array.isArray(body)) return oneRow(body as unknown[], expected);
  if (typeof body !== 'object' || body === null) return undefined;
  // Azure's server answers what MLflow's own has under `predictions`.
  const predictions = 'predictions' in body ? body.predictions : body;
  if (Array.isArray(predictions)) return oneRow(predictions as unknown[], expected);
  return typeof predictions === 'object' && predictions !== null
    ? rowsOf(predictions as Record<string, unknown>)
    : undefined;
}

/** A model with several outputs answers their names, each with a value a row: MLflow's ONNX flavor. */
function rowsOf(columns: Record<string, unknown>): unknown[] | undefined {
  const all = Object.entries(columns);
  const [first] = all;
  if (!first || !all.every(([, column]) => Array.isArray(column))) return undefined;
  const { length } = first[1] as unknown[];
  if (!all.every(([, column]) => (column as unknown[]).length === length)) return undefined;
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(all.map(([name, column]) => [name, (column as unknown[])[row]])),
  );
}

/** MLflow's ONNX flavor lays the vector of one row out as rows of a frame with one column. */
function oneRow(list: unknown[], expected: number | undefined): unknown[] {
  if (expected !== 1 || list.length < 2) return list;
  const cells = list.map((each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each) ? Object.entries(each) : [],
  );
  const names = new Set(cells.map(([cell]) => cell?.[0]));
  const [name] = names;
  const plain = cells.every((each) => each.length === 1 && typeof each[0]?.[1] !== 'object');
  return plain && names.size === 1 && name !== undefined
    ? [{ [name]: cells.map(([cell]) => cell?.[1] as unknown) }]
    : list;
}

/** A list or a record of one value is that value: `[0]`, `{"label": 0}`. */
export function single(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const values: unknown[] = Object.values(value);
  return values.length === 1 ? single(values[0]) : value;
}

/** A prediction as one line of text for tables. */
export function shownPrediction(value: unknown, max = 40): string {
  return printable(typeof value === 'string' ? value : (stringifyJson(value) ?? ''), max);
}

/**
 * Whether a prediction is what the file's target cell says: numbers by value (`1`, `1.0`) and whole
 * ones to the last digit, booleans
 * as true/false or 1/0, text without surrounding space. A list or record is never right.
 */
export function isRight(prediction: unknown, truth: string): boolean {
  const cell = truth.trim();
  switch (typeof prediction) {
    case 'number':
    case 'bigint':
      return isNumber(truthNumber(cell), prediction);
    case 'boolean':
      return truthNumber(cell) === (prediction ? '1' : '0') || Number(cell || NaN) === +prediction;
    case 'string': {
      const text = prediction.trim();
      if (text === cell) return true;
      return isNumber(cell, readNumber(text));
    }
    default:
      return false;
  }
}

function isNumber(cell: string, value: unknown): boolean {
  const number = readNumber(cell);
  return number !== undefined && isNumeric(value) && sameNumber(number, value);
}

function truthNumber(cell: string): string {
  const lower = cell.toLowerCase();
  return lower === 'true' ? '1' : lower === 'false' ? '0' : cell;
}
