/**
 * The content hash that the official client names an uploaded folder by (`get_object_hash`).
 * The same content must have the same name, whoever uploads it, so that it is uploaded once.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { IgnoreFile } from './ignore-file.js';
import type { UploadFile } from './upload-list.js';

// The first is written: azure-ai-ml 1.35 hashes with SHA-256. Older ones did with MD5, and what
// they uploaded is recognised; all else is the same.
export const HASHES = ['sha256', 'md5'] as const;
type HashName = (typeof HASHES)[number];
type AssetHashes = Record<HashName, string>;

const SEED = 'Initialize for october 2021 AML CLI version';

/** Hex digests of a file or folder, all in one reading. */
export async function assetHashes(path: string, ignored: IgnoreFile): Promise<AssetHashes> {
  const hashes = HASHES.map((name) => createHash(name).update(SEED, 'ascii'));
  if ((await stat(path)).isDirectory()) await addFolder(path, hashes, ignored, new Set());
  else await addFile(path, hashes);
  const [sha256 = '', md5 = ''] = hashes.map((hash) => hash.digest('hex'));
  return { md5, sha256 };
}

async function addFolder(
  folder: string,
  hashes: Hash[],
  ignored: IgnoreFile,
  above: ReadonlySet<string>,
): Promise<void> {
  const here = await realpath(folder);
  // A link to a folder above would never end.
  if (above.has(here)) return;
  for (const name of await sortedNames(folder)) {
    const path = join(folder, name);
    if (ignored.excludes(path)) continue;
    for (const hash of hashes) hash.update(name, 'utf8');
    // Of a link, what it leads to; a linked folder is walked where it really is.
    const linked = (await lstat(path)).isSymbolicLink();
    const actual = linked ? await realpath(path).catch(() => undefined) : path;
    const info = actual === undefined ? undefined : await stat(actual);
    if (actual === undefined || info === undefined) continue;
    if (info.isFile()) await addFile(actual, hashes);
    else if (info.isDirectory()) {
      await addFolder(actual, hashes, ignored, new Set([...above, here]));
    }
  }
}

/** By lower-cased name and code point; ties stay in the file system's order, as in Python. */
async function sortedNames(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of await opendir(folder)) names.push(entry.name);
  const keys = new Map(names.map((name) => [name, Buffer.from(name.toLowerCase(), 'utf8')]));
  return names.sort((a, b) => Buffer.compare(keys.get(a) ?? EMPTY, keys.get(b) ?? EMPTY));
}

const EMPTY = Buffer.alloc(0);

/** What the official client finds a registered code version by (`get_content_hash`). */
export async function codeHash(files: readonly UploadFile[]): Promise<string> {
  const key = ({ remote }: UploadFile): Buffer => Buffer.from(remote.toLowerCase(), 'utf8');
  const sorted = files.toSorted((a, b) => Buffer.compare(key(a), key(b)));
  const hash = createHash('sha256').update(String(files.length));
  for (const { remote, bytes } of sorted) hash.update(`#${remote}#${bytes}`, 'utf8');
  for (const { local } of sorted) await addFile(local, [hash]);
  return hash.digest('hex');
}

/** Of the way that `codeHash` hashes; the official client's number. */
export const CODE_HASH_VERSION = '202208';

async function addFile(path: string, hashes: Hash[]): Promise<void> {
  for await (const chunk of createReadStream(path)) {
    for (const hash of hashes) hash.update(chunk as Buffer);
  }
}
