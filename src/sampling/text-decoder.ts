/** Pieces of a text file as UTF-8; finds the encoding, refuses what is no text. */
import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** `good` is the text before the first bad byte, so that the caller can count rows up to it. */
interface Decoded {
  /** UTF-8. */
  good: Uint8Array;
  /** Offset in the text of the first byte that is not valid in its encoding. */
  badByteAt?: number;
}

/** From the byte order mark; without one it is UTF-8. */
export function encodingOf(head: Uint8Array): TextEncoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

const nothing = new Uint8Array(0);

/** Leaves UTF-8 as it is, and checks it; turns UTF-16 into it. A byte order mark is taken off. */
export class StreamDecoder {
  private readonly decoder: TextDecoder | undefined;
  /** The bytes at the end of the last piece that begin a character without ending it. */
  private pending: Uint8Array = nothing;
  private consumed = 0;

  constructor(readonly encoding: TextEncoding) {
    this.decoder = encoding === 'utf-8' ? undefined : new TextDecoder(encoding, { fatal: true });
  }

  /** UTF-8 is given back piece by piece as it came, a character cut at its end too. */
  write(piece: Uint8Array, last = false): Decoded {
    const isFirst = this.consumed === 0;
    const good = this.decoder ? this.converted(piece, last) : this.checked(piece, last);
    if (!good) return this.upToBadByte(piece);
    this.consumed += piece.length;
    const marked = isFirst && good[0] === 0xef && good[1] === 0xbb && good[2] === 0xbf;
    return { good: marked ? good.subarray(3) : good };
  }

  private converted(piece: Uint8Array, last: boolean): Uint8Array | undefined {
    try {
      return Buffer.from(this.decoder?.decode(piece, { stream: !last }) ?? '', 'utf8');
    } catch {
      return undefined;
    }
  }

  private checked(piece: Uint8Array, last: boolean): Uint8Array | undefined {
    // The cut character is completed from the piece's first bytes; the rest is checked in place.
    const begun = this.pending.length;
    const lacks = begun === 0 ? 0 : Math.min(lengthOf(this.pending[0]) - begun, piece.length);
    const character = begun === 0 ? nothing : joined(this.pending, piece.subarray(0, lacks));
    const rest = piece.subarray(lacks);
    const isCut = begun > 0 && character.length < lengthOf(character[0]);
    const tail = isCut ? character : incompleteTail(rest);
    const whole = isCut ? rest : rest.subarray(0, rest.length - tail.length);
    if (last && tail.length > 0) return undefined;
    if (!isCut && !isUtf8(character)) return undefined;
    if (!isUtf8(whole)) return undefined;
    // A copy: the piece is only lent.
    this.pending = new Uint8Array(tail);
    return piece;
  }

  private upToBadByte(piece: Uint8Array): Decoded {
    const bytes = joined(this.pending, piece);
    const decode = (end: number): string | undefined => {
      try {
        const decoder = new TextDecoder(this.encoding, {
          fatal: true,
          ignoreBOM: this.consumed > 0,
        });
        return decoder.decode(bytes.subarray(0, end), { stream: true });
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
    const begun = this.decoder ? 0 : incompleteTail(bytes.subarray(0, good)).length;
    const text = Buffer.from(decode(good) ?? '', 'utf8');
    // What began the character went out with the last piece.
    const out = this.decoder ? text : text.subarray(Math.min(this.pending.length, text.length));
    return { good: out, badByteAt: this.consumed - this.pending.length + good - begun };
  }
}

/** How many bytes a character takes that begins with this one. */
const lengthOf = (byte = 0): number => (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1);

/** The bytes at the end that begin a UTF-8 character without ending it. */
function incompleteTail(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      return lengthOf(byte) > back ? bytes.subarray(bytes.length - back) : nothing;
    }
  }
  return nothing;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
