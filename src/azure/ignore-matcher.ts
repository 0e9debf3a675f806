/**
 * One pattern of an ignore file, matched part by part. A regular expression, as `ignore` makes of a
 * whole pattern, takes exponential time for some with many wildcards; this takes no more than pattern times path.
 */
import ignore from 'ignore';

const ANY = Symbol('*');
const MANY = Symbol('**');
const SLASH = '/';

type OneUnit = (unit: string) => boolean;
type Part = readonly (typeof ANY | OneUnit)[] | typeof MANY;

/** `undefined` for a line that excludes nothing. Parts are those of a path below the folder. */
export function pathMatcher(line: string): ((path: readonly string[]) => boolean) | undefined {
  if (line === '' || line.startsWith('#')) return undefined;
  const units = unitsOf(line);
  if (!units) return undefined;
  const inFolders = units.length > 1 && units.at(-1) === SLASH;
  if (inFolders) units.pop();
  // Git counts the slash in brackets, too.
  const anchored = line.slice(0, -1).includes(SLASH);
  if (line.startsWith(SLASH)) units.shift();
  const parts = partsOf(units);
  // What ends in ** matches whatever is inside, and * does no less with all that is below it.
  if (parts.at(-1) === MANY) parts[parts.length - 1] = [ANY];
  if (!anchored) parts.unshift(MANY);
  return (path) => {
    const end = endOf(parts, path);
    return end !== undefined && (!inFolders || end < path.length);
  };
}

/** How many names of the path it takes, at least, until the pattern has matched. */
function endOf(parts: readonly Part[], path: readonly string[]): number | undefined {
  let part = 0;
  let name = 0;
  // Only the last ** is tried further on: what matched before it at the earliest place stays.
  let again: { part: number; name: number } | undefined;
  while (part < parts.length) {
    const here = parts[part] ?? MANY;
    if (here === MANY) {
      part += 1;
      again = { part, name };
    } else if (name < path.length && matchesName(here, path[name] ?? '')) {
      part += 1;
      name += 1;
    } else if (again && again.name < path.length) {
      again.name += 1;
      ({ part, name } = again);
    } else return undefined;
  }
  return name;
}

function matchesName(part: Exclude<Part, typeof MANY>, name: string): boolean {
  let at = 0;
  let unit = 0;
  let again: { at: number; unit: number } | undefined;
  while (unit < name.length || at < part.length) {
    const here = part[at];
    if (here === ANY) {
      at += 1;
      again = { at, unit };
    } else if (here && unit < name.length && here(name[unit] ?? '')) {
      at += 1;
      unit += 1;
    } else if (again && again.unit < name.length) {
      again.unit += 1;
      ({ at, unit } = again);
    } else return false;
  }
  return true;
}

type Unit = typeof ANY | typeof SLASH | OneUnit;

/** `undefined` where git takes the pattern for invalid: it matches nothing. */
function unitsOf(line: string): Unit[] | undefined {
  const units: Unit[] = [];
  for (let at = 0; at < line.length; at++) {
    const unit = line[at] ?? '';
    if (unit === '[') {
      const end = bracketEnd(line, at);
      if (end === undefined) return undefined;
      units.push(bracket(line.slice(at, end)));
      at = end - 1;
    } else if (unit === '\\') {
      const escaped = line[(at += 1)];
      if (escaped === undefined) return undefined;
      if (escaped === SLASH && at + 1 === line.length) return undefined;
      units.push(escaped === SLASH ? SLASH : (each) => each === escaped);
    } else if (unit === '*') units.push(ANY);
    else if (unit === '?') units.push(() => true);
    else units.push(unit === SLASH ? SLASH : (each) => each === unit);
  }
  return units;
}

function partsOf(units: readonly Unit[]): Part[] {
  const parts: Exclude<Unit, typeof SLASH>[][] = [[]];
  for (const unit of units) {
    if (unit === SLASH) parts.push([]);
    else parts.at(-1)?.push(unit);
  }
  return parts.map((part) => (part.length > 1 && part.every((unit) => unit === ANY) ? MANY : part));
}

/** Past the `]`: the first member is one even where it is a `]`. */
function bracketEnd(line: string, start: number): number | undefined {
  let at = start + 1;
  if (line[at] === '!' || line[at] === '^') at += 1;
  for (let first = true; at < line.length; first = false) {
    if (line[at] === ']' && !first) return at + 1;
    const named = line.startsWith('[:', at) ? /:\]|\]/.exec(line.slice(at + 2)) : null;
    if (named?.[0] === ':]') at += 2 + named.index + 2;
    else at += line[at] === '\\' ? 2 : 1;
  }
  return undefined;
}

/** Ranges, classes and escapes of one unit are the library's. */
function bracket(expression: string): OneUnit {
  const library = ignore({ ignorecase: false, allowRelativePaths: true }).add(`/${expression}`);
  return (unit) => library.ignores(unit);
}
