/** Files of rows, wherever they lie: on this machine, or handed in by another room. */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { StoredFile } from '../common/stored-file.js';
import { InputError, pathProblem, printable } from './input-error.js';

/** One table, in one file or several with the same columns. */
export interface RowSource {
  /** Finds the same rows again. */
  path: string;
  /** For sentences, the journal and the report. */
  name: string;
  files: readonly StoredFile[];
}

const pieceBytes = 512 * 1024;
/** A file is told by its beginning, which a network may deliver in smaller pieces. */
const leastPiece = 64 * 1024;

/** @throws InputError where there is no such regular file, or it may not be read. */
async function localFile(path: string): Promise<StoredFile> {
  const found = await stat(path).catch((error: unknown) => {
    throw pathProblem(path, error);
  });
  if (found.isDirectory()) throw pathProblem(path, { code: 'EISDIR' });
  if (!found.isFile()) throw new InputError(`${printable(path, 200)} is not a regular file.`);
  const opened = () =>
    open(path).catch((error: unknown) => {
      throw pathProblem(path, error);
    });
  async function* pieces(signal?: AbortSignal): AsyncGenerator<Buffer> {
    const file = await opened();
    const buffers = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)];
    // The next piece is read ahead.
    const read = (turn: number) => file.read(buffers[turn % 2] as Buffer, 0, pieceBytes, null);
    let ahead = read(0);
    try {
      for (let turn = 0; ; turn++) {
        const { bytesRead, buffer } = await ahead;
        if (bytesRead === 0) return;
        ahead = read(turn + 1);
        signal?.throwIfAborted();
        yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) throw pathProblem(path, error);
      throw error;
    } finally {
      await ahead.catch(() => undefined);
      await file.close();
    }
  }
  return {
    name: basename(path),
    path,
    bytes: found.size,
    open: pieces,
    async slice(start, end) {
      const file = await opened();
      try {
        const bytes = new Uint8Array(end - start);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
        return bytes.buffer.slice(0, bytesRead);
      } finally {
        await file.close();
      }
    },
  };
}

export const fileOf = (file: string | StoredFile): Promise<StoredFile> =>
  typeof file === 'string' ? localFile(file) : Promise.resolve(file);

interface CountedPieces {
  pieces: AsyncIterable<Buffer>;
  /** Bytes given out so far. */
  readBytes(): number;
  /** Of all that was given out, hex; once. */
  sha256(): string;
}

export function countedPieces(file: StoredFile, signal?: AbortSignal): CountedPieces {
  const hash = createHash('sha256');
  let readBytes = 0;
  const counted = (piece: Buffer): Buffer => {
    hash.update(piece);
    readBytes += piece.length;
    return piece;
  };
  async function* pieces(): AsyncGenerator<Buffer> {
    let small: Buffer[] = [];
    let smallBytes = 0;
    for await (const piece of file.open(signal)) {
      if (smallBytes === 0 && piece.length >= leastPiece) {
        yield counted(piece);
        continue;
      }
      small.push(Buffer.from(piece));
      smallBytes += piece.length;
      if (smallBytes < leastPiece) continue;
      yield counted(Buffer.concat(small));
      [small, smallBytes] = [[], 0];
    }
    if (smallBytes > 0) yield counted(Buffer.concat(small));
  }
  return { pieces: pieces(), readBytes: () => readBytes, sha256: () => hash.digest('hex') };
}

export async function isParquet(file: StoredFile): Promise<boolean> {
  if (file.bytes < 4) return false;
  return Buffer.from(await file.slice(0, 4)).toString('latin1') === 'PAR1';
}
