/** What would break a line, or hide and reorder text for a reader; JSON leaves it as it is. */
const UNREADABLE = /[\p{Cf}\u007f-\u009f\u2028\u2029]/gu;

const escape = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** A JSON string is a Python string too. */
const quoted = (text: string): string => JSON.stringify(text).replaceAll(UNREADABLE, escape);

/** The inside an f-string in double quotes. */
export const pythonInner = (text: string): string =>
  quoted(text).slice(1, -1).replaceAll(/[{}]/g, '$&$&');

/** Values as Python source. */
export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value).map(
      ([name, each]) => `${quoted(name)}: ${pythonLiteral(each)}`,
    );
    return `{${members.join(', ')}}`;
  }
  if (typeof value === 'string') return quoted(value);
  // Of the numbers, JSON has no word for those that are none.
  return JSON.stringify(value) === 'null' ? 'None' : JSON.stringify(value);
}

/** `Name(a=1, b="x")` over several lines; members that are `undefined` are left out. */
export function pythonCall(name: string, members: Record<string, string | undefined>): string[] {
  const given = Object.entries(members).filter(([, code]) => code !== undefined);
  return [`${name}(`, ...given.map(([key, code]) => `    ${key}=${code ?? ''},`), ')'];
}
