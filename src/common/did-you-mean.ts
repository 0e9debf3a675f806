import { closest, distance } from 'fastest-levenshtein';

/** Words further apart than this part of their length are not the same one mistyped. */
const APART = 0.4;

/** ` Did you mean NAME?`, or nothing where none of the known words is near. */
export function didYouMean(typed: string, known: readonly string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(typed.toLowerCase(), known);
  const far = distance(typed.toLowerCase(), nearest.toLowerCase());
  return far <= Math.ceil(nearest.length * APART) ? ` Did you mean ${nearest}?` : '';
}
