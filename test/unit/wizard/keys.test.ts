import { describe, expect, test } from 'vitest';
import { asciiGlyphs, unicodeGlyphs } from '../../../src/terminal/glyphs.js';
import { fitting, keyLabel } from '../../../screens/parts/footer.js';
import { bindingFor, keyPress, type Binding, type InkKey } from '../../../src/wizard/keys.js';

const NONE: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
};

describe('keys as Ink reports them', () => {
  test.each<[string, Partial<InkKey>, string]>([
    ['', { upArrow: true }, 'up'],
    ['', { rightArrow: true, shift: true }, 'shift+right'],
    ['', { tab: true, shift: true }, 'shift+tab'],
    ['\r', { return: true }, 'enter'],
    ['\r', { return: true, shift: true }, 'enter'],
    ['\n', {}, 'enter'],
    ['', { delete: true }, 'delete'],
    ['', { backspace: true }, 'backspace'],
    ['', { escape: true, meta: true }, 'esc'],
    ['c', { ctrl: true }, 'ctrl+c'],
    ['A', { shift: true }, 'A'],
  ])('%j %j is %s', (input, key, name) => {
    expect(keyPress(input, { ...NONE, ...key }).name).toBe(name);
  });

  test('printable keys carry their text, named ones none', () => {
    expect(keyPress('heart', NONE)).toEqual({ name: 'heart', text: 'heart' });
    expect(keyPress('', { ...NONE, escape: true }).text).toBeUndefined();
    expect(keyPress('u', { ...NONE, ctrl: true }).text).toBeUndefined();
  });
});

const binding = (keys: string[], label: string, more: Partial<Binding> = {}): Binding => ({
  keys,
  label,
  ...more,
});

test('the first binding of a key wins: the screen before what is the same everywhere', () => {
  const mine = binding(['r'], 'mine');
  expect(bindingFor([mine, binding(['r'], 'everywhere')], { name: 'r' })).toBe(mine);
  expect(bindingFor([mine], { name: 'R' })).toBeUndefined();
});

describe('the footer', () => {
  const all = [
    binding(['left', 'right'], '±1'),
    binding(['enter'], 'apply 70/30'),
    binding(['p'], 'probe'),
    binding(['x'], 'hidden', { helpOnly: true }),
    binding(['esc'], 'back'),
    binding(['e'], 'code'),
    binding(['?'], 'help'),
    binding(['A'], 'abort'),
    binding(['u'], 'undo', { disabledBecause: 'Nothing to undo.' }),
    binding(['q'], 'leave'),
  ];
  const labels = (width: number) => fitting(all, unicodeGlyphs, width).map((each) => each.keys[0]);

  test('shows all where there is room, abort and help last', () => {
    expect(labels(200)).toEqual(['left', 'enter', 'p', 'esc', 'e', 'u', 'q', 'A', '?']);
  });

  test.each([30, 40, 50, 60, 79])('keeps Enter, abort and help at %i columns', (width) => {
    const shown = labels(width);
    expect(shown).toEqual(expect.arrayContaining(['enter', 'A', '?']));
  });

  test('leaves out first what can not act now', () => {
    const shown = labels(66);
    expect(shown).not.toContain('u');
    expect(shown).toContain('p');
  });

  test('names keys by their signs, or by words in ASCII', () => {
    expect(keyLabel(['shift+left', 'shift+right'], unicodeGlyphs)).toBe('⇧←→');
    expect(keyLabel(['enter'], asciiGlyphs)).toBe('Enter');
    expect(keyLabel(['ctrl+c'], unicodeGlyphs)).toBe('Ctrl-C');
    expect(keyLabel(['A'], unicodeGlyphs)).toBe('A');
  });
});
