/** A model's folder on this machine's disk, for a server that reads files. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import type { BlobAccess } from '../model.js';
import { ModelFolderProblem } from './model-folder.js';

export interface ModelCopy {
  /** Holds everything below. */
  scratch: string;
  modelFolder: string;
  /** Empty; the server's working directory. */
  workFolder: string;
  remove(): Promise<void>;
}

/** @param prefix what all of these names begin with, up to the folder's own files */
export async function copyModel(
  blobs: BlobAccess,
  prefix: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ModelCopy> {
  const scratch = await mkdtemp(join(tmpdir(), 'aml-rollout-model-'));
  const remove = () => rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  const modelFolder = join(scratch, 'model');
  const workFolder = join(scratch, 'work');
  try {
    await mkdir(workFolder);
    for (const name of names) {
      signal.throwIfAborted();
      const file = resolve(modelFolder, name.slice(prefix.length));
      // Names of blobs come from outside, and `..` is a valid part of one.
      if (!file.startsWith(modelFolder + sep))
        throw new ModelFolderProblem(`The blob ${name} lies outside of the model's folder.`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await blobs.download(name), { mode: 0o600 });
    }
    signal.throwIfAborted();
  } catch (error) {
    await remove();
    throw error;
  }
  return { scratch, modelFolder, workFolder, remove };
}
