import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeySplitter } from '../../../src/terminal/split-keys.js';

function split(...chunks: string[]): string[] {
  const splitter = new KeySplitter();
  const keys = chunks.flatMap((chunk) => splitter.push(chunk));
  return [...keys, ...splitter.finish()].map(({ text, pasted }) => (pasted ? `<${text}>` : text));
}

describe('KeySplitter', () => {
  it('cuts a burst into single keys', () => {
    expect(split('\x1b[B\x1b[1;2Cjq\r\x1bOA\x1b[5~')).toEqual([
      '\x1b[B',
      '\x1b[1;2C',
      'j',
      'q',
      '\r',
      '\x1bOA',
      '\x1b[5~',
    ]);
  });

  it('reads LF and CR LF as Enter and 0x7f as Backspace', () => {
    expect(split('a\nb\r\n\x7f')).toEqual(['a', '\r', 'b', '\r', '\b']);
  });

  it('keeps what one sees as one character together', () => {
    expect(split('é👩‍🔬e\u0301')).toEqual(['é', '👩‍🔬', 'e\u0301']);
  });

  it('keeps Esc and the key close behind it apart, as no Alt key is bound', () => {
    expect(split('\x1bA')).toEqual(['\x1b', 'A']);
    expect(split('\x1b\x1b[B')).toEqual(['\x1b', '\x1b[B']);
    expect(split('\x1b')).toEqual(['\x1b']);
  });

  it("drops a terminal's answers and mouse reports, which Ink would type into fields", () => {
    expect(split('a\x1b[?62;4cb\x1b[<0;3;4Mc\x1b]11;rgb:00/00/00\x07d\x1b[Ie')).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
  });

  it('makes a paste one event on one line, without anything that could act', () => {
    expect(split('x\x1b[200~one\r\ntwo\tq\x1b[B\x03\x1b[201~y')).toEqual([
      'x',
      '<one two q[B>',
      'y',
    ]);
    expect(split('\x1b[200~\x1b[201~')).toEqual([]);
  });

  it('drops the rest of a paste that began before the flush, not the keys after it', () => {
    const splitter = new KeySplitter();
    expect(splitter.push('\x1b[200~secret')).toEqual([]);
    splitter.drop();
    expect(splitter.push('more\r\x1b[201~k')).toEqual([{ text: 'k', pasted: false }]);
  });

  it('gives the keyboard back when the end of a paste never comes', () => {
    const splitter = new KeySplitter();
    splitter.push('\x1b[200~abc');
    expect(splitter.inPaste).toBe(true);
    expect(splitter.finish()).toEqual([{ text: 'abc', pasted: true }]);
    expect(splitter.push('q')).toEqual([{ text: 'q', pasted: false }]);
  });

  it('reads the same keys however the bytes are cut', () => {
    const key = fc.constantFrom(
      '\x1b[A',
      '\x1b[B',
      '\x1b[1;2D',
      '\x1bOC',
      '\x1b[6~',
      'j',
      '5',
      '\r',
      '\t',
      '\x1b[200~p q\x1b[201~',
    );
    fc.assert(
      fc.property(
        fc.array(key, { maxLength: 12 }),
        fc.array(fc.nat(6), { maxLength: 80 }),
        (keys, cuts) => {
          const bytes = keys.join('');
          const chunks: string[] = [];
          let at = 0;
          for (const cut of cuts) {
            chunks.push(bytes.slice(at, at + cut));
            at += cut;
          }
          chunks.push(bytes.slice(at));
          expect(split(...chunks)).toEqual(split(bytes));
          expect(split(bytes)).toHaveLength(keys.length);
        },
      ),
    );
  });
});
