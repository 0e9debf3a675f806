/** Ranks from 1; equal values share the mean of their ranks. */

export interface Ranks {
  ranks: number[];
  /** Sizes of the groups of equal values, those of one left out. */
  ties: number[];
}

export function averageRanks(values: readonly number[]): Ranks {
  const order = values.map((value, index) => ({ value, index }));
  order.sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length).fill(0);
  const ties: number[] = [];
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && order[end]?.value === order[start]?.value) end += 1;
    for (const { index } of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2;
    if (end - start > 1) ties.push(end - start);
    start = end;
  }
  return { ranks, ties };
}
