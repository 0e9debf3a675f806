import { checkDepth } from './depth.js';

/**
 * Whole numbers beyond 2^53, which a double does not hold: ids, hashes, times in nanoseconds. Here
 * they are `bigint`, and every other number stays a `number`.
 */
export type Numeric = number | bigint;

export const isNumeric = (value: unknown): value is Numeric =>
  typeof value === 'number' || typeof value === 'bigint';

/**
 * `JSON.rawJSON` and the source text of a reviver, which would do, are not in Node.js 20. It is no
 * secret, so it need not come from `node:crypto`, which takes time to load.
 */
const MARK = `whole-number-${Math.random().toString(36).slice(2)}:`;
const LONG_DIGITS = /(?:^|[^\d.])\d{16,}(?![\d.eE])/;
/** One that is never closed is text up to the end: else each quote in it would be tried as the first. */
export const JSON_STRING = /"[^"\\]*(?:\\.[^"\\]*)*"?/s;
const TOKENS = new RegExp(
  String.raw`${JSON_STRING.source}|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?`,
  'gs',
);
const WHOLE = /^-?\d+$/;

/** @throws SyntaxError as `JSON.parse` does; TooDeep */
export function parseJson(text: string): unknown {
  checkDepth(text);
  if (!LONG_DIGITS.test(text)) return JSON.parse(text);
  const marked = text.replace(TOKENS, (token) =>
    WHOLE.test(token) && !Number.isSafeInteger(Number(token)) ? `"${MARK}${token}"` : token,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  );
}

const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/** As `JSON.stringify`, which refuses a bigint. */
export function stringifyJson(value: unknown, space?: number): string | undefined {
  // As below, without a call for each of thousands of labels.
  if (Number.isFinite(value)) return String(value);
  const marked = JSON.stringify(
    value,
    (_, each: unknown) => (typeof each === 'bigint' ? `${MARK}${each}` : each),
    space,
  ) as string | undefined;
  return marked?.replace(MARKED, '$1');
}

/** The number that a cell or a name is, with all digits of a whole one; `undefined` for other text. */
export function readNumber(text: string): Numeric | undefined {
  const bare = text.trim();
  const value = Number(bare);
  if (bare === '' || !Number.isFinite(value)) return undefined;
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return value;
  const [, digits] = /^([-+]?\d+)(?:\.0*)?$/.exec(bare) ?? [];
  // `BigInt` takes no plus sign.
  return digits === undefined ? value : BigInt(digits.replace('+', ''));
}

const isWhole = (value: Numeric): boolean => typeof value === 'bigint' || Number.isInteger(value);

/** A whole number beyond what a double holds is finite too. */
export const isFiniteNumber = (value: Numeric): boolean =>
  typeof value === 'bigint' || Number.isFinite(value);

/** `a - b`, without the loss that two large whole numbers would have as doubles. */
export const difference = (a: Numeric, b: Numeric): number =>
  (typeof a === 'bigint' || typeof b === 'bigint') && isWhole(a) && isWhole(b)
    ? Number(BigInt(a) - BigInt(b))
    : Number(a) - Number(b);

export const sameNumber = (a: Numeric, b: Numeric): boolean =>
  Object.is(a, b) || difference(a, b) === 0;
