/** Rows that fit a model, each as a request of its own. */
import { scoringBody } from '../../sampling/payload.js';
import type { ReplayRow } from './replay.js';

type Columns = Parameters<typeof scoringBody>[0];
type Row = Parameters<typeof scoringBody>[1][number] & { truth?: string };

export const replayRows = (columns: Columns, rows: readonly Row[]): ReplayRow[] =>
  rows.map((row) => ({
    number: row.rowNumber,
    body: scoringBody(columns, [row]),
    ...(row.truth !== undefined && { truth: row.truth }),
  }));
