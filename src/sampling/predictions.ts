/** Reads what a scoring server answered: a bare list, or a list under `predictions`. */
import { printable } from './input-error.js';

export type Predictions =
  | { ok: true; values: unknown[] }
  /** A sentence. */
  | { ok: false; problem: string };

/** @param expected number of rows sent; another number of predictions is a problem. */
export function parsePredictions(body: unknown, expected?: number): Predictions {
  const list = listOf(unwrapped(body));
  if (!list) {
    const seen = printable(JSON.stringify(body) ?? String(body), 80);
    return {
      ok: false,
      problem: `The answer is not a list of predictions but ${seen}.`,
    };
  }
  if (expected !== undefined && list.length !== expected) {
    return {
      ok: false,
      problem: `${sent(expected)} and ${came(list.length)} back.`,
    };
  }
  return { ok: true, values: list.map(single) };
}

const sent = (rows: number): string => (rows === 1 ? '1 row was sent' : `${rows} rows were sent`);
const came = (predictions: number): string =>
  predictions === 1 ? '1 prediction came' : `${predictions} predictions came`;

/** Some scoring scripts answer JSON inside a JSON string. */
function unwrapped(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

function listOf(body: unknown): unknown[] | undefined {
  if (Array.isArray(body)) return body as unknown[];
  if (typeof body === 'object' && body !== null && 'predictions' in body) {
    return Array.isArray(body.predictions) ? (body.predictions as unknown[]) : undefined;
  }
  return undefined;
}

/** A list or a record of one value is that value: `[0]`, `{"label": 0}`. */
function single(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const values: unknown[] = Object.values(value);
  return values.length === 1 ? single(values[0]) : value;
}

/** A prediction as one line of text for tables. */
export function shownPrediction(value: unknown, max = 40): string {
  return printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), max);
}

/**
 * Whether a prediction is what the file's target cell says: numbers by value (`1`, `1.0`), booleans
 * as true/false or 1/0, text without surrounding space. A list or record is never right.
 */
export function isRight(prediction: unknown, truth: string): boolean {
  const cell = truth.trim();
  switch (typeof prediction) {
    case 'number':
      return cell !== '' && Number(truthNumber(cell)) === prediction;
    case 'boolean':
      return truthNumber(cell) === (prediction ? '1' : '0') || Number(cell || NaN) === +prediction;
    case 'string': {
      const text = prediction.trim();
      if (text === cell) return true;
      return text !== '' && cell !== '' && Number(text) === Number(cell);
    }
    default:
      return false;
  }
}

function truthNumber(cell: string): string {
  const lower = cell.toLowerCase();
  return lower === 'true' ? '1' : lower === 'false' ? '0' : cell;
}
