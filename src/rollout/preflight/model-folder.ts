/** What of a model's folder Azure's upload or its container would stumble over; nothing is sent. */
import { resolve, sep } from 'node:path';
import type { Workspace } from '../../azure/types.js';
import type { CondaFinding } from '../../sampling/conda-dependencies.js';
import { lintModelFolder } from '../../sampling/folder-lint.js';
import { InputError } from '../../sampling/input-error.js';
import { readModelFolder } from '../../sampling/model-folder.js';
import type { PreflightFinding } from './finding.js';

/** Each folder once, with the end of its path by which it differs from the others. */
export function namesApart(folders: readonly string[]): Map<string, string> {
  const paths = new Map(folders.map((folder) => [folder, resolve(folder)]));
  const end = (path: string, parts: number) => path.split(sep).slice(-parts).join(sep);
  const nameOf = (path: string): string => {
    const others = [...new Set(paths.values())].filter((each) => each !== path);
    let parts = 1;
    while (
      end(path, parts) !== path &&
      others.some((each) => end(each, parts) === end(path, parts))
    )
      parts += 1;
    return end(path, parts);
  };
  return new Map([...paths].map(([folder, path]) => [folder, nameOf(path)]));
}

/**
 * @param name the model's, for the person
 * @param ownEnvironment the deployment names an environment, so that the model's own is not built
 */
export function lintFinding(
  { level, file, line, what, advice }: CondaFinding,
  name: string,
  ownEnvironment: boolean,
): PreflightFinding {
  const at = line === undefined ? file : `${file} line ${line}`;
  // With its own environment it may have its own scoring script, too.
  const harmless = ownEnvironment && /\.(ya?ml|txt|onnx)$/.test(file);
  return {
    state: level === 'error' && !harmless ? 'fail' : 'warn',
    what: 'model',
    detail: `${name}, ${at}: ${what}`,
    advice,
    kind: 'invalid',
  };
}

/** @param name for the person */
export async function modelFindings(
  folder: string,
  name: string,
  filesToUpload: Workspace['filesToUpload'],
  ownEnvironment = false,
): Promise<PreflightFinding[]> {
  const what = 'model';
  try {
    const read = await readModelFolder(folder);
    const found = await lintModelFolder(read, filesToUpload);
    const flavors = read.model.flavors.join(', ');
    const whole = `${name}: ${flavors}${read.model.signature ? ', with a signature' : ''}`;
    return [
      { state: 'ok', what, detail: whole },
      ...(read.model.signature
        ? []
        : [
            {
              state: 'warn' as const,
              what,
              detail: `${name}: MLmodel has no signature, so the server checks no request, and no contract can be compared.`,
              advice: 'Log the model again with a signature (mlflow.models.infer_signature).',
            },
          ]),
      ...found.map((each) => lintFinding(each, name, ownEnvironment)),
    ];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ state: 'fail', what, detail: error.message, kind: 'invalid' }];
  }
}
