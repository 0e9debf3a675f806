import { createContext, useContext } from 'react';
import isUnicodeSupported from 'is-unicode-supported';

const unicode = {
  pass: '✔',
  fail: '✖',
  warning: '▲',
  inconclusive: '?',
  info: 'i',
  staged: '◆',
  todo: '○',
  active: '◐',
  done: '●',
  pointer: '❯',
  barFull: '█',
  barStaged: '▓',
  barEmpty: '░',
  line: '─',
  vertical: '│',
  right: '→',
  left: '←',
  up: '↑',
  down: '↓',
  leftRight: '←→',
  upDown: '↑↓',
  enter: '⏎',
  shift: '⇧',
  ellipsis: '…',
  dot: '·',
  separator: '▸',
  times: '×',
  minus: '−',
  plusMinus: '±',
  atMost: '≤',
  atLeast: '≥',
  secret: '•',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  sparks: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};

/** Every sign the screens draw, by what it means. Each is one column wide unless it says two keys. */
export type Glyphs = Readonly<typeof unicode>;

export const unicodeGlyphs: Glyphs = unicode;

export const asciiGlyphs: Glyphs = {
  pass: '+',
  fail: 'x',
  warning: '!',
  inconclusive: '?',
  info: 'i',
  staged: '*',
  todo: 'o',
  active: '@',
  done: '#',
  pointer: '>',
  barFull: '#',
  barStaged: '=',
  barEmpty: '.',
  line: '-',
  vertical: '|',
  right: '->',
  left: '<-',
  up: 'Up',
  down: 'Dn',
  leftRight: '<- ->',
  upDown: 'Up/Dn',
  enter: 'Enter',
  shift: 'Shift+',
  ellipsis: '...',
  dot: '-',
  separator: '>',
  times: 'x',
  minus: '-',
  plusMinus: '+/-',
  atMost: '<=',
  atLeast: '>=',
  secret: '*',
  spinner: ['|', '/', '-', '\\'],
  sparks: ['_', '.', '-', '=', '+', '*', '%', '#'],
};

/** For a screen reader: what has words or figures beside it has no sign. */
export const spokenGlyphs: Glyphs = {
  ...asciiGlyphs,
  pass: '',
  fail: 'error:',
  warning: 'warning:',
  inconclusive: '',
  info: '',
  staged: '',
  todo: '',
  active: '',
  done: '',
  barFull: '',
  barStaged: '',
  barEmpty: '',
  line: '',
  vertical: '',
  right: 'Right',
  left: 'Left',
  down: 'Down',
  leftRight: 'Left/Right',
  upDown: 'Up/Down',
  dot: '',
  separator: '',
  spinner: [''],
  sparks: [''],
};

/** Whether this terminal is better served with plain ASCII. */
export function wantsAscii(env: Record<string, string | undefined> = process.env): boolean {
  if (env['AML_ROLLOUT_ASCII'] !== undefined) return env['AML_ROLLOUT_ASCII'] !== '0';
  if (env['TERM'] === 'dumb') return true;
  return !isUnicodeSupported();
}

export const GlyphsContext = createContext<Glyphs>(wantsAscii() ? asciiGlyphs : unicodeGlyphs);

/** Whether a screen reader is told what others see. */
export const useSpoken = (): boolean => useGlyphs() === spokenGlyphs;

/** The signs of this terminal; a test gives others through `GlyphsContext`. */
export function useGlyphs(): Glyphs {
  return useContext(GlyphsContext);
}
