// In place of `@alcalzone/ansi-tokenize` for Ink: most lines of a frame are those of the last one, and reading
// their colours anew was most of the memory that a key took, and that had to be collected again.
import {
  styledCharsFromTokens as charsFromTokens,
  tokenize as tokensOf,
} from '../node_modules/@alcalzone/ansi-tokenize/build/index.js';
import { remembered } from './remembered.mjs';

export { styledCharsToString } from '../node_modules/@alcalzone/ansi-tokenize/build/index.js';

/** Larger than a large terminal. */
const CHARACTERS = 10_000;

const charsOf = remembered((line) => charsFromTokens(tokensOf(line)), CHARACTERS);

/** Ink gives them to the next function alone, which needs the line. */
export const tokenize = (line) => line;
export const styledCharsFromTokens = (line) => charsOf(line);
