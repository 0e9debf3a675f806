/** Unpacks gzip while it is read. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from './input-error.js';

/**
 * Pieces of a text as they are, or of what is in the gzip; in bounded memory, whatever comes out.
 * @param name for sentences
 */
export async function* unpacked(
  pieces: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer> {
  const source = pieces[Symbol.asyncIterator]();
  try {
    const first = await source.next();
    if (first.done) return;
    const isGzip = first.value[0] === 0x1f && first.value[1] === 0x8b;
    if (!isGzip) {
      yield first.value;
      for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
      return;
    }
    // Copies: a piece is only lent, and the stream holds some of them.
    async function* copies(): AsyncGenerator<Buffer> {
      yield Buffer.from(first.value as Buffer);
      for (let next = await source.next(); !next.done; next = await source.next()) {
        yield Buffer.from(next.value);
      }
    }
    const gunzip = createGunzip({ chunkSize: 256 * 1024 });
    pipeline(Readable.from(copies(), { highWaterMark: 1 }), gunzip, () => undefined);
    try {
      for await (const piece of gunzip) yield piece as Buffer;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (!code.startsWith('Z_')) throw error;
      throw new InputError(`${name} is damaged: its gzip does not unpack. Copy it again.`);
    }
  } finally {
    await source.return?.();
  }
}
