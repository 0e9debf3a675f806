/** What the values are that a model answers. */

export const isMissing = (value: unknown): boolean =>
  value === null || value === undefined || Number.isNaN(value) || value === 'NaN';

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Scores among them: of those none is beyond 2^53. */
export const isNumberList = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number');

const SUM_TOLERANCE = 1e-3;

export const sumsToOne = (list: readonly number[]): boolean =>
  Math.abs(list.reduce((sum, each) => sum + each, 0) - 1) <= SUM_TOLERANCE;

export const isDistribution = (value: unknown): value is number[] =>
  isNumberList(value) &&
  value.length > 1 &&
  value.every((each) => each >= 0 && each <= 1) &&
  sumsToOne(value);

/** A member of a record, or of a list by its position. */
export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
