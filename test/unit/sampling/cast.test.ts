import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castCell, guessType } from '../../../src/sampling/cast.js';
import type { ColumnType } from '../../../src/sampling/signature.js';

const value = (cell: string, type: ColumnType, required = true): unknown => {
  const cast = castCell(cell, { type, required });
  expect(cast).toMatchObject({ ok: true });
  return cast.ok && cast.value;
};
const why = (cell: string, type: ColumnType): string | undefined => {
  const cast = castCell(cell, { type, required: true });
  return cast.ok ? undefined : cast.why;
};

describe('castCell', () => {
  it.each<[ColumnType, string, unknown]>([
    ['long', '63', 63],
    ['long', ' 63 ', 63],
    ['long', '3.0', 3],
    ['long', '+5', 5],
    ['long', '-0', 0],
    ['long', '1e3', 1000],
    ['long', '9007199254740991', 9007199254740991],
    ['long', '9007199254740993', 9007199254740993n],
    ['long', '-9223372036854775808', -9223372036854775808n],
    ['long', '9007199254740993.0', 9007199254740993n],
    ['integer', '-2147483648', -2147483648],
    ['double', '2.3', 2.3],
    ['double', '.5', 0.5],
    ['double', '5.', 5],
    ['double', '-1.5E-3', -0.0015],
    ['float', '3', 3],
    ['string', ' fixed ', ' fixed '],
    ['string', '1', '1'],
    ['string', '?', '?'],
    ['boolean', 'TRUE', true],
    ['boolean', 'no', false],
    ['boolean', '1', true],
    ['boolean', '0.0', false],
    ['datetime', '2026-03-31', '2026-03-31T00:00:00'],
    ['datetime', '2026-03-31 09:30', '2026-03-31T09:30:00'],
    ['datetime', '2026-03-31T09:30:05.25', '2026-03-31T09:30:05.25'],
    ['datetime', '2026-03-31T09:30:05Z', '2026-03-31T09:30:05'],
    ['datetime', '2014/12/07', '2014-12-07T00:00:00'],
    ['datetime', '2014.12.7', '2014-12-07T00:00:00'],
    ['datetime', '20240131', '2024-01-31T00:00:00'],
    ['datetime', '2024-01-31 10:00:00 UTC', '2024-01-31T10:00:00'],
    ['datetime', '2024-01-31 10:00 +01', '2024-01-31T09:00:00'],
    ['datetime', '31 Jan 2024', '2024-01-31T00:00:00'],
    ['datetime', '7-Dec-2014', '2014-12-07T00:00:00'],
    ['datetime', 'January 31, 2024, 1:05 PM', '2024-01-31T13:05:00'],
    ['datetime', '2024-01-31 12:05 am', '2024-01-31T00:05:00'],
    ['datetime', '2026-01-01T00:30:00+02:00', '2025-12-31T22:30:00'],
    ['datetime', '2026-01-01T00:30:00-0130', '2026-01-01T02:00:00'],
    ['binary', 'aGk=', 'aGk='],
  ])('%s takes %j as %s', (type, cell, expected) => {
    expect(value(cell, type)).toBe(expected);
  });

  it.each<[ColumnType, string, RegExp]>([
    ['long', '2.5', /not a whole number/],
    ['long', 'abc', /not a whole number/],
    ['long', '9223372036854775808', /too large for a 64-bit integer/],
    ['long', '9.007199254740993e15', /write out its digits/],
    ['long', '0x10', /not a whole number/],
    ['long', 'Infinity', /infinite/],
    ['integer', '2147483648', /too large/],
    ['double', '2,5', /decimals after a point/],
    ['double', '1.234,5', /not a number/],
    ['double', '1e999', /too large/],
    ['double', 'inf', /infinite/],
    ['float', '1e39', /too large/],
    ['boolean', '2', /not a boolean/],
    ['boolean', 'constructor', /not a boolean/],
    ['datetime', '31.03.2026', /Write the year first/],
    ['datetime', '01/02/2024', /ambiguous day and month/],
    ['datetime', 'yesterday', /not a date or time/],
    ['datetime', '0201-01-01', /outside the years/],
    ['datetime', '2024-13-01', /not a date that exists/],
    ['datetime', '31 Foo 2024', /not a date that exists/],
    ['datetime', '2024-01-31 13:00 pm', /not a date that exists/],
    ['double', '1,234', /write 1234 if the comma marks thousands/],
    ['double', '-1,234,567.5', /write -1234567.5 if/],
    ['datetime', '2026-02-30', /not a date that exists/],
    ['datetime', '2026-01-01T25:00:00', /not a date that exists/],
    ['binary', 'not base64!', /not base64/],
    ['other', '1', /no CSV cell can hold/],
  ])('%s refuses %j', (type, cell, reason) => {
    expect(why(cell, type)).toMatch(reason);
  });

  it.each(['', ' ', 'NA', 'n/a', 'NaN', 'null', 'None', '?'])('takes %j for missing', (cell) => {
    expect(value(cell, 'double')).toBeNull();
    expect(value(cell, 'float')).toBeNull();
    expect(value(cell, 'datetime')).toBeNull();
    for (const type of ['long', 'integer', 'boolean', 'binary'] as const) {
      // MLflow 3.17 refuses null there, or reads it as false: the column is left out of the request.
      expect(value(cell, type, false)).toBeUndefined();
      expect(castCell(cell, { type, required: false, guessed: true })).toEqual({
        ok: true,
        value: null,
      });
      expect(why(cell, type)).toMatch(/^is missing/);
    }
  });

  it('takes an empty string for missing, and the words that pandas does unless told', () => {
    expect(value('', 'string')).toBeNull();
    expect(value('', 'string', false)).toBeNull();
    for (const cell of ['NA', 'None', 'nan', 'null', 'N/A', '<NA>', '#N/A']) {
      expect(value(cell, 'string')).toBeNull();
      expect(castCell(cell, { type: 'string', required: true }, false)).toEqual({
        ok: true,
        value: cell,
      });
    }
    for (const cell of ['na', 'none', 'NONE', '?', ' NA']) expect(value(cell, 'string')).toBe(cell);
    expect(castCell('', { type: 'string', required: true }, false)).toEqual({
      ok: true,
      value: null,
    });
  });

  it('gives every safe integer and every finite double back from its text', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (n) => value(String(n), 'long') === n));
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => n !== 0);
    fc.assert(fc.property(finite, (n) => value(String(n), 'double') === n));
  });

  it('keeps the digits of whole numbers where nobody says that they are doubles', () => {
    const guessed = { type: 'double', required: false, guessed: true } as const;
    const cast = (cell: string) => castCell(cell, guessed);
    expect(cast('9007199254740993')).toEqual({ ok: true, value: 9007199254740993n });
    expect(cast('18446744073709551615')).toEqual({ ok: true, value: 18446744073709551615n });
    expect(cast('0.5')).toEqual({ ok: true, value: 0.5 });
    expect(value('9007199254740993', 'double')).toBe(9007199254740992);
  });

  it('never throws, and never lets a text through as a number', () => {
    const types: ColumnType[] = ['long', 'double', 'boolean', 'datetime', 'integer', 'float'];
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...types), (cell, type) => {
        const cast = castCell(cell, { type, required: true });
        if (cast.ok && typeof cast.value === 'number')
          expect(Number.isFinite(cast.value)).toBe(true);
      }),
    );
  });
});

describe('guessType', () => {
  it.each<[string[], ColumnType]>([
    [['1', '2'], 'long'],
    [['1', ''], 'double'],
    [['9007199254740993', '2'], 'long'],
    [['1', '2.5'], 'double'],
    [['1', 'a'], 'string'],
    [['', 'NA'], 'string'],
    [['007', '1'], 'long'],
    [['True', 'False'], 'boolean'],
    [['TRUE', '', 'false'], 'boolean'],
    // Text to pandas.
    [['True', 'yes'], 'string'],
    [['tRUE', 'True'], 'string'],
    [['1', 'True'], 'string'],
  ])('%j is %s', (cells, type) => {
    expect(guessType(cells)).toBe(type);
  });
});
