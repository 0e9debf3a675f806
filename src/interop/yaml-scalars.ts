/** Source text of YAML scalars to numbers and booleans, where a schema asks for them. */
import type { z } from 'zod';

type Path = readonly PropertyKey[];
type Wants = 'number' | 'boolean';

/**
 * Checks `content`, whose scalars are all text, and turns those into numbers and booleans that the
 * schema refuses as text; so the schema alone says what is text, and text keeps its spelling.
 */
export function convertScalars<T>(
  content: unknown,
  check: (value: unknown) => z.ZodSafeParseResult<T>,
): z.ZodSafeParseResult<T> {
  // A copy, in which an alias is no longer one object in two places.
  const value = JSON.parse(JSON.stringify(content)) as unknown;
  for (;;) {
    const result = check(value);
    if (result.success) return result;
    let converted = 0;
    for (const { path, wants } of result.error.issues.flatMap((issue) => wanted(issue))) {
      const holder = at(value, path.slice(0, -1));
      const key = path.at(-1);
      if (key === undefined || !isObject(holder) || !Object.hasOwn(holder, key)) continue;
      const text = holder[key];
      const read = typeof text === 'string' ? READ[wants](text) : undefined;
      if (read === undefined) continue;
      holder[key] = read;
      converted += 1;
    }
    // Each round turns at least one text into something that is none, so there is a last round.
    if (converted === 0) return result;
  }
}

function wanted(issue: z.core.$ZodIssue, around: Path = []): { path: Path; wants: Wants }[] {
  const path = [...around, ...issue.path];
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'boolean') return [{ path, wants: 'boolean' }];
      if (issue.expected !== 'number' && issue.expected !== 'int') return [];
      return [{ path, wants: 'number' }];
    case 'invalid_value':
      return issue.values.some((each) => typeof each === 'number')
        ? [{ path, wants: 'number' }]
        : [];
    case 'invalid_union':
      return issue.errors.flatMap((issues) => issues.flatMap((each) => wanted(each, path)));
    default:
      return [];
  }
}

// A leading zero is left out: `010` is 8 to some tools and 10 to others.
const NUMBER = /^[-+]?(?:(?:0|[1-9][\d_]*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;

/** As marshmallow reads them, on which the official client is built. */
const BOOLEANS = new Map([
  ...['true', 'True', 'TRUE', 't', 'T', 'yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON', '1'].map(
    (text) => [text, true] as const,
  ),
  ...[
    'false',
    'False',
    'FALSE',
    'f',
    'F',
    'no',
    'No',
    'NO',
    'n',
    'N',
    'off',
    'Off',
    'OFF',
    '0',
  ].map((text) => [text, false] as const),
]);

const READ: Record<Wants, (text: string) => number | boolean | undefined> = {
  number: (text) => (NUMBER.test(text) ? Number(text.replaceAll('_', '')) : undefined),
  boolean: (text) => BOOLEANS.get(text),
};

const isObject = (value: unknown): value is Record<PropertyKey, unknown> =>
  typeof value === 'object' && value !== null;

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}
