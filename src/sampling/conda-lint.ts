/** Finds in a model's conda.yaml what makes its container fail on Azure, minutes later. */
import { printable } from './input-error.js';
import {
  compareVersions,
  highestAllowed,
  parseRequirement,
  type VersionClause,
} from './requirement.js';
import {
  longestFile,
  readDependencies,
  type Dependency,
  longestRequirement,
} from './conda-dependencies.js';
import type { CondaFinding, RequirementsFile } from './conda-dependencies.js';

/**
 * Lints the text of a conda.yaml for Azure's no-code MLflow serving. Each rule stands for failed
 * deployments that people reported: mlflow 3.7 and newer crash the serving script
 * (Azure/azureml-examples#3873), which imports azureml-ai-monitoring (#3923) and runs under
 * azureml-inference-server-http (MicrosoftLearning/mslearn-aml-cli#5), whose 1.3 crashes at start
 * (Azure/azureml-examples#4009); environments on a Python past its end of life no longer build
 * (MicrosoftLearning/mslearn-mlops#60), and an old pip does not resolve today's packages (#3923).
 * @param requirements texts of the files that lines such as `-r requirements.txt` name
 */
export function lintConda(
  text: string,
  file = 'conda.yaml',
  requirements: ReadonlyMap<string, string> = new Map(),
): CondaFinding[] {
  if (text.length > longestFile) {
    return [
      {
        level: 'error',
        file,
        what: 'The file is longer than 2 MB.',
        advice: 'Write the environment as `mlflow` does: name, channels, dependencies.',
      },
    ];
  }
  const read = readDependencies(text, file);
  if ('level' in read) return [read];
  const { conda, pip, dependenciesLine, files, tooLong } = read;
  const all = [...conda, ...pip, ...filed(files, requirements)];
  return [
    ...tooLong.map((line): CondaFinding => ({
      level: 'error',
      file,
      line,
      what: 'This dependency is longer than 2,000 characters.',
      advice: 'Write a name and a version, e.g. "- mlflow==2.22.1".',
    })),
    ...lintFiles(files, requirements, file),
    ...lintMlflow(all, file),
    ...lintServing(all, dependenciesLine, file),
    ...lintServer(all, conda, file),
    ...lintPip(all, conda, file),
    ...lintPython(conda, dependenciesLine, file),
    ...lintScikitLearn(all, file),
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function lintMlflow(all: readonly Dependency[], file: string): CondaFinding[] {
  return all
    .filter(({ name }) => name === 'mlflow' || name === 'mlflow-skinny')
    .flatMap(({ name, text, line, clauses }): CondaFinding[] => {
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
          advice: allowsBelow(clauses, [3, 7])
            ? `Pin the version that trained the model, below 3.7, e.g. ${name}<3.7.`
            : `Log the model again with ${name}<3.7, or give the deployment an environment and a scoring script of its own (environment, code_configuration).`,
        },
      ];
    });
}

/** Whether a version below that one is allowed, too. */
const allowsBelow = (clauses: readonly VersionClause[], version: readonly number[]): boolean =>
  !clauses.some(
    (each) => /^(?:===?|=|~=|>=?)$/.test(each.operator) && !isBelow(each.version, version),
  );

const servingPackages: { name: string; broughtBy: string[]; why: string }[] = [
  {
    name: 'azureml-inference-server-http',
    broughtBy: ['azureml-defaults'],
    why: "the web server of Azure's container",
  },
  { name: 'azureml-ai-monitoring', broughtBy: [], why: "imported by Azure's scoring script" },
];

function lintServing(all: readonly Dependency[], line: number, file: string): CondaFinding[] {
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

/** 1.3.0 to 1.3.4 import azureml.contrib.services, which is not there; 1.4 wants Python 3.9. */
function lintServer(
  all: readonly Dependency[],
  conda: readonly Dependency[],
  file: string,
): CondaFinding[] {
  const python = pythonOf(conda);
  // Below 3.8 nothing is installed at all.
  if (python !== undefined && isBelow(python, [3, 8])) return [];
  const old = python !== undefined && isBelow(python, [3, 9]);
  return all
    .filter(({ name }) => name === 'azureml-inference-server-http')
    .flatMap(({ text, line, clauses }): CondaFinding[] => {
      const highest = highestAllowed(clauses) ?? [Infinity];
      const installed = old && !isBelow(highest, [1, 4]) ? [1, 3, 4] : highest;
      if (isBelow(installed, [1, 3]) || !isBelow(installed, [1, 4])) return [];
      return [
        {
          level: 'error',
          file,
          line,
          what: `${printable(text)} installs 1.3, which crashes at start (No module named 'azureml.contrib').`,
          advice: old
            ? 'Write azureml-inference-server-http<1.3: newer ones that start require Python 3.9.'
            : 'Write azureml-inference-server-http>=1.4.',
        },
      ];
    });
}

/** MLflow writes the pip that trained the model as an upper limit. */
function lintPip(
  all: readonly Dependency[],
  conda: readonly Dependency[],
  file: string,
): CondaFinding[] {
  const python = pythonOf(conda);
  if (python === undefined || isBelow(python, [3, 10])) return [];
  return all
    .filter(({ name }) => name === 'pip')
    .flatMap(({ text, line, clauses }): CondaFinding[] => {
      const highest = highestAllowed(clauses);
      if (!highest || !isBelow(highest, [22])) return [];
      return [
        {
          level: 'warning',
          file,
          line,
          what: `${printable(text)} is older than Python 3.10, and may not resolve its packages.`,
          advice: 'Write "- pip" without a version.',
        },
      ];
    });
}

const pythonOf = (conda: readonly Dependency[]): number[] | undefined =>
  highestAllowed(conda.find(({ name }) => name === 'python')?.clauses ?? []);

/** Names of the files that a conda.yaml takes requirements from, relative to the model's folder. */
export function requirementsFiles(text: string): string[] {
  const read = text.length > longestFile ? undefined : readDependencies(text, '');
  return read && 'files' in read ? read.files.map(({ name }) => name) : [];
}

function filed(
  files: readonly RequirementsFile[],
  requirements: ReadonlyMap<string, string>,
): Dependency[] {
  return files.flatMap(({ name, line }) =>
    (requirements.get(name) ?? '')
      .slice(0, longestFile)
      .split(/\r?\n/)
      .filter((text) => text.length <= longestRequirement)
      .flatMap((text) => {
        const parsed = parseRequirement(text);
        return parsed ? [{ ...parsed, line }] : [];
      }),
  );
}

function lintFiles(
  files: readonly RequirementsFile[],
  requirements: ReadonlyMap<string, string>,
  file: string,
): CondaFinding[] {
  return files.map(({ name, line }): CondaFinding => {
    const isThere = requirements.has(name);
    return {
      level: isThere ? 'warning' : 'error',
      file,
      line,
      what: isThere
        ? `The packages are listed in ${printable(name)}, which Azure's image build may not find.`
        : `${printable(name)} is not in the model's folder, so its packages are not installed.`,
      advice: 'List the packages here under pip.',
    };
  });
}

function lintPython(conda: readonly Dependency[], line: number, file: string): CondaFinding[] {
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

function lintScikitLearn(all: readonly Dependency[], file: string): CondaFinding[] {
  return all.flatMap(({ name, text, line, clauses }): CondaFinding[] => {
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

function isBelow(version: readonly number[], than: readonly number[]): boolean {
  return compareVersions(version, than) < 0;
}

/** What a failed read of conda.yaml means, as a finding. */
export function missingConda(file: string): CondaFinding {
  return {
    level: 'error',
    file,
    what: 'The file is missing; Azure builds the container from it.',
    advice: 'Log the model again with MLflow, or add the conda.yaml of its training.',
  };
}
