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

/** What a name is decoded with in place of bytes that are not UTF-8. */
const NOT_UTF8 = '\uFFFD';

interface Entry {
  name: string;
  /** Absolute, links resolved. */
  actual: string;
  file: { bytes: number; changedAt: number } | undefined;
}

/** The folders and the files to upload of one folder. */
async function listing(actual: string, ignored: IgnoreFile): Promise<Entry[] | 'too many'> {
  const entries: Entry[] = [];
  let seen = 0;
  for await (const dirent of await opendir(actual)) {
    if ((seen += 1) > MOST_ENTRIES) return 'too many';
    const { name } = dirent;
    const path = join(actual, name);
    const excluded = ignored.excludes(path);
    const info = await stat(path).catch((error: unknown) => {
      if (!excluded) refuseUnread(path, error, dirent.isSymbolicLink());
    });
    const isFile = info?.isFile() === true && !excluded;
    if (!info || !(isFile || info.isDirectory())) continue;
    const file = isFile ? { bytes: info.size, changedAt: info.mtimeMs } : undefined;
    const resolved = dirent.isSymbolicLink() ? await realpath(path) : path;
    entries.push({ name, actual: resolved, file });
  }
  return entries;
}

/** Only a link that leads nowhere is left out, as by the official client; for others, throws. */
function refuseUnread(path: string, error: unknown, isLink: boolean): void {
  const { code } = error as NodeJS.ErrnoException;
  const leadsNowhere = code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
  if (isLink && leadsNowhere) return;
  if (code !== 'ENOENT' || !basename(path).includes(NOT_UTF8)) throw error;
  throw invalid(
    `read ${basename(path)}`,
    `The name of ${path} is not UTF-8, so the file can't be uploaded.`,
    'Rename the file, or exclude it in .amlignore.',
  );
}

/** Sorted by local path and code point: the first is the indicator, which tells completeness. */
export async function uploadList(folder: string, ignored: IgnoreFile): Promise<UploadFile[]> {
  const files: UploadFile[] = [];
  // A folder to which many links lead is read once.
  const listings = new Map<string, ReturnType<typeof listing>>();
  let entries = 0;
  const walk = async (
    actual: string,
    prefix: string,
    above: ReadonlySet<string>,
  ): Promise<void> => {
    // A link to a folder above would never end.
    if (above.has(actual)) return;
    let listed = listings.get(actual);
    if (!listed) listings.set(actual, (listed = listing(actual, ignored)));
    const inside = await listed;
    if (inside === 'too many') throw tooMany(folder);
    entries += inside.length;
    if (entries > MOST_ENTRIES) throw tooMany(folder);
    for (const { name, actual: local, file } of inside) {
      const remote = posix.join(prefix, name);
      if (file) files.push({ local, remote, ...file });
      else await walk(local, remote, new Set([...above, actual]));
    }
  };
  await walk(await realpath(folder), '', new Set());
  const key = (file: UploadFile): Buffer => Buffer.from(file.local.split(sep).join('/'), 'utf8');
  return files.sort((a, b) => Buffer.compare(key(a), key(b)));
}

const tooMany = (folder: string) =>
  invalid(
    `upload ${basename(folder)}`,
    'The folder holds more than 100,000 files, including files reached through links.',
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
