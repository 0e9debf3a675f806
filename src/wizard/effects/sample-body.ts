/** Sampled rows as the body of one request. */
import { scoringBody } from '../../sampling/payload.js';
import type { Sample } from './sample.js';

export const bodyOf = ({ columns, form }: Sample, rows: Sample['rows']) =>
  scoringBody(
    { columns, form },
    rows.map(({ number, ...row }) => ({ rowNumber: number, ...row })),
  );
