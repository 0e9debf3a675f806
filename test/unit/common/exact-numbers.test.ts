import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  difference,
  parseJson,
  readNumber,
  sameNumber,
  stringifyJson,
} from '../../../src/common/exact-numbers.js';
import { growth } from '../sampling/support.js';

describe('JSON with whole numbers that a double does not hold', () => {
  it.each([
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['[1, 9007199254740991, 18446744073709551615]', [1, 9007199254740991, 18446744073709551615n]],
    [
      '{"id": 9007199254740993, "text": "9007199254740993 \\" 9007199254740995"}',
      {
        id: 9007199254740993n,
        text: '9007199254740993 " 9007199254740995',
      },
    ],
    ['{"9007199254740993": 0.30000000000000004}', { '9007199254740993': 0.30000000000000004 }],
    [
      '[1234567890123456.5, 9007199254740992.0, 9007199254740992e2]',
      [1234567890123456.5, 9007199254740992, 900719925474099200],
    ],
  ])('%s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it('of ten times the quotes in text that is never closed takes ten times as long', async () => {
    const ratio = await growth(10_000, (quotes) => {
      const text = `[12345678901234567890, "${'\\"'.repeat(quotes)}`;
      expect(() => parseJson(text)).toThrow(SyntaxError);
    });
    expect(ratio).toBeLessThan(40);
  });

  it.each([
    '[09007199254740993]',
    '9007199254740993 1',
    '{"a": 9007199254740993',
    '[-]',
    '+9007199254740993',
  ])('refuses what JSON.parse refuses: %s', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('reads and writes everything else as JSON does, and whole numbers to the last digit', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(stringifyJson(value)).toBe(text);
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.string(), (whole, word) => {
        const text = stringifyJson({ whole, word: [word, String(whole)] })!;
        expect(text).toBe(`{"whole":${whole},"word":${JSON.stringify([word, String(whole)])}}`);
        expect(stringifyJson(parseJson(text))).toBe(text);
      }),
    );
    expect(stringifyJson(undefined)).toBeUndefined();
    expect(stringifyJson({ id: 2n ** 60n }, 2)).toBe('{\n  "id": 1152921504606846976\n}');
  });
});

describe('numbers in text', () => {
  it.each([
    ['9007199254740993', 9007199254740993n],
    [' +9007199254740993.00 ', 9007199254740993n],
    ['-12', -12],
    ['1.50', 1.5],
    ['1e300', 1e300],
    ['', undefined],
    ['x', undefined],
    ['1e999', undefined],
  ])('%j is %s', (text, value) => {
    expect(readNumber(text)).toBe(value);
  });

  it('are subtracted and compared to the last digit', () => {
    expect(difference(9007199254740993n, 9007199254740992)).toBe(1);
    expect(difference(9007199254740993n, 0.5)).toBe(9007199254740992);
    expect(sameNumber(9007199254740993n, 9007199254740992)).toBe(false);
    expect(sameNumber(9007199254740992n, 9007199254740992)).toBe(true);
    expect(sameNumber(9007199254740993n, 9007199254740993n)).toBe(true);
  });
});
