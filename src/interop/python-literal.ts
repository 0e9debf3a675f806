/** Values as Python source. A JSON string is a Python string too. */
export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value).map(
      ([name, each]) => `${JSON.stringify(name)}: ${pythonLiteral(each)}`,
    );
    return `{${members.join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** `Name(a=1, b="x")` over several lines; members that are `undefined` are left out. */
export function pythonCall(name: string, members: Record<string, string | undefined>): string[] {
  const given = Object.entries(members).filter(([, code]) => code !== undefined);
  return [`${name}(`, ...given.map(([key, code]) => `    ${key}=${code ?? ''},`), ')'];
}
