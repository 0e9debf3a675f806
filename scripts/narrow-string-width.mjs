// In place of `string-width`: what the screens draw is mostly one column a sign, and the package's first
// look at anything beyond ASCII compiles large patterns, a tenth of the time to the first screen.
import stringWidth from '../node_modules/string-width/index.js';

const COLOURS = new RegExp(`${'\x1b'}(?:\\[[\\d;]*m|\\]8;;[!-~]*\x07)`, 'g');
// ASCII, and the punctuation, arrows, lines, blocks and Braille dots that the glyphs are of. No emoji.
const NARROW = /^[ -~·×±–—•…←-↓⇧−≤≥⏎─-▟◆●○◐▲▸✔✖❯⠀-⣿]*$/;

export default function narrowStringWidth(text, options) {
  if (options !== undefined || typeof text !== 'string') return stringWidth(text, options);
  const plain = text.includes('\x1b') ? text.replace(COLOURS, '') : text;
  return NARROW.test(plain) ? plain.length : stringWidth(text);
}
