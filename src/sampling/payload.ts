/** The request's body as Azure's scoring server for MLflow models reads it, and `sample.json`. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stringifyJson } from '../common/exact-numbers.js';
import type { CellValue } from './cast.js';
import { InputError, pathProblem, printable } from './input-error.js';
import type { PreparedRow, PreparedRows } from './prepare.js';

/** Microsoft Learn, "Deploy MLflow models to online endpoints": the split and the tensor form. */
interface ScoringBody {
  input_data:
    { columns: (string | number)[]; index: number[]; data: CellValue[][] } | CellValue[][];
}

/**
 * One request for `rows`. The index counts from 0. A request has one set of columns, so that an
 * optional column that one of the rows does not have is left out for all of them.
 */
export function scoringBody(
  prepared: Pick<PreparedRows, 'columns' | 'form'>,
  rows: readonly PreparedRow[],
): ScoringBody {
  const data = rows.map((row) => row.values);
  if (prepared.form === 'tensor') return { input_data: data };
  const index = rows.map((_, at) => at);
  if (!data.some((values) => values.includes(undefined))) {
    return { input_data: { columns: prepared.columns, index, data } };
  }
  const present = prepared.columns.flatMap((_, at) =>
    data.some((values) => values[at] === undefined) ? [] : [at],
  );
  return {
    input_data: {
      columns: present.map((at) => prepared.columns[at] as string | number),
      index,
      data: data.map((values) => present.map((at) => values[at])),
    },
  };
}

/**
 * Writes the body as indented JSON, whole or not at all, over an older file of that name.
 * @returns the absolute path. @throws InputError when the place can't be written.
 */
export async function saveSample(path: string, body: ScoringBody): Promise<string> {
  const absolute = resolve(path);
  const temporary = `${absolute}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${stringifyJson(body, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, absolute);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeProblem(absolute, error);
  }
  return absolute;
}

function writeProblem(path: string, error: unknown): InputError {
  const shown = printable(path, 200);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return new InputError(`${shown} can't be written: its folder does not exist. Create it.`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new InputError(`${shown} can't be written by this user. Choose another place.`);
    case 'ENOSPC':
      return new InputError(`${shown} can't be written: the disk is full.`);
    case 'EISDIR':
    case 'ENOTEMPTY':
      return new InputError(`${shown} is a folder. Name a file to write.`);
    default:
      return pathProblem(path, error);
  }
}
