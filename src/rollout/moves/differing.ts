/** The rows on which blue and green answer differently, for people. */
import type { DifferingRow } from '../evidence/compare.js';
import type { MoveContext } from './context.js';
import type { Differing } from './events.js';

/** The journal has the numbers of all. */
const SHOWN = 10;

export function showDiffering({ emit }: MoveContext, differing: readonly DifferingRow[]): void {
  if (differing.length === 0) return;
  const rows = differing.slice(0, SHOWN).map((each): Differing => ({
    row: each.row,
    blue: each.text.blue,
    green: each.text.green,
    ...(each.rightOne && { right: each.rightOne }),
  }));
  emit({ event: 'differing', total: differing.length, rows });
}
