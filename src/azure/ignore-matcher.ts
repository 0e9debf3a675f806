/**
 * One pattern of an ignore file, matched part by part. A regular expression, as `ignore` makes of a
 * whole pattern, takes exponential time for some with many wildcards; this takes no more than pattern times path.
 */
import ignore from 'ignore';

/** `*` among the units of a name, and `**` among the names of a path. */
const ANY = Symbol('*');
const SLASH = '/';

type One = (text: string) => boolean;
type Pattern = readonly (typeof ANY | One)[];

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
  if (parts.at(-1) === ANY) parts[parts.length - 1] = () => true;
  if (!anchored) parts.unshift(ANY);
  return (path) => {
    const end = endOf(parts, path);
    return end !== undefined && (!inFolders || end < path.length);
  };
}

/**
 * How many units or names it takes, at least, until the pattern has matched.
 * @param whole it has to match all of them
 */
function endOf(pattern: Pattern, text: ArrayLike<string>, whole = false): number | undefined {
  let at = 0;
  let taken = 0;
  // Only the last wildcard is tried further on: what matched before it at the earliest place stays.
  let again: { at: number; taken: number } | undefined;
  while (at < pattern.length || (whole && taken < text.length)) {
    const here = pattern[at];
    if (here === ANY) {
      at += 1;
      again = { at, taken };
    } else if (taken < text.length && here?.(text[taken] ?? '')) {
      at += 1;
      taken += 1;
    } else if (again && again.taken < text.length) {
      again.taken += 1;
      ({ at, taken } = again);
    } else return undefined;
  }
  return taken;
}

type Unit = typeof ANY | typeof SLASH | One;

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

function partsOf(units: readonly Unit[]): (typeof ANY | One)[] {
  const parts: Exclude<Unit, typeof SLASH>[][] = [[]];
  for (const unit of units) {
    if (unit === SLASH) parts.push([]);
    else parts.at(-1)?.push(unit);
  }
  return parts.map((part) =>
    part.length > 1 && part.every((unit) => unit === ANY)
      ? ANY
      : (name) => endOf(part, name, true) !== undefined,
  );
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
function bracket(expression: string): One {
  const library = ignore({ ignorecase: false, allowRelativePaths: true }).add(`/${expression}`);
  return (unit) => library.ignores(unit);
}
