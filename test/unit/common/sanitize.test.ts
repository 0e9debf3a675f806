import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sanitizeLine, sanitizeText } from '../../../src/common/sanitize.js';

describe('text from outside', () => {
  it.each([
    ['\x1b[31mred\x1b[0m', 'red'],
    ['\x1b[2J\x1b[Hgone', 'gone'],
    ['\x1b]8;;https://evil\x07link\x1b]8;;\x07', 'link'],
    ['\x1b]52;c;aGk=\x1b\\copied', 'copied'],
    ['\x9b31mC1', 'C1'],
    ['before \x1b]0;no end\nthe next line', 'before \nthe next line'],
    ['\x1bPno end \x1b[31mred', 'red'],
    ['\x9dno end\r\nthe next line', '\nthe next line'],
    ['a\bb\x00c\x7fd\x85e', 'abcde'],
    ['user\u202Egnp.exe', 'usergnp.exe'],
    ['zero\u200Bwidth\uFEFF', 'zerowidth'],
    ['one\r\ntwo\rthree', 'one\ntwo\nthree'],
    ['tab\there', 'tab here'],
    ['half \ud83d pair', 'half \ufffd pair'],
    ['naïve 模型 ✔', 'naïve 模型 ✔'],
  ])('%j becomes %j', (text, clean) => {
    expect(sanitizeText(text)).toBe(clean);
  });

  it('is one line and cut where asked', () => {
    expect(sanitizeLine('  a\n\n b\t c ')).toBe('a b c');
    expect(sanitizeLine('heart-classifier', 6)).toBe('heart…');
    expect(sanitizeLine('heart', 5)).toBe('heart');
  });

  it('loses nothing but control sequences, and of unfinished ones the rest of the line', () => {
    const text = fc.stringMatching(/^[a-z0-9 .:;=äß模]{1,8}$/);
    const part = fc.oneof(
      text.map((kept) => ({ raw: kept, kept })),
      fc.constant({ raw: '\n', kept: '\n' }),
      fc
        .constantFrom('\x1b[31m', '\x1b[2J', '\x9b0;1m', '\x1b(B', '\x1b7', '\x00', '\x1b]0;t\x07')
        .map((raw) => ({ raw, kept: '' })),
      fc
        .tuple(fc.constantFrom('\x1b]', '\x1bP', '\x1b_', '\x1b^', '\x9d', '\x90'), text)
        .map(([start, inside]) => ({ raw: `${start}${inside}`, kept: '', open: true })),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        let hidden = false;
        let expected = '';
        for (const { raw, kept, ...rest } of parts) {
          // An escape cancels what is unfinished, as does the end of the line; bells end it.
          if (/^[\x1b\n]/.test(raw) || raw.endsWith('\x07')) hidden = false;
          if (!hidden) expected += kept;
          if ('open' in rest) hidden = true;
        }
        expect(sanitizeText(parts.map(({ raw }) => raw).join(''))).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('never holds a control character, and cleaning twice changes nothing', () => {
    const nasty = fc
      .array(fc.constantFrom('\x1b', '[', ']', '\x9d', '31m', '\x07', 'a', '\u202e', '\r', '\n'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (text) => {
        const clean = sanitizeText(text);
        expect(clean).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        expect(sanitizeText(clean)).toBe(clean);
      }),
    );
  });
});
