/** The filter of a query for metrics. */
import { armError } from './errors.js';

interface Comparison {
  dimension: string;
  operator: 'eq' | 'ne';
  value: string;
}

export interface MetricsFilter {
  matches(dimensions: Record<string, string>): boolean;
  /** Dimensions named in the filter: with `eq '*'` or several values they split the series. */
  dimensions: string[];
}

/** `$filter`: `deployment eq 'green' and statusCodeClass ne '2xx'`. */
export function parseMetricFilter(text: string | undefined): MetricsFilter {
  if (text === undefined || text.trim() === '') return { matches: () => true, dimensions: [] };
  // `or` binds less than `and`; the service allows no deeper nesting than one level of brackets.
  const groups = text
    .replace(/[()]/g, ' ')
    .split(/\s+and\s+/i)
    .map((group) => group.split(/\s+or\s+/i).map((part) => comparison(part, text)));
  const dimensions = [...new Set(groups.flat().map(({ dimension }) => dimension))];
  return {
    dimensions,
    matches: (given) =>
      groups.every((group) => group.some((one) => compare(one, given[one.dimension] ?? ''))),
  };
}

function comparison(part: string, whole: string): Comparison {
  const match = /^\s*(\w+)\s+(eq|ne)\s+'([^']*)'\s*$/i.exec(part);
  const [, dimension, operator, value] = match ?? [];
  if (dimension === undefined || operator === undefined || value === undefined)
    throw armError(400, 'BadRequest', `The filter '${whole}' is not valid.`);
  return {
    dimension: dimension.toLowerCase(),
    operator: operator.toLowerCase() === 'ne' ? 'ne' : 'eq',
    value: value.toLowerCase(),
  };
}

function compare({ operator, value }: Comparison, given: string): boolean {
  if (value === '*') return true;
  const same = given.toLowerCase() === value;
  return operator === 'eq' ? same : !same;
}
