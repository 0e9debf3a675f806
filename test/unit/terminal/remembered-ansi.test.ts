import { styledCharsFromTokens, tokenize } from '@alcalzone/ansi-tokenize';
import fc from 'fast-check';
import sliceAnsi from 'slice-ansi';
import { expect, test } from 'vitest';
import * as remembered from '../../../scripts/remembered-ansi-tokenize.mjs';
import sliceOnce from '../../../scripts/remembered-slice-ansi.mjs';

const piece = fc.constantFrom(
  'a',
  ' ',
  '—',
  '漢',
  '👍',
  '\x1b[31m',
  '\x1b[1m',
  '\x1b[39m',
  '\x1b[0m',
);
const line = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

test('a line is the same signs and colours, however often and after whichever others', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
      for (const each of [...lines, 'x'.repeat(9_000), ...lines])
        expect(remembered.styledCharsFromTokens(remembered.tokenize(each))).toEqual(
          styledCharsFromTokens(tokenize(each)),
        );
    }),
    { numRuns: 5 },
  );
});

test('a line is cut at the same signs', () => {
  fc.assert(
    fc.property(line, fc.nat(14), fc.nat(14), (each, from, to) => {
      for (let time = 0; time < 2; time += 1)
        expect(sliceOnce(each, from, to)).toBe(sliceAnsi(each, from, to));
    }),
  );
});
