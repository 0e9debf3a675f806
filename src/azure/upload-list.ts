/** Which files of a folder are uploaded, where to, and in which order. */
import { opendir, realpath, stat } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import type { IgnoreFile } from './ignore-file.js';

export interface UploadFile {
  /** Absolute, links resolved. */
  local: string;
  /** Below the folder, with slashes. */
  remote: string;
  bytes: number;
}

/** Sorted by local path and code point: the first is the indicator, which tells completeness. */
export async function uploadList(folder: string, ignored: IgnoreFile): Promise<UploadFile[]> {
  const files: UploadFile[] = [];
  await walk(folder, '', ignored, files, new Set());
  const key = (file: UploadFile): Buffer => Buffer.from(file.local.split(sep).join('/'), 'utf8');
  return files.sort((a, b) => Buffer.compare(key(a), key(b)));
}

async function walk(
  folder: string,
  prefix: string,
  ignored: IgnoreFile,
  files: UploadFile[],
  above: ReadonlySet<string>,
): Promise<void> {
  const actual = await realpath(folder);
  // A link to a folder above would never end.
  if (above.has(actual)) return;
  for await (const entry of await opendir(actual)) {
    const path = join(actual, entry.name);
    const info = await stat(path).catch(() => undefined);
    const remote = posix.join(prefix, entry.name);
    if (info?.isDirectory()) {
      await walk(path, remote, ignored, files, new Set([...above, actual]));
    } else if (info?.isFile() && !ignored.excludes(path)) {
      files.push({ local: await realpath(path), remote, bytes: info.size });
    }
  }
}
