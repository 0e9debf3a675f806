import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import narrowStringWidth from '../../../scripts/narrow-string-width.mjs';
import { asciiGlyphs, unicodeGlyphs } from '../../../src/terminal/glyphs.js';

const glyphs = [unicodeGlyphs, asciiGlyphs].flatMap((each) => Object.values(each).flat());
const part = fc.oneof(
  fc.constantFrom(...glyphs, '\x1b[1m', '\x1b[38;5;12m', '\x1b[22m', '\x1b]8;;x\x07', '\t', '\0'),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);

describe('narrowStringWidth', () => {
  it('answers as string-width does', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const text = parts.join('');
        expect(narrowStringWidth(text)).toBe(stringWidth(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('answers so for each character alone, and leaves options to the package', () => {
    for (let code = 0; code < 0x1_0000; code += 1) {
      const character = String.fromCharCode(code);
      const width = narrowStringWidth(character);
      if (width !== stringWidth(character)) expect([character, width]).toEqual([]);
    }
    const coloured = '\x1b[1mab';
    for (const options of [{ countAnsiEscapeCodes: true }, { ambiguousIsNarrow: false }]) {
      expect(narrowStringWidth(`${coloured}·`, options)).toBe(stringWidth(`${coloured}·`, options));
    }
  });
});
