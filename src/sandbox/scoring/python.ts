/** The Python of this machine that models without an ONNX flavor are served with. */
import { execFile } from 'node:child_process';

/** Names a Python with mlflow; those of the path are not tried then. */
export const PYTHON_VARIABLE = 'AML_ROLLOUT_SANDBOX_PYTHON';

interface Python {
  /** The interpreter itself, past any shim. */
  executable: string;
  version: string;
  mlflow: string;
}

/** Milliseconds; a cold shim on a busy machine takes seconds. */
const ANSWER_WITHIN = 30_000;

/** Finds the package without importing it, which would take seconds. */
const QUESTION = `
import importlib.metadata, importlib.util, json, sys
def version(*names):
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
found = importlib.util.find_spec("mlflow") is not None
print(json.dumps({
    "executable": sys.executable,
    "version": sys.version.split()[0],
    "mlflow": (version("mlflow", "mlflow-skinny") or "of unknown version") if found else None,
}))
`;

/**
 * The first Python that has mlflow, or a phrase for each that was asked, saying what it lacks.
 * @param environment of this process
 */
export async function findPython(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Python | string[]> {
  const named = environment[PYTHON_VARIABLE]?.trim();
  const candidates = named === undefined || named === '' ? ['python3', 'python'] : [named];
  const lacks: string[] = [];
  for (const candidate of candidates) {
    const found = await ask(candidate, environment);
    if (typeof found === 'object') return found;
    lacks.push(found);
  }
  return lacks;
}

function ask(command: string, environment: NodeJS.ProcessEnv): Promise<Python | string> {
  return new Promise((resolve) => {
    const options = {
      env: childEnvironment(environment),
      timeout: ANSWER_WITHIN,
      windowsHide: true,
    };
    execFile(command, ['-c', QUESTION], options, (error, stdout) => {
      if ((error as NodeJS.ErrnoException | null)?.code === 'ENOENT') {
        resolve(`there is no ${command}`);
        return;
      }
      const told = error === null ? parse(stdout) : undefined;
      if (told === undefined) resolve(`${command} does not run`);
      else if (told.mlflow === null) resolve(`${command} (Python ${told.version}) has no mlflow`);
      else resolve({ ...told, mlflow: told.mlflow });
    });
  });
}

function parse(text: string): (Omit<Python, 'mlflow'> & { mlflow: string | null }) | undefined {
  try {
    // A site's own customization may say something before.
    return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Omit<Python, 'mlflow'> & {
      mlflow: string | null;
    };
  } catch {
    return undefined;
  }
}

/** What an interpreter needs to start and to find its libraries; nothing else is handed down. */
const HANDED_DOWN =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|VIRTUAL_ENV|CONDA_PREFIX|PYENV_\w+|ASDF_\w+|LD_LIBRARY_PATH|DYLD_\w+|SYSTEMROOT|SYSTEMDRIVE|WINDIR|PATHEXT|COMSPEC|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|NUMBER_OF_PROCESSORS|PROCESSOR_\w+)$/i;

/**
 * The environment of a Python child. Proxies, tokens and settings of the sandbox's own process stay
 * out: a model is foreign code, and the container it plays in Azure would not see them either.
 */
export function childEnvironment(
  environment: NodeJS.ProcessEnv,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && HANDED_DOWN.test(entry[0]),
  );
  return { ...more, ...Object.fromEntries(kept) };
}
