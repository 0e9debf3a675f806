import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { asciiGlyphs, unicodeGlyphs, wantsAscii } from '../../../src/terminal/glyphs.js';

describe('signs', () => {
  it('have twins of plain ASCII', () => {
    expect(Object.values(asciiGlyphs).flat().join('')).toMatch(/^[\x20-\x7e]+$/);
    expect(asciiGlyphs.sparks).toHaveLength(unicodeGlyphs.sparks.length);
  });

  it('are one column wide, so that tables stay aligned', () => {
    for (const [name, sign] of Object.entries(unicodeGlyphs)) {
      const wanted = name === 'leftRight' || name === 'upDown' ? 2 : 1;
      for (const one of [sign].flat()) expect([name, stringWidth(one)]).toEqual([name, wanted]);
    }
  });

  it('tell pass, fail, warning and inconclusive apart without colour', () => {
    for (const { pass, fail, warning, inconclusive } of [unicodeGlyphs, asciiGlyphs]) {
      expect(new Set([pass, fail, warning, inconclusive]).size).toBe(4);
    }
  });

  it('are ASCII when asked for or on a dumb terminal', () => {
    expect(wantsAscii({ AML_ROLLOUT_ASCII: '1' })).toBe(true);
    expect(wantsAscii({ TERM: 'dumb' })).toBe(true);
    expect(wantsAscii({ TERM: 'dumb', AML_ROLLOUT_ASCII: '0' })).toBe(false);
  });
});
