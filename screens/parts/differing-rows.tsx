/**
 * Rows on which the two deployments differ, and what was sent for the one under the cursor.
 *
 *       row       BLUE            GREEN           truth
 *     ❯ 118       0               1               1         green right
 */
import { Box } from 'ink';
import { stringifyJson } from '../../src/common/exact-numbers.js';
import type { Sample } from '../../src/wizard/effects/sample.js';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import { cell, fitted, tableRow } from './columns.js';
import { differing, type ShownDifference } from './differing.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';

const WHO = { blue: 'blue right', green: 'green right', both: 'both right', neither: 'both wrong' };

const who = ({ rightOne }: ShownDifference): string => (rightOne ? WHO[rightOne] : '');

const HEAD = ['row', 'BLUE', 'GREEN', 'truth', ''];

const cellsOf = (row: ShownDifference): string[] => [
  String(row.number),
  row.blue,
  row.green,
  row.truth ?? '',
  who(row),
];

/** The cells as the model got them, in as many columns as fit. */
function Cells({ sample, number }: { sample: Sample | undefined; number: number }) {
  const { width, height } = useWizard();
  const sent = sample?.rows.find((row) => row.number === number);
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
  const { state, height, width } = useWizard();
  const glyphs = useGlyphs();
  const { blue = '', green = '' } = state.session?.opened?.roles ?? {};
  const { tested, sample } = state.screens.prove ?? {};
  const rows = tested ? differing(tested, blue, green) : [];
  const at = Math.max(0, Math.min(offset, rows.length - 1));
  const room = Math.max(1, height - 4);
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  const under = rows[at];
  const shown = open && under ? [under] : rows.slice(from, from + room);
  const size = fitted([HEAD, ...rows.map(cellsOf)], width - 5, [0, 4]);
  const line = (row: ShownDifference): string => tableRow(cellsOf(row), size);
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading">
          {open && under ? ` ROW ${under.number}` : ` ${rows.length} differing rows`}
        </As>
      </Line>
      <Line />
      <Line>
        <As is="muted">{`   ${tableRow(HEAD, size)}`}</As>
      </Line>
      {shown.map((row) => (
        <Line key={row.number}>
          {row === under ? (
            <As is="focus">{` ${glyphs.pointer} ${line(row)}`}</As>
          ) : (
            `   ${line(row)}`
          )}
        </Line>
      ))}
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
