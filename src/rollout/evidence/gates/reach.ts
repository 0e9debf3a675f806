/** What a number of rows proves at best, which is if none of them shows harm. */
import { normalQuantile, shareUpper, tango } from '../statistics/proportions.js';
import { rowsForDifference, rowsForShare } from '../statistics/sample-size.js';
import type { Common, Reach } from './gate.js';
import { percent, pp } from './text.js';

/** Of a gate that limits a share of rows. */
export const shareReach =
  (what: string) =>
  (rows: number, { limit }: { limit: number }, { alpha }: Common): Reach => ({
    what,
    limit: percent(limit),
    needed: rowsForShare(0, limit, alpha),
    best: rows === 0 ? undefined : shareUpper(0, rows, alpha),
    shown: percent,
    setting: 'limit',
  });

/** Of a gate that limits by how many more rows green may be worse. */
export const harmReach =
  (what: string) =>
  (rows: number, { margin }: { margin: number }, { alpha }: Common): Reach => ({
    what,
    limit: pp(margin),
    needed: rowsForDifference(0, 0, margin, alpha),
    best: rows === 0 ? undefined : tango(0, 0, rows, normalQuantile(1 - alpha)).upper,
    shown: pp,
    setting: 'margin',
  });
