import { readFileSync, statSync, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** Throws for pipes and devices, which may never end; reading a folder fails by itself. */
function refusePipe(path: string, found: Stats): void {
  if (found.isFile() || found.isDirectory()) return;
  throw Object.assign(new Error(`${path} is not a regular file.`), {
    code: 'it is not a regular file',
  });
}

/** A file's bytes; rejects for pipes and devices. */
export async function readBytes(path: string): Promise<Buffer> {
  refusePipe(path, await stat(path));
  return readFile(path);
}

/** A file's text; rejects for pipes and devices. */
export const readText = async (path: string): Promise<string> =>
  (await readBytes(path)).toString('utf8');

/** The same for what has to be read before anything else happens. */
export function readBytesSync(path: string): Buffer {
  refusePipe(path, statSync(path));
  return readFileSync(path);
}

export const readTextSync = (path: string): string => readBytesSync(path).toString('utf8');
