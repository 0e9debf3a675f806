/** A YAML (or JSON) file read against a schema; every problem says its line and column. */
import { isMap, isNode, isScalar, type Document } from 'yaml';
import type { z } from 'zod';
import { grouped } from '../common/counts.js';
import { didYouMean } from '../common/did-you-mean.js';
import { readYaml } from '../sampling/yaml-text.js';
import { knownKeys } from './known-keys.js';
import { convertScalars } from './yaml-scalars.js';

/** Sentences, each with the file, the line and the column. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** More are seldom read, and the place of each is searched among all keys before it. */
const MOST_PROBLEMS = 20;

/** Sentences for the first problems of a file, and how many more there are. */
function first<T>(problems: readonly T[], sentence: (problem: T) => string): string[] {
  const more = problems.length - MOST_PROBLEMS;
  const shown = problems.slice(0, MOST_PROBLEMS).map(sentence);
  return more > 0 ? [...shown, `and ${grouped(more)} more`] : shown;
}

/** In place of zod's own words, which name its types; a schema's own sentence goes before these. */
const WANTED: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'keys with their values',
  record: 'keys with their values',
  array: 'a list',
};

export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = WANTED[issue.expected];
      if (wanted === undefined) return undefined;
      return issue.input === undefined ? `is missing; write ${wanted}` : `write ${wanted}`;
    }
    case 'too_small':
      if (issue.origin === 'string') return 'is empty; fill it in or leave it out';
      return `use ${String(issue.minimum)} or more`;
    case 'too_big':
      return `use ${String(issue.maximum)} or less`;
    default:
      return undefined;
  }
}

const shown = (text: string): string => text.slice(0, LONGEST_SHOWN).replaceAll(/\p{Cc}+/gu, ' ');

/** Of what a file says itself: a key may be as long as the file. */
const LONGEST_SHOWN = 1_000;

/** Where the value at `path` is; where it is missing, the nearest thing around it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Where the key itself is, in the map at `path`. */
function keyOffset(document: Document, path: readonly PropertyKey[], key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map)
    ? map.items.find((each) => isScalar(each.key) && String(each.key.value) === key)
    : undefined;
  const node = pair?.key;
  return isNode(node) && node.range ? node.range[0] : offsetOf(document, path);
}

interface ParsedFile<T> {
  value: T;
  /** `file.yml, line 3, column 5`, of the value at a path. */
  where(path: readonly PropertyKey[]): string;
  /** The same of the key at a path: of a map's member, not of what it holds. */
  whereKey(path: readonly PropertyKey[]): string;
}

/**
 * Where the schema takes text, it gets the scalar's source text: `1.0` and `00123` stay so. Where
 * it takes a number or a boolean, quotes around it do no harm.
 * @param name the file's name, for the sentences
 * @throws FileProblem with all that is wrong.
 */
export function parseYamlFile<S extends z.ZodType>(
  text: string,
  name: string,
  schema: S,
): ParsedFile<z.output<S>> {
  const yaml = readYaml(text, 'text');
  const { document } = yaml;
  const at = ({ line, column }: { line: number; column: number }): string =>
    `${name}, line ${line}, column ${column}`;
  const place = (offset: number): string => at(yaml.place(offset));
  if (yaml.problems.length > 0) {
    throw new FileProblem(first(yaml.problems, (problem) => `${at(problem)}: ${problem.what}.`));
  }
  const content = unfolded(yaml.toJS, name);
  if (content === null || content === undefined) {
    throw new FileProblem([`${name} is empty.`]);
  }
  const result = convertScalars(content, (value) =>
    schema.safeParse(value, { error: inWords, reportInput: true }),
  );
  if (result.success) {
    return {
      value: result.data,
      where: (path) => place(offsetOf(document, path)),
      whereKey: (path) => place(keyOffset(document, path.slice(0, -1), String(path.at(-1)))),
    };
  }
  const problems = result.error.issues.flatMap(
    (issue): { issue: z.core.$ZodIssue; unknown?: string }[] =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((unknown) => ({ issue, unknown }))
        : [{ issue }],
  );
  throw new FileProblem(
    first(problems, ({ issue, unknown }) => {
      const key = issue.path.map(String).join('.');
      if (unknown !== undefined) {
        const at = place(keyOffset(document, issue.path, unknown));
        const near = didYouMean(unknown, knownKeys(schema, issue.path));
        return `${at}: unknown key ${shown(unknown)}${key === '' ? '' : ` in ${key}`}.${near}`;
      }
      const what = shown(
        `${key === '' ? '' : `${key}: `}${isAbsent(issue) ? 'is missing; ' : ''}${issue.message}`,
      );
      // A member that may not be there at all is named where it begins, not where its map does.
      const unwanted = issue.code === 'invalid_type' && issue.expected === 'never';
      const offset = unwanted
        ? keyOffset(document, issue.path.slice(0, -1), String(issue.path.at(-1)))
        : offsetOf(document, issue.path);
      return `${place(offset)}: ${what}.`;
    }),
  );
}

/** A schema's own words say what to write, and not that there is nothing. */
const isAbsent = ({ code, input, message }: z.core.$ZodIssue): boolean =>
  (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union') &&
  input === undefined &&
  !message.startsWith('is missing');

/** @throws FileProblem */
export function unfolded(toJS: () => unknown, name: string): unknown {
  try {
    return toJS();
  } catch {
    throw new FileProblem([
      `${name} has aliases (*) of aliases that unfold to more than can be held. Write them out.`,
    ]);
  }
}
