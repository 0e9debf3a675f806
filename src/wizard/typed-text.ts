/** A line of text and its cursor: what keys do to it, the same in every field, overlay and filter. */
import type { KeyPress } from './keys.js';

export interface TypedText {
  value: string;
  /** Characters before the cursor. */
  cursor: number;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What the cursor passes in one step: an emoji is several characters. */
const lastOf = (text: string): string => [...graphemes.segment(text)].at(-1)?.segment ?? '';
const firstOf = (text: string): string => [...graphemes.segment(text)][0]?.segment ?? '';

/** `undefined`: the text has no use for the key. */
export function editText({ value, cursor }: TypedText, key: KeyPress): TypedText | undefined {
  const at = Math.max(0, Math.min(cursor, value.length));
  const before = value.slice(0, at);
  const behind = value.slice(at);
  const kept = (start: string, end: string): TypedText => ({
    value: start + end,
    cursor: start.length,
  });
  switch (key.name) {
    case 'left':
      return { value, cursor: at - lastOf(before).length };
    case 'right':
      return { value, cursor: at + firstOf(behind).length };
    case 'home':
    case 'ctrl+a':
      return { value, cursor: 0 };
    case 'end':
    case 'ctrl+e':
      return { value, cursor: value.length };
    case 'backspace':
      return kept(before.slice(0, before.length - lastOf(before).length), behind);
    case 'delete':
      return kept(before, behind.slice(firstOf(behind).length));
    case 'ctrl+u':
      return kept('', behind);
    case 'ctrl+k':
      return kept(before, '');
    case 'ctrl+w':
      return kept(before.replace(/\S*\s*$/u, ''), behind);
    default:
      return key.text === undefined ? undefined : kept(before + key.text, behind);
  }
}

/** `NaN` for all but plain digits: `1e1` and `12.5` are no count of anything. */
export const typedNumber = (text: string): number =>
  /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN;

/** `a=1 b=2` by name; the sentence says what is not of this shape. */
export function typedPairs(
  text: string,
  shape: string,
  between = /\s+/,
): Record<string, string> | string {
  const pairs: Record<string, string> = {};
  for (const part of text.split(between).filter(Boolean)) {
    const at = part.indexOf('=');
    if (at < 1) return `"${part}" is not ${shape}.`;
    pairs[part.slice(0, at)] = part.slice(at + 1);
  }
  return pairs;
}
