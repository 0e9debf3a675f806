/**
 * Rows on which the two deployments differ, and what was sent for the one under the cursor.
 *
 *       row       BLUE            GREEN           truth
 *     ❯ 118       0               1               1         green right
 */
import { Box } from 'ink';
import { useMemo } from 'react';
import { stringifyJson } from '../../src/common/exact-numbers.js';
import type { Sample } from '../../src/wizard/effects/sample.js';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import { cell, fitted, GAP, tableRow } from './columns.js';
import { differing, type ShownDifference } from './differing.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';
import { requestColumn, rowOf } from './request-column.js';

const WHO = { blue: 'blue right', green: 'green right', both: 'both right', neither: 'both wrong' };

const who = ({ rightOne }: ShownDifference): string => (rightOne ? WHO[rightOne] : '');

interface Columns {
  head: readonly string[];
  cellsOf(row: ShownDifference): string[];
  size: readonly number[];
}

/** The request stands beside its answers where all of each shown row's fits. */
function columnsOf(
  rows: readonly ShownDifference[],
  width: number,
  sample: Sample | undefined,
  title: string | undefined,
): Columns {
  const known = rows.some(({ rightOne }) => rightOne !== undefined);
  const head = [title ?? 'row', 'BLUE', 'GREEN', 'truth', ...(known ? [''] : [])];
  const cellsOf = (row: ShownDifference): string[] => [
    title === undefined ? String(row.number) : `row ${row.number}`,
    row.blue,
    row.green,
    row.truth ?? '',
    ...(known ? [who(row)] : []),
  ];
  const cells = rows.map(cellsOf);
  const size = fitted([head, ...cells], width - INDENT - 1, [0, 4]);
  const room = width - size.reduce((sum, each) => sum + each + GAP, INDENT + 1);
  const numbers = rows.map(({ number }) => number);
  const { title: request, columns, of } = requestColumn(sample, numbers, room);
  return {
    head: [...head, ...request],
    cellsOf: (row) => [...cellsOf(row), ...of(row.number)],
    size: [...size, ...columns],
  };
}

const INDENT = 3;

/** Rows with their answers; `of` says which rows the columns are to fit, `title` what they are. */
function Table({
  rows,
  of = rows,
  under,
  sample,
  title,
}: {
  rows: readonly ShownDifference[];
  of?: readonly ShownDifference[];
  title?: string;
  under?: ShownDifference | undefined;
  sample?: Sample | undefined;
}) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  // Not on each key and each second: of many rows it takes longer than to draw them.
  const { head, cellsOf, size } = useMemo(
    () => columnsOf(of, width, sample, title),
    [of, width, sample, title],
  );
  return (
    <>
      <Line>
        <As is={title === undefined ? 'muted' : 'heading'}>{`   ${tableRow(head, size)}`}</As>
      </Line>
      {rows.map((row) => (
        <Line key={row.number}>
          {row === under ? (
            <As is="focus">{` ${glyphs.pointer} ${tableRow(cellsOf(row), size)}`}</As>
          ) : (
            `   ${tableRow(cellsOf(row), size)}`
          )}
        </Line>
      ))}
    </>
  );
}

function useDiffering(): { rows: readonly ShownDifference[]; sample: Sample | undefined } {
  const { state } = useWizard();
  const { blue = '', green = '' } = state.session?.opened?.roles ?? {};
  const { tested, sample } = state.screens.prove ?? {};
  const rows = useMemo(() => (tested ? differing(tested, blue, green) : []), [tested, blue, green]);
  return { rows, sample };
}

/** As many as fit so many rows, with the head. */
export function DifferingList({ rows: room }: { rows: number }) {
  const { rows, sample } = useDiffering();
  const most = rows.length < room ? rows.length : Math.max(1, room - 2);
  const shown = useMemo(() => rows.slice(0, most), [rows, most]);
  return (
    <Box flexDirection="column">
      {rows.length === 0 ? (
        <Line>
          <As is="heading">{'   no differing rows'}</As>
        </Line>
      ) : (
        <Table rows={shown} sample={sample} title="differing rows" />
      )}
      {rows.length > most ? <Line>{`   and ${rows.length - most} more: d`}</Line> : null}
    </Box>
  );
}

/** The cells as the model got them, in as many columns as fit. */
function Cells({ sample, number }: { sample: Sample | undefined; number: number }) {
  const { width, height } = useWizard();
  const sent = rowOf(sample, number);
  if (!sample || !sent)
    return <Line>{' The request of this row is unknown: it was sent in another session.'}</Line>;
  const cells = sent.values.map(
    (value, at) =>
      [String(sample.columns[at] ?? `value ${at + 1}`), stringifyJson(value) ?? ''] as const,
  );
  const perRow = Math.max(1, Math.floor((width - 2) / 26));
  const lines = Array.from({ length: Math.ceil(cells.length / perRow) }, (_, at) =>
    cells
      .slice(at * perRow, (at + 1) * perRow)
      .map(([name, value]) => `${cell(clean(name), 13)} ${cell(clean(value), 11)} `)
      .join(''),
  );
  const room = Math.max(1, height - 8);
  return (
    <>
      {lines.slice(0, room).map((text) => (
        <Line key={text}>{` ${text}`}</Line>
      ))}
      {lines.length > room ? (
        <Line>
          <As is="muted">{` and ${cells.length - room * perRow} more columns`}</As>
        </Line>
      ) : null}
    </>
  );
}

export function DifferingRows({ offset, open = false }: { offset: number; open?: boolean }) {
  const { height } = useWizard();
  const { rows, sample } = useDiffering();
  const at = Math.max(0, Math.min(offset, rows.length - 1));
  const room = Math.max(1, height - 4);
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  const under = rows[at];
  const shown = open && under ? [under] : rows.slice(from, from + room);
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading">
          {open && under ? ` ROW ${under.number}` : ` ${rows.length} differing rows`}
        </As>
      </Line>
      <Line />
      <Table rows={shown} of={rows} under={under} />
      {open && under ? (
        <>
          <Line />
          <Line>
            <As is="muted">{' the request, as the model receives it'}</As>
          </Line>
          <Cells sample={sample} number={under.number} />
        </>
      ) : null}
    </Box>
  );
}
