/** The number that a KQL query gives: on a Log Analytics workspace, or on the logs of any resource. */
import * as z from 'zod';
import { withNames } from '../named-program.js';
import type { LogTable } from '../../azure/types.js';
import {
  numberAt,
  resourceRule,
  secondsRule,
  Unreadable,
  windowRule,
  within,
  type CheckKind,
} from './check.js';

const WINDOW_MINUTES = 60;
const MINUTE_MS = 60_000;

const guid = 'use the id of a Log Analytics workspace, as its page shows it: a GUID';
const where = 'name either workspace or resource';
const schema = z
  .strictObject({
    workspace: z
      .string(guid)
      .regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i, guid)
      .optional(),
    resource: resourceRule.optional(),
    query: z.string('use a query').min(1, 'use a query'),
    /** Needed where the row has several. */
    column: z.string().min(1).optional(),
    windowMinutes: windowRule,
    timeoutSeconds: secondsRule,
  })
  .refine(
    ({ workspace, resource }) => (workspace === undefined) !== (resource === undefined),
    where,
  );

export const logsCheck: CheckKind<'logs', z.output<typeof schema>> = {
  id: 'logs',
  schema,
  asksEarlier: true,
  looksBack: ({ windowMinutes = WINDOW_MINUTES }) => 60 * windowMinutes,
  async read(settings, { names, workspace, at, signal }) {
    const { query, column, windowMinutes = WINDOW_MINUTES } = settings;
    const of =
      settings.workspace === undefined
        ? { resource: withNames(settings.resource ?? '', names, encodeURIComponent) }
        : { workspace: settings.workspace };
    const from = new Date(at - windowMinutes * MINUTE_MS);
    const tables = await within(settings.timeoutSeconds, signal, 'Azure Monitor', (until) =>
      workspace.queryLogs(of, withNames(query, names), from, new Date(at), until),
    );
    return cellOf(tables, column);
  },
};

function cellOf([table, ...more]: LogTable[], column: string | undefined): number {
  if (!table || more.length > 0) throw new Unreadable('The query returns more than one table.');
  const { columns, rows } = table;
  const [row] = rows;
  if (!row) throw new Unreadable('The query has no row.');
  if (rows.length > 1) {
    throw new Unreadable(`The query has ${rows.length} rows: end it with summarize.`);
  }
  const place = column === undefined ? 0 : columns.indexOf(column);
  if (place < 0) throw new Unreadable(`The query has no column ${column}.`);
  if (column === undefined && columns.length > 1) {
    throw new Unreadable(`The query has ${columns.length} columns: name one of them as column.`);
  }
  return numberAt(row[place] ?? undefined);
}
