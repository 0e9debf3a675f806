/** Bytes of a text file to text, chunk by chunk; finds the encoding, refuses what is no text. */
import { TextDecoder } from 'node:util';
import { InputError } from './input-error.js';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** `good` is the text before the first bad byte, so that the caller can count rows up to it. */
export interface Decoded {
  text: string;
  /** Offset in the file of the first byte that is not valid in the file's encoding. */
  badByteAt?: number;
}

/** From the byte order mark; without one it is UTF-8. */
export function encodingOf(head: Uint8Array): TextEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

const signatures: [readonly number[], string][] = [
  [[0x50, 0x4b, 0x03, 0x04], 'an Excel workbook or a zip archive. Save the sheet as CSV UTF-8'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook. Save the sheet as CSV UTF-8'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file. Write it as CSV'],
  [[0x1f, 0x8b], 'compressed with gzip. Unpack it first'],
];

/** Refuses files that people often have in place of a CSV, by their first bytes. */
export function refuseBinary(head: Uint8Array, name: string): void {
  for (const [bytes, what] of signatures) {
    if (bytes.every((byte, index) => head[index] === byte)) {
      throw new InputError(`${name} is ${what}.`);
    }
  }
}

export class StreamDecoder {
  private decoder: TextDecoder;
  private pending: Uint8Array = new Uint8Array(0);
  private consumed = 0;

  constructor(readonly encoding: TextEncoding) {
    this.decoder = new TextDecoder(encoding, { fatal: true });
  }

  /** The text of the next bytes; an incomplete character at their end waits for the next call. */
  write(chunk: Uint8Array, last = false): Decoded {
    try {
      const text = this.decoder.decode(chunk, { stream: !last });
      this.consumed += chunk.length;
      this.pending =
        last || this.encoding !== 'utf-8'
          ? new Uint8Array(0)
          : incompleteTail(joined(this.pending, chunk.subarray(Math.max(0, chunk.length - 4))));
      return { text };
    } catch {
      return this.upToBadByte(chunk);
    }
  }

  private upToBadByte(chunk: Uint8Array): Decoded {
    const bytes = joined(this.pending, chunk);
    // The BOM was taken off with the first chunk; here U+FEFF would be text.
    const ignoreBOM = this.consumed > 0;
    const decode = (end: number): string | undefined => {
      try {
        return new TextDecoder(this.encoding, { fatal: true, ignoreBOM }).decode(
          bytes.subarray(0, end),
          { stream: true },
        );
      } catch {
        return undefined;
      }
    };
    let good = 0;
    let bad = bytes.length;
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      if (decode(middle) === undefined) bad = middle;
      else good = middle;
    }
    // A character that began well and goes on badly is bad from its first byte.
    const begun = this.encoding === 'utf-8' ? incompleteTail(bytes.subarray(0, good)).length : 0;
    const badByteAt = this.consumed - this.pending.length + good - begun;
    return { text: decode(good) ?? '', badByteAt };
  }
}

/** The bytes at the end that begin a UTF-8 character without ending it. */
function incompleteTail(bytes: Uint8Array): Uint8Array {
  // A lead byte 110xxxxx, 1110xxxx or 11110xxx asks for 1 to 3 more; look for one that lacks some.
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? bytes.slice(bytes.length - back) : new Uint8Array(0);
    }
  }
  return new Uint8Array(0);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
