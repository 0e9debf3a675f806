/** A file that is read in parts: on this machine's disk, or in memory. */
import { open } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

export interface FileBytes {
  size: number;
  /** Fewer than `length` at the file's end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a file by its path in a model's folder; `undefined`: it is not there, or can't be read. */
export type OpenFile = (path: string) => Promise<FileBytes | undefined>;

/** `undefined` where there is no such file. */
export async function readFrom<T>(
  open: OpenFile,
  path: string,
  read: (file: FileBytes) => Promise<T | undefined>,
): Promise<T | undefined> {
  const file = await open(path);
  try {
    return file && (await read(file));
  } finally {
    await file?.close();
  }
}

export const bytesInMemory = (bytes: Uint8Array): FileBytes => ({
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  close: () => Promise.resolve(),
});

/** Files of a folder on this machine, and none outside of it. */
export function folderFiles(folder: string): OpenFile {
  return async (path) => {
    const absolute = resolve(folder, path);
    if (!absolute.startsWith(folder + sep)) return undefined;
    try {
      return await openFile(absolute);
    } catch {
      return undefined;
    }
  };
}

async function openFile(path: string): Promise<FileBytes | undefined> {
  const { O_NONBLOCK, O_RDONLY } = (await import('node:fs')).constants;
  // A pipe without a writer would keep `open` waiting for ever.
  const file = await open(path, O_RDONLY | (O_NONBLOCK ?? 0));
  const found = await file.stat();
  if (!found.isFile()) {
    await file.close();
    return undefined;
  }
  return {
    size: found.size,
    async read(offset, length) {
      const buffer = Buffer.alloc(Math.min(length, Math.max(0, found.size - offset)));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}
