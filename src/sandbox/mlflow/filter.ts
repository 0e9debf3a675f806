/**
 * MLflow's search language: comparisons joined by AND (MLflow documentation, "Search Runs").
 * Keys may be quoted with backticks or double quotes, values with either kind of quotes.
 */
import { invalidParameter } from './call.js';

export interface FilterComparison {
  /** `attributes`, `tags`, `params` or `metrics`. */
  entity: string;
  key: string;
  operator: string;
  /** One for all operators but IN. */
  values: string[];
}

const ENTITIES: Record<string, string> = {
  attribute: 'attributes',
  attributes: 'attributes',
  attr: 'attributes',
  run: 'attributes',
  tag: 'tags',
  tags: 'tags',
  param: 'params',
  params: 'params',
  parameter: 'params',
  parameters: 'params',
  metric: 'metrics',
  metrics: 'metrics',
};

const NAME = String.raw`(?:\w[\w.\-/]*|"[^"]+"|` + '`[^`]+`)';
const VALUE = String.raw`(?:'(?:[^']|'')*'|"[^"]*"|-?[\d.]+(?:e[-+]?\d+)?)`;
const COMPARISON = new RegExp(
  String.raw`^(?:(\w+)\.)?(${NAME})\s*(!=|>=|<=|=|>|<|\bNOT\s+IN\b|\bI?LIKE\b|\bIN\b)\s*(\((?:\s*${VALUE}\s*,?)*\)|${VALUE})`,
  'i',
);

export function parseSearchFilter(filter: string | undefined): FilterComparison[] {
  const comparisons: FilterComparison[] = [];
  let rest = (filter ?? '').trim();
  while (rest !== '') {
    const match = COMPARISON.exec(rest);
    if (match === null)
      throw invalidParameter(`Invalid clause(s) in filter string: '${rest.slice(0, 80)}'.`);
    comparisons.push(read(match));
    rest = rest.slice(match[0].length).trimStart();
    if (rest === '') break;
    const and = /^AND\s+/i.exec(rest);
    if (and === null)
      throw invalidParameter(`Comparisons are joined by AND only: '${rest.slice(0, 80)}'.`);
    rest = rest.slice(and[0].length);
  }
  return comparisons;
}

function read(match: RegExpExecArray): FilterComparison {
  const [, prefix, name = '', operator = '', value = ''] = match;
  const entity = prefix === undefined ? 'attributes' : ENTITIES[prefix.toLowerCase()];
  // A dotted name without a known entity is an attribute's whole name.
  if (entity === undefined) throw invalidParameter(`Invalid entity type '${prefix}'.`);
  const values = value.startsWith('(')
    ? [...value.matchAll(new RegExp(VALUE, 'g'))].map(([one]) => unquote(one))
    : [unquote(value)];
  return {
    entity,
    key: name.replace(/^["`]|["`]$/g, ''),
    operator: operator.toUpperCase().replace(/\s+/g, ' '),
    values,
  };
}

/** Does what was found satisfy the comparison? What is absent satisfies none. */
export function holds(comparison: FilterComparison, found: string | number | undefined): boolean {
  if (found === undefined) return false;
  const { operator, values } = comparison;
  const [value = ''] = values;
  switch (operator) {
    case 'IN':
      return values.includes(String(found));
    case 'NOT IN':
      return !values.includes(String(found));
    case 'LIKE':
      return like(value, '').test(String(found));
    case 'ILIKE':
      return like(value, 'i').test(String(found));
    default:
  }
  const order =
    typeof found === 'number' ? compare(found, Number(value)) : compare(String(found), value);
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    default:
      return order <= 0;
  }
}

function compare<T extends string | number>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** SQL's pattern: `%` any text, `_` one character. */
function like(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}

function unquote(text: string): string {
  return /^['"]/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : text;
}

/** `name ASC` and its like; the first column decides, the next ones where it ties. */
export function inOrder<T>(
  clauses: readonly string[],
  column: (name: string) => (item: T) => string | number,
): (a: T, b: T) => number {
  const sorts = clauses.map((clause) => {
    const [, name = '', direction = 'ASC'] =
      /^\s*([\w.`"]+)(?:\s+(ASC|DESC))?\s*$/i.exec(clause) ?? [];
    if (name === '') throw invalidParameter(`Invalid order_by clause '${clause.slice(0, 60)}'.`);
    const value = column(name.replace(/^(?:attributes?|attr|run)\./i, '').replaceAll(/["`]/g, ''));
    return { value, sign: direction.toUpperCase() === 'DESC' ? -1 : 1 };
  });
  return (a, b) => {
    for (const { value, sign } of sorts) {
      const order = compare(value(a), value(b));
      if (order !== 0) return sign * order;
    }
    return 0;
  };
}
