/** One row of the screen: pieces of text in meanings, cut at the width, never wrapped. */
import { Text } from 'ink';
import type { ReactNode } from 'react';
import { sanitizeLine } from '../../src/terminal/sanitize.js';
import { theme, type Meaning } from '../../src/terminal/theme.js';

export function Line({ children }: { children?: ReactNode }) {
  // An empty Text takes no row.
  return <Text wrap="truncate-end">{children ?? ' '}</Text>;
}

/** Text in one meaning. What comes from outside can't move the cursor or change colours. */
export function As({ is, children }: { is: Meaning; children: string | number }) {
  return <Text {...theme[is]}>{clean(String(children))}</Text>;
}

/** Keeps the spaces that align columns, which `sanitizeLine` would fold. */
export const clean = (text: string): string =>
  text.replace(/\S+/gu, (word) => sanitizeLine(word));
