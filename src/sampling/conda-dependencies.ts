/** The packages that a conda file names, and those of its requirements files. */
import { isMap, isScalar, isSeq } from 'yaml';
import { parseRequirement, type Requirement } from './requirement.js';
import { readYaml } from './yaml-text.js';

export interface Dependency extends Requirement {
  line: number;
}

/** Nobody writes a longer one; the rest of the file is still judged. */
export const longestRequirement = 2_000;

/** The files of real models have a few kilobytes. */
export const longestFile = 2 * 1024 * 1024;

interface Dependencies {
  conda: Dependency[];
  pip: Dependency[];
  dependenciesLine: number;
  files: RequirementsFile[];
  /** Lines of dependencies that are not read. */
  tooLong: number[];
}

export function readDependencies(text: string, file: string): Dependencies | CondaFinding {
  const { document, problems, place } = readYaml(text, 'text');
  const lineOf = (node: unknown): number => {
    const start = (node as { range?: [number, number, number] } | null)?.range?.[0];
    return start === undefined ? 1 : place(start).line;
  };
  const [broken] = problems;
  if (broken) {
    return {
      level: 'error',
      file,
      line: broken.line,
      what: `Not valid YAML: ${broken.what}.`,
      advice: 'Correct the file; the container is built from it.',
    };
  }
  const root = document.contents;
  const list = isMap(root) ? root.get('dependencies', true) : undefined;
  if (!isSeq(list)) {
    return {
      level: 'error',
      file,
      line: 1,
      what: 'There is no list named dependencies.',
      advice: 'Write the environment as `mlflow` does: name, channels, dependencies.',
    };
  }
  const files: RequirementsFile[] = [];
  const tooLong: number[] = [];
  const requirements = (items: readonly unknown[]): Dependency[] =>
    items.flatMap((item) => {
      if (!isScalar(item)) return [];
      const value = String(item.value);
      const line = lineOf(item);
      if (value.length > longestRequirement) tooLong.push(line);
      if (value.length > longestRequirement) return [];
      const [, name] = /^(?:-r|--requirement)[\s=]*(\S+)$/.exec(value.trim()) ?? [];
      if (name !== undefined) files.push({ name, line });
      const parsed = parseRequirement(value);
      return parsed ? [{ ...parsed, line }] : [];
    });
  const pip = list.items.flatMap((item) => {
    const inner = isMap(item) ? item.get('pip', true) : undefined;
    return isSeq(inner) ? requirements(inner.items) : [];
  });
  const conda = requirements(list.items);
  return { conda, pip, dependenciesLine: lineOf(list), files, tooLong };
}

export interface CondaFinding {
  /** `error`: the deployment will not start. `warning`: it may not, or not for long. */
  level: 'error' | 'warning';
  /** Relative to the model's folder. */
  file: string;
  /** From 1. */
  line?: number;
  what: string;
  advice: string;
}

/** Lines such as `-r requirements.txt`. */
export interface RequirementsFile {
  name: string;
  line: number;
}
