/**
 * How deep lists and objects may be inside one another in what is read from outside: files, journals and answers. What
 * walks a value takes a call for each level, and `JSON.stringify`, `structuredClone` and our own walks overflow the stack
 * each at another depth. `JSON.parse` itself does not.
 */
export const DEEPEST = 100;

/** Without a full stop: the reader puts the place before it. */
export const TOO_DEEP = `lists and objects are nested more than ${DEEPEST} levels deep`;

/** A `SyntaxError`, so that who takes other text that is not JSON takes this one too. */
export class TooDeep extends SyntaxError {
  constructor() {
    super(TOO_DEEP);
  }
}

/** @throws SyntaxError as `JSON.parse` does; TooDeep */
export function parseShallow(text: string): unknown {
  checkDepth(text);
  return JSON.parse(text);
}

/** Of JSON, before it is parsed. @throws TooDeep */
export function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '"':
        at = closingQuote(text, at);
        break;
      case '[':
      case '{':
        depth += 1;
        if (depth > DEEPEST) throw new TooDeep();
        break;
      case ']':
      case '}':
        depth -= 1;
        break;
      default:
    }
  }
}

function closingQuote(text: string, opening: number): number {
  let at = opening + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** Of a value that came from other text than JSON. */
export const isTooDeep = (value: unknown, levels = DEEPEST): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !ArrayBuffer.isView(value) &&
  (levels === 0 || Object.values(value).some((each) => isTooDeep(each, levels - 1)));
