/**
 * Operating-system commands, device-control and similar strings, then CSI and two-byte escapes. A
 * string without its end goes as far as the next escape or the end of its line, not further.
 */
const ESCAPES =
  /(?:\x1b[\]P_^X]|[\x90\x98\x9d-\x9f])[^\n\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** Bidirectional controls, zero-width characters and line separators: they hide or reorder text. */
const INVISIBLE =
  /[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]/gu;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Text from outside, made safe to draw: it can't move the cursor, change colours or reorder what
 * is beside it. Line ends are kept; tabs become a space.
 */
export function sanitizeText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(ESCAPES, '')
    .replaceAll('\t', ' ')
    .replace(CONTROLS, '')
    .replace(INVISIBLE, '')
    .replace(LONE_SURROGATE, '\ufffd');
}

/** JSON with the same in escapes: a program reads what it was, and a terminal beside it obeys none of it. */
export const escapeJson = (json: string): string =>
  json.replace(CONTROLS, escaped).replace(INVISIBLE, escaped);

/** Outside of the basic plane, JSON escapes each half of a character. */
const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** The same on one line; longer than `max` characters, it is cut and ends in `…`. */
export function sanitizeLine(text: string, max = Number.POSITIVE_INFINITY): string {
  const line = sanitizeText(text).replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length > max ? `${characters.slice(0, Math.max(0, max - 1)).join('')}…` : line;
}
