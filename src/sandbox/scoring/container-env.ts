/**
 * Would Azure's container for no-code MLflow deployments build and start with this environment?
 * The rules were learned from public reports about the service (Azure/azureml-examples pull
 * requests 3873, 3923, 4008 and 4051; MicrosoftLearning/mslearn-mlops issue 60).
 */
import { parse } from 'yaml';

export type EnvironmentProblem =
  | { kind: 'image-build'; log: string[] }
  /** The image builds, but no worker boots in it. */
  | { kind: 'crash'; log: string[] };

/**
 * Microsoft Learn, "Guidelines for deploying MLflow models": the packages of a no-code deployment are
 * installed when it starts, which takes the internet; without egress the model has to be packaged.
 */
export const NO_EGRESS: EnvironmentProblem = {
  kind: 'crash',
  log: [
    "Installing the packages of the model's conda.yaml",
    'CondaHTTPError: HTTP 000 CONNECTION FAILED for url <https://conda.anaconda.org/conda-forge/linux-64/repodata.json>',
    'egressPublicNetworkAccess is Disabled: the packages of a no-code deployment can not be downloaded. Package the model and deploy the package.',
    'Worker failed to boot.',
  ],
};

/** The first version whose scoring server the service's scoring script can't use. */
const MLFLOW_TOO_NEW = [3, 7];
const OLDEST_PYTHON = [3, 8];

/** Package name in lower case with dashes, to its version constraint (`''` where there is none). */
type Packages = Map<string, string>;

/**
 * @param conda text of conda.yaml
 * @param requirements text of requirements.txt, for `-r requirements.txt` in the pip section
 */
export function judgeEnvironment(
  conda: string,
  requirements: string | undefined,
): EnvironmentProblem | undefined {
  let packages: Packages;
  try {
    packages = readPackages(parse(conda), requirements ?? '');
  } catch {
    return { kind: 'image-build', log: ['conda.yaml is not readable as YAML.'] };
  }
  const python = packages.get('python');
  const newestPython = python === undefined ? undefined : upperBound(python);
  if (newestPython !== undefined && below(newestPython, OLDEST_PYTHON))
    return {
      kind: 'image-build',
      log: [
        'Solving environment: failed',
        'ResolvePackageNotFound:',
        `  - python${python ?? ''}  (end of life; the channels no longer offer it)`,
      ],
    };
  const mlflow = packages.get('mlflow') ?? packages.get('mlflow-skinny');
  if (mlflow === undefined) return noModule('mlflow', 'mlflow');
  // azureml-defaults brings the server with it.
  if (!packages.has('azureml-inference-server-http') && !packages.has('azureml-defaults'))
    return noModule('azureml_inference_server_http', 'azureml-inference-server-http');
  if (!packages.has('azureml-ai-monitoring'))
    return noModule('azureml.ai', 'azureml-ai-monitoring');
  const newest = upperBound(mlflow);
  if (newest === undefined || !below(newest, MLFLOW_TOO_NEW))
    return {
      kind: 'crash',
      log: [
        'Exception in worker process',
        `The scoring script does not start with the mlflow that "mlflow${mlflow}" installs.`,
        'MLflow 3.7 and newer do not work in a no-code deployment; pin mlflow<3.7 in conda.yaml.',
        'Worker failed to boot.',
      ],
    };
  return undefined;
}

function noModule(module: string, distribution: string): EnvironmentProblem {
  return {
    kind: 'crash',
    log: [
      'Exception in worker process',
      'Traceback (most recent call last):',
      `ModuleNotFoundError: No module named '${module}'`,
      `The environment of the model does not list ${distribution}.`,
      'Worker failed to boot.',
    ],
  };
}

function readPackages(conda: unknown, requirements: string): Packages {
  const packages: Packages = new Map();
  const dependencies = (conda as { dependencies?: unknown } | null)?.dependencies;
  if (!Array.isArray(dependencies)) return packages;
  for (const entry of dependencies as unknown[]) {
    if (typeof entry === 'string') add(packages, entry.replace(/^[^\s:]+::/, ''));
    const pip = (entry as { pip?: unknown } | null)?.pip;
    if (!Array.isArray(pip)) continue;
    for (const line of pip.map(String)) {
      if (/^(-r|--requirement)\b/.test(line))
        for (const required of requirements.split(/\r?\n/)) add(packages, required);
      else add(packages, line);
    }
  }
  return packages;
}

function add(packages: Packages, line: string): void {
  const match = /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;#]*)/.exec(line);
  if (match?.[1] === undefined) return;
  packages.set(match[1].toLowerCase().replace(/[_.]/g, '-'), (match[2] ?? '').replace(/\s/g, ''));
}

interface Bound {
  version: number[];
  inclusive: boolean;
}

/** The newest version that a constraint admits; undefined where it sets no upper end. */
function upperBound(constraint: string): Bound | undefined {
  const bounds = constraint
    .split(',')
    .map(specifierBound)
    .filter((bound) => bound !== undefined);
  return bounds.sort((a, b) => compare(a.version, b.version) || (a.inclusive ? 1 : -1))[0];
}

function specifierBound(specifier: string): Bound | undefined {
  const match = /^(={1,3}|~=|<=|<)?v?(\d+(?:\.\d+)*)(\.\*)?/.exec(specifier);
  if (match === null) return undefined;
  const [, operator = '=', text = '', wildcard] = match;
  const version = text.split('.').map(Number);
  const last = version.length - 1;
  if (operator === '<') return { version, inclusive: false };
  if (operator === '~=') return { version: bump(version, Math.max(0, last - 1)), inclusive: false };
  // conda's single `=` and a wildcard mean "any release that begins so".
  if (operator === '=' || wildcard !== undefined)
    return { version: bump(version, last), inclusive: false };
  return { version, inclusive: true };
}

function bump(version: number[], at: number): number[] {
  return [...version.slice(0, at), (version[at] ?? 0) + 1];
}

function below(bound: Bound, limit: number[]): boolean {
  const order = compare(bound.version, limit);
  return order < 0 || (order === 0 && !bound.inclusive);
}

function compare(a: number[], b: number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
