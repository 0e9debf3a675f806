/** What of a model's folder Azure's upload or its container would stumble over; nothing is sent. */
import { resolve, sep } from 'node:path';
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

/** @param name for the person */
export async function modelFindings(folder: string, name: string): Promise<PreflightFinding[]> {
  const what = 'model';
  try {
    const read = await readModelFolder(folder);
    const found = await lintModelFolder(read);
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
      ...found.map(({ level, file, line, what: wrong, advice }): PreflightFinding => {
        const at = line === undefined ? file : `${file} line ${line}`;
        return {
          state: level === 'error' ? 'fail' : 'warn',
          what,
          detail: `${name}, ${at}: ${wrong}`,
          advice,
          kind: 'invalid',
        };
      }),
    ];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ state: 'fail', what, detail: error.message, kind: 'invalid' }];
  }
}
