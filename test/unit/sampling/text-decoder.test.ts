import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodingOf, StreamDecoder } from '../../../src/sampling/text-decoder.js';

/** What comes out of pieces whose bytes are overwritten once they were taken. */
function decoded(bytes: Buffer, cuts: readonly number[]): { text: string; badByteAt?: number } {
  const decoder = new StreamDecoder(encodingOf(bytes));
  const ends = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  const out: Buffer[] = [];
  const write = (piece: Buffer, last: boolean): number | undefined => {
    const { good, badByteAt } = decoder.write(piece, last);
    out.push(Buffer.from(good));
    piece.fill(0x41);
    return badByteAt;
  };
  for (const [at, end] of ends.slice(1).entries()) {
    const badByteAt = write(Buffer.from(bytes.subarray(ends[at], end)), false);
    if (badByteAt !== undefined) return { text: Buffer.concat(out).toString(), badByteAt };
  }
  const badByteAt = write(Buffer.alloc(0), true);
  const text = Buffer.concat(out).toString();
  return badByteAt === undefined ? { text } : { text, badByteAt };
}

const text = fc
  .array(fc.constantFrom('a', 'é', '€', '😀', '\n'), { maxLength: 20 })
  .map((all) => all.join(''));
const cuts = fc.array(fc.nat(40), { maxLength: 6 });

describe('StreamDecoder', () => {
  it('gives a text back wherever its pieces end, in each encoding', () => {
    fc.assert(
      fc.property(text, cuts, (one, at) => {
        expect(decoded(Buffer.from(one), at)).toEqual({ text: one });
        const little = Buffer.from(`\uFEFF${one}`, 'utf16le');
        expect(decoded(little, at)).toEqual({ text: one });
        expect(decoded(Buffer.from(little).swap16(), at)).toEqual({ text: one });
      }),
    );
  });

  it('finds the first bad byte, wherever the pieces end', () => {
    const bad = fc.constantFrom(
      [0xff],
      [0xc3, 0x41],
      [0xe2, 0x82, 0x41],
      [0x80],
      [0xf0, 0x9f, 0xff],
      [0xc0, 0x80],
    );
    fc.assert(
      fc.property(text, bad, text, cuts, (before, bytes, after, at) => {
        const all = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
        const found = decoded(all, at);
        expect(found.badByteAt).toBe(Buffer.byteLength(before));
        expect(found.text.startsWith(before)).toBe(true);
      }),
    );
  });

  it('finds a character that the end of the file cuts', () => {
    expect(decoded(Buffer.from('a€').subarray(0, 3), [2]).badByteAt).toBe(1);
  });
});
