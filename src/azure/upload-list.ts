/** Which files of a folder are uploaded, where to, and in which order. */
import { opendir, realpath, stat } from 'node:fs/promises';
import { basename, join, posix, sep } from 'node:path';
import { invalid } from './errors.js';
import type { IgnoreFile } from './ignore-file.js';

export interface UploadFile {
  /** Absolute, links resolved. */
  local: string;
  /** Below the folder, with slashes. */
  remote: string;
  bytes: number;
  /** When it was changed last, in milliseconds. */
  changedAt: number;
}

/** With all that links lead to: links between folders can make a small folder endless. */
const MOST_ENTRIES = 100_000;

/** Sorted by local path and code point: the first is the indicator, which tells completeness. */
export async function uploadList(folder: string, ignored: IgnoreFile): Promise<UploadFile[]> {
  const files: UploadFile[] = [];
  let entries = 0;
  const walk = async (at: string, prefix: string, above: ReadonlySet<string>): Promise<void> => {
    const actual = await realpath(at);
    // A link to a folder above would never end.
    if (above.has(actual)) return;
    for await (const { name } of await opendir(actual)) {
      entries += 1;
      if (entries > MOST_ENTRIES) throw tooMany(folder);
      const path = join(actual, name);
      const info = await stat(path).catch(() => undefined);
      const remote = posix.join(prefix, name);
      if (info?.isDirectory()) {
        await walk(path, remote, new Set([...above, actual]));
      } else if (info?.isFile() && !ignored.excludes(path)) {
        const { size, mtimeMs } = info;
        files.push({ local: await realpath(path), remote, bytes: size, changedAt: mtimeMs });
      }
    }
  };
  await walk(folder, '', new Set());
  const key = (file: UploadFile): Buffer => Buffer.from(file.local.split(sep).join('/'), 'utf8');
  return files.sort((a, b) => Buffer.compare(key(a), key(b)));
}

const tooMany = (folder: string) =>
  invalid(
    `upload ${basename(folder)}`,
    'The folder holds more than 100,000 files, with those that its links lead to.',
    'Keep only the files of the model in it.',
  );

/**
 * An upload is named by the hash of its content, and others take it by that name: files that are not
 * what was hashed must not get it.
 */
export async function checkUnchanged(files: readonly UploadFile[], what: string): Promise<void> {
  for (const { local, remote, bytes, changedAt } of files) {
    const now = await stat(local).catch(() => undefined);
    if (now?.size === bytes && now.mtimeMs === changedAt) continue;
    throw invalid(
      what,
      `${remote} was ${now ? 'changed' : 'deleted'} during the upload, so the upload is not used.`,
      'Wait until nothing writes to the folder, then upload again.',
    );
  }
}

/** A sentence in place of an error of the file system. */
export async function readLocal<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, path, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw invalid(
      what,
      `${path ?? 'A file of the folder'} can't be read (${code}).`,
      'Check that the file exists and that this user may read it.',
    );
  }
}
