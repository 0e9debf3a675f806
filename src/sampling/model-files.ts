/** Finds files of a model's folder that are not what MLmodel says they are: gone, or Git LFS pointers. */
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { CondaFinding } from './conda-dependencies.js';
import { printable } from './input-error.js';
import type { ModelFolder } from './model-folder.js';

/** Members of MLmodel's flavors under which MLflow names a file or folder beside it. */
const fileMembers = ['model_path', 'data', 'model_data', 'pickled_model', 'python_model'];

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: a pointer is shorter than 1,024 bytes. */
const pointerStart = Buffer.from('version https://git-lfs.github.com/spec/v1\n');
const longestPointer = 1024;
// A folder of more entries is not walked to its end; what was not looked at is not judged.
const mostEntries = 20_000;
const shownFiles = 5;

const advice =
  'Fetch it with "git lfs pull" in a clone that has Git LFS, or log the model again with MLflow.';

/** Each of these errors makes the container crash, minutes after it was paid for. */
export async function lintModelFiles(folder: ModelFolder): Promise<CondaFinding[]> {
  const named = await namedFiles(folder);
  const pointers = await lfsPointers(folder.path);
  return [
    ...named
      .filter(({ found }) => !found)
      .map(({ file }): CondaFinding => ({
        level: 'error',
        file: 'MLmodel',
        what: `It names ${printable(file)}, which is not in the folder; the container can't load the model.`,
        advice,
      })),
    ...named
      .filter(({ special }) => special)
      .map(({ file }): CondaFinding => ({
        level: 'error',
        file: 'MLmodel',
        what: `It names ${printable(file)}, which is a pipe, a socket or a device and can't be uploaded.`,
        advice: 'Put the file itself in its place, or log the model again with MLflow.',
      })),
    ...pointers.slice(0, shownFiles).map((file): CondaFinding => ({
      level: 'error',
      file: printable(file),
      what: "This is a Git LFS pointer and not the file itself; the container can't load it.",
      advice,
    })),
    ...(pointers.length > shownFiles
      ? [
          {
            level: 'error' as const,
            file: '.',
            what: `${pointers.length - shownFiles} more files are Git LFS pointers.`,
            advice,
          },
        ]
      : []),
  ];
}

interface NamedFile {
  /** Below the folder, with slashes. */
  file: string;
  found: boolean;
  /** A pipe, socket or device, of which nothing is uploaded. */
  special: boolean;
}

/** The files and folders of the model's own folder that MLmodel names. */
export async function namedFiles({ path, model }: ModelFolder): Promise<NamedFile[]> {
  const named = new Set(
    Object.values(model.flavorData).flatMap((flavor) =>
      fileMembers.flatMap((member) => flavor[member] ?? []),
    ),
  );
  const files: NamedFile[] = [];
  for (const name of named) {
    const absolute = resolve(path, name);
    // A place elsewhere is MLflow's own affair: a storage URI, or a path of the training machine.
    if (!absolute.startsWith(path + sep) || name.includes('://')) continue;
    const info = await stat(absolute).catch((error: NodeJS.ErrnoException) => error);
    const gone = info instanceof Error && (info.code === 'ENOENT' || info.code === 'ENOTDIR');
    const special = !(info instanceof Error) && !info.isFile() && !info.isDirectory();
    const file = relative(path, absolute).split(sep).join('/');
    files.push({ file, found: !gone, special });
  }
  return files;
}

async function lfsPointers(root: string): Promise<string[]> {
  const found: string[] = [];
  const folders = [root];
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      entries += 1;
      if (entries > mostEntries) return found;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && (await isPointer(path))) found.push(relative(root, path));
    }
  }
  return found.sort();
}

async function isPointer(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { size } = await file.stat();
    if (size < pointerStart.length || size >= longestPointer) return false;
    const { buffer } = await file.read(
      Buffer.alloc(pointerStart.length),
      0,
      pointerStart.length,
      0,
    );
    return buffer.equals(pointerStart);
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
