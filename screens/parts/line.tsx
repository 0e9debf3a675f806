/** One row of the screen: pieces of text in meanings, cut at the width, never wrapped. */
import { Text } from 'ink';
import { Children, type ReactNode } from 'react';
import { asciiGlyphs, unicodeGlyphs, useGlyphs, type Glyphs } from '../../src/terminal/glyphs.js';
import { sanitizeText } from '../../src/common/sanitize.js';
import { theme, type Tone } from '../../src/terminal/theme.js';

/** Text of its own is made safe to draw, so that no screen can forget to. */
export function Line({ children }: { children?: ReactNode }) {
  const glyphs = useGlyphs();
  // An empty Text takes no row.
  if (children === undefined || children === '') return <Text> </Text>;
  return (
    <Text wrap="truncate-end">
      {Children.map(children, (child) =>
        typeof child === 'string' ? inSigns(clean(child), glyphs) : child,
      )}
    </Text>
  );
}

/** Text in one meaning. What comes from outside can't move the cursor or change colours. */
export function As({ is, children }: { is: Tone; children: string | number }) {
  const glyphs = useGlyphs();
  return <Text {...theme[is]}>{inSigns(clean(String(children)), glyphs)}</Text>;
}

/** On one line, and with the spaces that align columns, which `sanitizeLine` would fold. */
export const clean = (text: string): string => sanitizeText(text).replace(/\s/gu, ' ');

const SIGNS: Readonly<Record<string, string>> = {
  '…': '~',
  '×': asciiGlyphs.times,
  '±': asciiGlyphs.plusMinus,
  '→': asciiGlyphs.right,
  '←': asciiGlyphs.left,
  '↓': asciiGlyphs.down,
  '↑': asciiGlyphs.up,
};

/** Signs in sentences and labels, for a terminal that has none of them. */
export const inSigns = (text: string, glyphs: Glyphs): string =>
  glyphs !== unicodeGlyphs ? text.replace(/[…×±→←↓↑]/gu, (sign) => SIGNS[sign] ?? sign) : text;
