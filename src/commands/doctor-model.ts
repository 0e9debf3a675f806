/** What of a model's folder Azure's upload or its container would stumble over; nothing is sent. */
import { basename, resolve } from 'node:path';
import type { Finding } from '../rollout/preflight/finding.js';
import { lintModelFolder } from '../sampling/folder-lint.js';
import { InputError } from '../sampling/input-error.js';
import { readModelFolder } from '../sampling/model-folder.js';

export async function modelFindings(folder: string): Promise<Finding[]> {
  const name = basename(resolve(folder));
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
      ...found.map(({ level, file, line, what: wrong, advice }): Finding => {
        const at = line === undefined ? file : `${file} line ${line}`;
        return {
          state: level === 'error' ? 'fail' : 'warn',
          what,
          detail: `${name}, ${at}: ${wrong}`,
          advice,
        };
      }),
    ];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return [{ state: 'fail', what, detail: error.message }];
  }
}
