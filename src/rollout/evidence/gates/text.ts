/** Numbers as the evidence table shows them. */
import { rowsOf } from '../../../common/counts.js';

/** `4.5%`, one decimal unless it is whole. */
export const percent = (share: number): string => `${decimals(share * 100)}%`;

const decimals = (value: number): string =>
  Number.isInteger(Number(value.toFixed(6))) ? value.toFixed(0) : value.toFixed(1);

/** `+1.0 pp`, percentage points with a sign; nothing is `0.0 pp`. */
export function points(share: number): string {
  const text = (share * 100).toFixed(1);
  return `${Number(text) > 0 ? '+' : ''}${Number(text) === 0 ? '0.0' : text} pp`;
}

/** `1 pp`, a limit in percentage points. */
export const pp = (share: number): string => `${decimals(share * 100)} pp`;

/** Without sign and unit, for the bound that follows. */
export const bound = (share: number): string => (share * 100).toFixed(1);

export const times = (ratio: number): string =>
  Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : 'n/a';

export const millis = (ms: number): string =>
  Number.isFinite(ms) ? `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms` : 'n/a';

export const counted = (count: number, of: number): string => `${count} / ${of}`;

/** ` 68 more rows should settle it.` or nothing; of a limit of 0, that none do. */
export function needed(rows: number | undefined, limit?: number): string {
  if (rows !== undefined) return ` ${rowsOf(rows, 'more row', 'more rows')} should settle it.`;
  return limit === 0
    ? ' No number of rows can prove a limit of 0: raise it, or set mode: warn.'
    : '';
}
