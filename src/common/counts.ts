/** Counts as sentences write them. */

/** `2,552`. */
export const grouped = (count: number): string => count.toLocaleString('en-US');

export const rowsOf = (count: number, one = 'row', many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;
