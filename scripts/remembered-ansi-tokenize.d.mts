export { styledCharsToString, type StyledChar } from '@alcalzone/ansi-tokenize';
import type { StyledChar } from '@alcalzone/ansi-tokenize';
export function tokenize(line: string): string;
export function styledCharsFromTokens(line: string): StyledChar[];
