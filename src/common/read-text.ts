import { readFile, stat } from 'node:fs/promises';

/** A file's text; rejects for pipes and devices, which may never end. */
export async function readText(path: string): Promise<string> {
  const found = await stat(path);
  if (!found.isFile() && !found.isDirectory()) {
    throw Object.assign(new Error(`${path} is not a regular file.`), {
      code: 'it is not a regular file',
    });
  }
  return readFile(path, 'utf8');
}
