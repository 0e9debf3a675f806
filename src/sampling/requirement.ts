/** One dependency of a conda or pip list, and the versions it allows. */

export interface VersionClause {
  operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | '~=' | '=';
  version: number[];
  /** `2.*`: any version that begins so. */
  prefix: boolean;
}

export interface Requirement {
  /** Lower case, `_` and `.` as `-`, as PyPI compares names. */
  name: string;
  /** As written. */
  text: string;
  /** All have to hold. */
  clauses: VersionClause[];
}

const shape = /^(?:[\w.-]+::)?([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(.*)$/;
// A pre-release or build after the numbers (`3.7.0rc1`, `2.9.2=py310_0`) is not compared.
const clause = /(===?|!=|<=|>=|~=|<|>|=)?\s*(\d+(?:\.\d+)*)(\.\*|\*)?[^,|]*/y;

/** `undefined` for lines that name no package: options, URLs, paths. */
export function parseRequirement(text: string): Requirement | undefined {
  const end = text.search(/\s#|;/);
  const bare = (end === -1 ? text : text.slice(0, end)).trim();
  if (bare.startsWith('-') || bare.includes('://')) return undefined;
  const found = shape.exec(bare);
  if (!found) return undefined;
  const [, name = '', rest = ''] = found;
  return {
    name: name.toLowerCase().replace(/[_.]+/g, '-'),
    text: bare,
    clauses: parseClauses(rest.replace(/^\(|\)$/g, '')),
  };
}

function parseClauses(text: string): VersionClause[] {
  const clauses: VersionClause[] = [];
  for (const part of text.split(',')) {
    clause.lastIndex = 0;
    const found = clause.exec(part.trim());
    if (!found) continue;
    const [, operator = '=', numbers = '', star] = found;
    clauses.push({
      operator: (operator === '===' ? '==' : operator) as VersionClause['operator'],
      version: numbers.split('.').map(Number),
      prefix: star !== undefined,
    });
  }
  return clauses;
}

/**
 * A bound that every allowed version is at or below, give or take a patch release; `undefined` when
 * there is none. `<3.7` gives just below 3.7 (`[3, 6, Infinity]`).
 */
export function highestAllowed(clauses: readonly VersionClause[]): number[] | undefined {
  return clauses
    .map(upperBound)
    .filter((bound) => bound !== undefined)
    .sort(compareVersions)[0];
}

function upperBound({ operator, version, prefix }: VersionClause): number[] | undefined {
  switch (operator) {
    case '==':
      return prefix ? [...version, Infinity] : version;
    case '=':
      // conda: `=3.9` means 3.9.*
      return [...version, Infinity];
    case '~=':
      // `~=2.9` allows 2.*, `~=2.9.1` allows 2.9.*
      return [...version.slice(0, -1), Infinity];
    case '<=':
      return version;
    case '<':
      return justBelow(version);
    default:
      return undefined;
  }
}

function justBelow(version: readonly number[]): number[] {
  const end = version.findLastIndex((part) => part > 0);
  if (end === -1) return [0];
  return [...version.slice(0, end), (version[end] as number) - 1, Infinity];
}

/** Missing parts count as 0: 3 and 3.0 are the same version. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const left = a[at] ?? 0;
    const right = b[at] ?? 0;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
