/** An MLflow model as a folder on this machine. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readText } from '../common/read-text.js';
import { folderFiles } from './file-bytes.js';
import { InputError, pathProblem, printable } from './input-error.js';
import { parseMlmodel, type MlModel } from './mlmodel.js';
import { withClasses } from './model-classes.js';

export interface ModelFolder {
  /** Absolute. */
  path: string;
  /** The folder's own name. */
  name: string;
  model: MlModel;
}

/**
 * Reads the folder's MLmodel, and the model's classes where its files name them.
 * @throws InputError when there is no such folder, no MLmodel in it (naming a subfolder that has
 * one), or the MLmodel can't be used.
 */
export async function readModelFolder(path: string): Promise<ModelFolder> {
  const absolute = resolve(path);
  const shown = printable(absolute, 200);
  const found = await stat(absolute).catch((error: unknown) => {
    throw pathProblem(absolute, error);
  });
  if (!found.isDirectory()) {
    const advice =
      basename(absolute) === 'MLmodel'
        ? `Name its folder, ${printable(dirname(absolute), 200)}.`
        : 'Name the folder that holds the MLmodel file.';
    throw new InputError(`${shown} is a file; an MLflow model is a folder. ${advice}`);
  }
  const file = join(absolute, 'MLmodel');
  const text = await readText(file).catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw pathProblem(file, error);
    const inside = await subfolderWithModel(absolute);
    throw new InputError(
      `${shown} holds no file named MLmodel, so it is not an MLflow model. ` +
        (inside
          ? `${printable(inside, 200)} does: name that folder.`
          : 'Name the folder that mlflow.<library>.save_model wrote.'),
    );
  });
  const model = await withClasses(parseMlmodel(text, file), folderFiles(absolute));
  return { path: absolute, name: basename(absolute), model };
}

async function subfolderWithModel(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((one) => one.isDirectory())) {
    const inside = join(folder, entry.name);
    const model = await stat(join(inside, 'MLmodel')).catch(() => undefined);
    if (model?.isFile()) return inside;
  }
  return undefined;
}
