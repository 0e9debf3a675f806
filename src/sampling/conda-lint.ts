/** Finds in a model's conda.yaml what makes its container fail on Azure, minutes later. */
import { isMap, isScalar, isSeq } from 'yaml';
import { printable } from './input-error.js';
import {
  compareVersions,
  highestAllowed,
  parseRequirement,
  type Requirement,
} from './requirement.js';
import { readYaml } from './yaml-text.js';

export interface Finding {
  /** `error`: the deployment will not start. `warning`: it may not, or not for long. */
  level: 'error' | 'warning';
  /** Relative to the model's folder. */
  file: string;
  /** From 1. */
  line?: number;
  what: string;
  advice: string;
}

interface Dependency extends Requirement {
  line: number;
}

/**
 * Lints the text of a conda.yaml for Azure's no-code MLflow serving. Each rule stands for failed
 * deployments that people reported: mlflow 3.7 and newer crash the serving script
 * (Azure/azureml-examples#3873), which imports azureml-ai-monitoring (#3923) and runs under
 * azureml-inference-server-http (MicrosoftLearning/mslearn-aml-cli#5); environments on a Python
 * past its end of life no longer build (MicrosoftLearning/mslearn-mlops#60).
 */
export function lintConda(text: string, file = 'conda.yaml'): Finding[] {
  const read = readDependencies(text, file);
  if ('level' in read) return [read];
  const { conda, pip, dependenciesLine } = read;
  const all = [...conda, ...pip];
  return [
    ...lintMlflow(all, file),
    ...lintServing(all, dependenciesLine, file),
    ...lintPython(conda, dependenciesLine, file),
    ...lintScikitLearn(all, file),
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function lintMlflow(all: readonly Dependency[], file: string): Finding[] {
  return all
    .filter(({ name }) => name === 'mlflow' || name === 'mlflow-skinny')
    .flatMap(({ name, text, line, clauses }): Finding[] => {
      const highest = highestAllowed(clauses);
      if (highest && isBelow(highest, [3, 7])) return [];
      const pinned = clauses.length > 0;
      return [
        {
          level: 'error',
          file,
          line,
          what: pinned
            ? `${printable(text)} allows mlflow 3.7 or newer, which Azure's scoring script crashes on (502).`
            : `${name} is not pinned, so the newest is installed; Azure's scoring script crashes on mlflow 3.7 and newer (502).`,
          advice: `Pin the version that trained the model, below 3.7, e.g. ${name}<3.7.`,
        },
      ];
    });
}

const servingPackages: { name: string; broughtBy: string[]; why: string }[] = [
  {
    name: 'azureml-inference-server-http',
    broughtBy: ['azureml-defaults'],
    why: "the web server of Azure's container",
  },
  { name: 'azureml-ai-monitoring', broughtBy: [], why: "imported by Azure's scoring script" },
];

function lintServing(all: readonly Dependency[], line: number, file: string): Finding[] {
  const present = new Set(all.map(({ name }) => name));
  return servingPackages
    .filter(({ name, broughtBy }) => ![name, ...broughtBy].some((one) => present.has(one)))
    .map(({ name, why }) => ({
      level: 'error',
      file,
      line,
      what: `${name} is missing: ${why}.`,
      advice: `Add "- ${name}" under pip.`,
    }));
}

function lintPython(conda: readonly Dependency[], line: number, file: string): Finding[] {
  const python = conda.find(({ name }) => name === 'python');
  if (!python || python.clauses.length === 0) {
    return [
      {
        level: 'warning',
        file,
        line: python?.line ?? line,
        what: 'Python has no version here, so the newest is installed.',
        advice: 'Add the Python that trained the model, e.g. "- python=3.11".',
      },
    ];
  }
  const highest = highestAllowed(python.clauses);
  if (!highest || !isBelow(highest, [3, 10])) return [];
  const dead = isBelow(highest, [3, 8]);
  return [
    {
      level: dead ? 'error' : 'warning',
      file,
      line: python.line,
      what: dead
        ? `${printable(python.text)}: this Python is long past its end of life; the image no longer builds.`
        : `${printable(python.text)}: this Python is past its end of life, and packages drop it.`,
      advice: 'Train or at least log the model again on Python 3.10 or newer.',
    },
  ];
}

function lintScikitLearn(all: readonly Dependency[], file: string): Finding[] {
  return all.flatMap(({ name, text, line, clauses }): Finding[] => {
    if (name === 'sklearn') {
      return [
        {
          level: 'error',
          file,
          line,
          what: 'sklearn is only an old name on PyPI; installing it fails.',
          advice: 'Write scikit-learn, with the version that trained the model.',
        },
      ];
    }
    const highest = name === 'scikit-learn' ? highestAllowed(clauses) : undefined;
    if (!highest || !isBelow(highest, [1, 0])) return [];
    return [
      {
        level: 'warning',
        file,
        line,
        what: `${printable(text)} has no ready-made packages for Python 3.10 and newer.`,
        advice: 'Train the model again with scikit-learn 1.0 or newer.',
      },
    ];
  });
}

interface Dependencies {
  conda: Dependency[];
  pip: Dependency[];
  dependenciesLine: number;
}

function readDependencies(text: string, file: string): Dependencies | Finding {
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
  const requirements = (items: readonly unknown[]): Dependency[] =>
    items.flatMap((item) => {
      const parsed = isScalar(item) ? parseRequirement(String(item.value)) : undefined;
      return parsed ? [{ ...parsed, line: lineOf(item) }] : [];
    });
  const pip = list.items.flatMap((item) => {
    const inner = isMap(item) ? item.get('pip', true) : undefined;
    return isSeq(inner) ? requirements(inner.items) : [];
  });
  return { conda: requirements(list.items), pip, dependenciesLine: lineOf(list) };
}

function isBelow(version: readonly number[], than: readonly number[]): boolean {
  return compareVersions(version, than) < 0;
}

/** What a failed read of conda.yaml means, as a finding. */
export function missingConda(file: string): Finding {
  return {
    level: 'error',
    file,
    what: 'The file is missing; Azure builds the container from it.',
    advice: 'Log the model again with MLflow, or add the conda.yaml of its training.',
  };
}
