/** A file's bytes, front to back, while the next piece is read ahead. */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { InputError, pathProblem, printable } from './input-error.js';

const pieceBytes = 512 * 1024;

export interface FilePieces {
  totalBytes: number;
  /** Each is only lent: its bytes are overwritten when the one after the next is asked for. */
  pieces: AsyncIterable<Buffer>;
  /** Bytes given out so far. */
  readBytes(): number;
  /** Of all that was given out, hex; once. */
  sha256(): string;
}

/** @throws InputError where there is no such regular file, or it may not be read. */
export async function filePieces(path: string, signal?: AbortSignal): Promise<FilePieces> {
  const found = await stat(path).catch((error: unknown) => {
    throw pathProblem(path, error);
  });
  if (found.isDirectory()) throw pathProblem(path, { code: 'EISDIR' });
  if (!found.isFile()) throw new InputError(`${printable(path, 200)} is not a regular file.`);
  const hash = createHash('sha256');
  let readBytes = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    const file = await open(path).catch((error: unknown) => {
      throw pathProblem(path, error);
    });
    const buffers = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)];
    const read = (turn: number) => file.read(buffers[turn % 2] as Buffer, 0, pieceBytes, null);
    let ahead = read(0);
    try {
      for (let turn = 0; ; turn++) {
        const { bytesRead, buffer } = await ahead;
        if (bytesRead === 0) return;
        ahead = read(turn + 1);
        signal?.throwIfAborted();
        const piece = buffer.subarray(0, bytesRead);
        hash.update(piece);
        readBytes += bytesRead;
        yield piece;
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
    totalBytes: found.size,
    pieces: pieces(),
    readBytes: () => readBytes,
    sha256: () => hash.digest('hex'),
  };
}
