/** A YAML (or JSON) text as a document with places, and our own sentence for what is wrong in it. */
import {
  Composer,
  Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  visit,
  YAMLParseError,
  type ErrorCode,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { DEEPEST, isTooDeep, TOO_DEEP, TooDeep } from '../common/depth.js';
import { printable } from './input-error.js';

interface YamlProblem {
  /** From 1. */
  line: number;
  column: number;
  /** What is wrong and what to do, without a final full stop. */
  what: string;
}

type DocumentOptions = ConstructorParameters<typeof Composer>[0];

interface YamlText {
  document: Document;
  /** Empty: the document can be read. */
  problems: YamlProblem[];
  place(offset: number): { line: number; column: number };
  /** @throws Error when a few aliases of aliases unfold to more than can be held, or are nested too deep. */
  toJS(): unknown;
}

/** In place of the library's words, which are those of the YAML specification. */
const SENTENCES: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'an alias (*) has no anchor (&) of its name before it',
  BAD_DQ_ESCAPE: 'unknown escape after a backslash; use single quotes, or double the backslash',
  BAD_INDENT: 'the indentation does not match the lines around it',
  BAD_SCALAR_START: "a value can't begin with this character; put the value in quotes",
  BLOCK_AS_IMPLICIT_KEY: 'text with ": " in it needs quotes',
  BLOCK_IN_FLOW: "a block can't be inside {} or []",
  KEY_OVER_1024_CHARS: 'a key is longer than 1,024 characters',
  MISSING_CHAR: 'a closing quote, a bracket, a comma or the space after a colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key needs a colon and a space after it, on the same line',
  MULTIPLE_DOCS: 'a second document begins here; keep one document in a file',
  TAB_AS_INDENT: 'a tab indents this line; use spaces',
  UNEXPECTED_TOKEN: 'unexpected text here; put it in quotes, or check the lines before it',
};

/**
 * Reads the text's one document. Time grows with the text's length only: repeated keys are found
 * by a set, where the library compares each with each.
 * @param scalars `typed`: numbers, booleans and null as YAML 1.2 has them. `text`: each scalar is
 * its source text, so that `1.0` and `00123` stay what they are; only null is not text.
 */
export function readYaml(text: string, scalars: 'typed' | 'text' = 'typed'): YamlText {
  const lines = new LineCounter();
  const parser = new ShallowParser(lines.addNewLine);
  const document = composed(parser, text.replace(/^\uFEFF/, ''), {
    prettyErrors: false,
    uniqueKeys: false,
    // Warnings would be printed across the screen.
    logLevel: 'error',
    ...(scalars === 'text' && { schema: 'failsafe', customTags: ['null', 'merge'] }),
  });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (!document) {
    return {
      document: new Document(),
      problems: [{ ...place(parser.offset), what: TOO_DEEP }],
      place,
      toJS: () => null,
    };
  }
  const errors = document.errors.map((error) => ({
    ...place(error.pos[0]),
    what: SENTENCES[error.code] ?? printable(error.message.replace(/\.$/, ''), 120),
  }));
  return {
    document,
    problems: errors.length > 0 ? errors : nodeProblems(document, place),
    place,
    toJS: () => {
      const value: unknown = document.toJS({ maxAliasCount: 100 });
      if (isTooDeep(value)) throw new TooDeep();
      return value;
    },
  };
}

/** What it builds of the text it hands over as a whole, so that nothing has walked it where it stops. */
class ShallowParser extends Parser {
  override *next(source: string): ReturnType<Parser['next']> {
    yield* super.next(source);
    const top = this.stack.at(-1);
    // The lowest is the document.
    if (this.stack.length > DEEPEST + 1 && top && 'items' in top) throw new TooDeep();
  }
}

/** As the library's own `parseDocument`; `undefined` where it is too deep. */
function composed(parser: Parser, text: string, options: DocumentOptions): Document | undefined {
  const composer = new Composer(options);
  try {
    const [first, second] = composer.compose(parser.parse(text), true, text.length);
    if (first && second) {
      const [start, end] = second.range;
      first.errors.push(new YAMLParseError([start, end], 'MULTIPLE_DOCS', ''));
    }
    return first;
  } catch (error) {
    if (error instanceof TooDeep) return undefined;
    throw error;
  }
}

/** Resolving an alias looks at all anchors and aliases before it. */
const MOST_ALIASES = 1_000;

/**
 * Duplicate keys in a map, keys that no object can hold, keys that are no text (the placeholders of templates), and
 * aliases of nothing.
 */
function nodeProblems(document: Document, place: YamlText['place']): YamlProblem[] {
  const problems: YamlProblem[] = [];
  const anchors = new Set<string>();
  let aliases = 0;
  const report = (node: unknown, what: string) => {
    const offset = isNode(node) && node.range ? node.range[0] : 0;
    problems.push({ ...place(offset), what });
  };
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        aliases += 1;
        if (!anchors.has(node.source)) report(node, SENTENCES.BAD_ALIAS ?? '');
        if (aliases <= MOST_ALIASES) return undefined;
        report(node, `more than ${MOST_ALIASES} aliases (*); write the values out`);
        return visit.BREAK;
      }
      if (node.anchor !== undefined) anchors.add(node.anchor);
      if (isMap(node)) checkKeys(node, report);
      return undefined;
    },
  });
  return problems;
}

function checkKeys(map: YAMLMap, report: (node: unknown, what: string) => void): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (isMap(key) || isSeq(key)) {
      report(key, placeholder(key) ?? 'a key must be text, not a map or a list');
      continue;
    }
    const name = String(isScalar(key) ? key.value : key);
    // An object would take it for its prototype, and lose the value.
    if (name === '__proto__') report(key, "a key can't be named __proto__");
    if (seen.has(name)) report(key, `the key ${printable(name)} is listed twice; keep one`);
    seen.add(name);
  }
}

/** `{{NAME}}` reads as a map whose key is a map whose key is NAME. */
function placeholder(key: unknown): string | undefined {
  const only = isMap(key) && key.items.length === 1 ? (key.items[0] as Pair) : undefined;
  if (!isPair(only) || !isScalar(only.key)) return undefined;
  const name = printable(String(only.key.value), 40);
  return `{{${name}}} is a placeholder that no template filled in; write its value`;
}
