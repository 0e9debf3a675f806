import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Split,
  formatSplit,
  withoutZeros,
  parseSplit,
  sameSplit,
  shareOf,
  shift,
  splitProblem,
  totalOf,
} from '../../../src/common/split.js';

/** A split of 100 among blue, green and up to three others. */
export const splits: fc.Arbitrary<Split> = fc
  .tuple(...Array.from({ length: 5 }, () => fc.nat(100)))
  .map((cuts) => {
    const [a = 0, b = 0, c = 0, d = 0] = [...cuts.slice(0, 4)].sort((x, y) => x - y);
    return { blue: a, green: b - a, other: c - b, third: d - c, last: 100 - d };
  });

describe('shift', () => {
  it('keeps the sum at 100, freezes the others, and gives green what was asked, as far as it goes', () => {
    fc.assert(
      fc.property(splits, fc.integer({ min: -20, max: 140 }), (split, asked) => {
        const moved = shift(split, 'blue', 'green', asked);
        expect(splitProblem(moved)).toBeUndefined();
        expect(totalOf(moved)).toBe(100);
        for (const name of ['other', 'third', 'last']) {
          expect(shareOf(moved, name)).toBe(shareOf(split, name));
        }
        const both = shareOf(split, 'blue') + shareOf(split, 'green');
        expect(shareOf(moved, 'green')).toBe(Math.min(both, Math.max(0, asked)));
      }),
    );
  });

  it('brings a green in that the split does not name', () => {
    expect(shift({ default: 100 }, 'default', 'x-8', 10)).toEqual({ default: 90, 'x-8': 10 });
  });
});

describe('a split in text', () => {
  it('comes back as it went, whatever its zeros', () => {
    fc.assert(
      fc.property(splits, (split) => {
        const back = parseSplit(formatSplit(split));
        expect(back && sameSplit(back, split)).toBe(true);
      }),
    );
    expect(parseSplit(formatSplit({}))).toEqual({});
  });

  it('puts the larger share first', () => {
    expect(formatSplit({ 'x-8': 10, default: 90, old: 0 })).toBe('default=90 x-8=10');
  });

  it.each(['', 'default', 'default=abc', 'default=60', 'a=60 b=60', '90=default', 'a=1000'])(
    'is refused when it is %j',
    (text) => expect(parseSplit(text)).toBeUndefined(),
  );
});

describe('what Azure refuses', () => {
  it.each([
    [{ a: 50, b: 49 }, 'add up to 99'],
    [{ a: 101 }, 'whole number from 0 to 100'],
    [{ a: -5, b: 105 }, 'whole number from 0 to 100'],
    [{ a: 33.3, b: 66.7 }, 'whole number from 0 to 100'],
  ])('%j: %s', (split, sentence) => expect(splitProblem(split as Split)).toContain(sentence));

  it.each([{}, { a: 0 }, { a: 100 }, { a: 33, b: 67 }])('takes %j', (split) =>
    expect(splitProblem(split as Split)).toBeUndefined(),
  );
});

describe('zeros', () => {
  it('mean the same as an absent name, and are not sent', () => {
    expect(sameSplit({ a: 100, b: 0 }, { a: 100 })).toBe(true);
    expect(sameSplit({ a: 100 }, { a: 99, b: 1 })).toBe(false);
    expect(withoutZeros({ a: 100, b: 0 })).toEqual({ a: 100 });
  });
});
