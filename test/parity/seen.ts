/** For whoever mends a row: with PARITY_SEEN=FOLDER, what was seen at each face is kept as JSON. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalLine } from '../support/journal-lines.js';
import type { Outcome } from './outcome.js';
import type { Row } from './row.js';

export function keep(
  row: Row,
  outcome: Outcome,
  wrong: Error | undefined,
  journal: readonly JournalLine[],
): void {
  const folder = process.env['PARITY_SEEN'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  const { reported: _, says, ...kept } = outcome;
  const events = journal.map(({ event, title, ok, failure }) => ({ event, title, ok, failure }));
  writeFileSync(
    join(folder, `${row.id}.${outcome.face}.json`),
    JSON.stringify({ ...kept, wrong: wrong?.message, events, says: says.slice(-4000) }, null, 1),
  );
}
