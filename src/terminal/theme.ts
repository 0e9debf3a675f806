import type { TextProps } from 'ink';

type Style = Pick<TextProps, 'color' | 'bold' | 'dimColor' | 'inverse' | 'underline'>;

/**
 * How each meaning looks. Only the 16 colours that the person's own palette defines, so that
 * it reads on dark and light backgrounds. A colour is never the only sign: a word or sign says the
 * same, and with colours off bold and inverse are gone too.
 */
export const theme = {
  title: { bold: true },
  heading: { bold: true },
  muted: { dimColor: true },
  focus: { color: 'cyan', bold: true },
  key: { bold: true },
  keyDisabled: { dimColor: true },
  live: { color: 'blue', bold: true },
  new: { color: 'magenta', bold: true },
  staged: { color: 'yellow' },
  pass: { color: 'green' },
  fail: { color: 'red', bold: true },
  warning: { color: 'yellow' },
  inconclusive: { color: 'yellow' },
  info: {},
  production: { color: 'red', bold: true, inverse: true },
  link: { underline: true },
} as const satisfies Record<string, Style>;

export type Tone = keyof typeof theme;
