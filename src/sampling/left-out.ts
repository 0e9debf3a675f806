/** Rows that can't be read as the header says, and are not sent. */
import { rowsOf } from '../common/counts.js';
import type { TableSummary } from './table-reader.js';

/** Nothing where every row has as many fields as the header. */
export function leftOutNote({
  name,
  columns,
  ragged: { count, first },
}: Pick<TableSummary, 'name' | 'columns' | 'ragged'>): string | undefined {
  const [one] = first;
  if (!one) return undefined;
  const rows = rowsOf(count);
  const are = count === 1 ? 'is' : 'are';
  return `${rows} of ${name} ${are} left out, with more or fewer fields than the header has (${columns.length}): row ${one.rowNumber} has ${one.fields}.`;
}
