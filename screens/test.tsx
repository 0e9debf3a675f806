/** A few rows through the endpoint: row, answer, truth if known, latency, who answered. */
import { Box } from 'ink';
import type { Tested } from '../src/wizard/effects/shown.js';
import { useGlyphs, useSpoken } from '../src/terminal/glyphs.js';
import { Blocks, TALL_ENOUGH } from './parts/blocks.js';
import { cell, cut, fitted, GAP, tableRow } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import { As, clean, Line } from './parts/line.js';
import { requestColumn } from './parts/request-column.js';
import { SampleView } from './parts/sample-view.js';
import { testFigures, testPreview } from './parts/test-details.js';

/** The sign, and the spaces beside it. */
const AROUND = 4;
/** Rows that say which rows were sent, and a blank one. */
const DRAWN = 2;

function Answers({ tested }: { tested: Tested }) {
  const { state, height, width } = useWizard();
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  const { sample } = state.screens.test ?? {};
  const room = Math.max(3, height - 8);
  const lines = tested.rows.flatMap((row) =>
    Object.entries(row.answers).map(([deployment, answer]) => ({ row, deployment, answer })),
  );
  const facts = ['row', 'answer', 'truth', 'latency', 'answered by'];
  const answered = lines.map(({ row, deployment, answer }) => [
    String(row.number),
    answer.failed ? '' : answer.text,
    row.truth ?? '',
    `${Math.round(answer.latencyMs)} ms`,
    deployment,
  ]);
  const facing = fitted([facts, ...answered], width - 5, [0, 3]);
  const aside = width - facing.reduce((sum, each) => sum + each + GAP, AROUND);
  const shown = lines.slice(0, room);
  const request = requestColumn(
    sample,
    shown.map(({ row }) => row.number),
    aside,
  );
  const head = [...facts, ...request.title];
  const size = [...facing, ...request.columns];
  const cells = shown.map(({ row }, at) => [...(answered[at] ?? []), ...request.of(row.number)]);
  const failed = lines.filter(({ answer }) => answer.failed).length;
  const saved = [tested.savedAs, tested.keyHint].filter((each) => each !== undefined).length;
  const own = 1 + shown.length + (lines.length > room ? 1 : 0) + 2 + saved;
  const left = height - DRAWN - (sample?.problems.length ? 1 : 0) - own;
  const beside = request.title.length > 0;
  const tall = !spoken && height >= TALL_ENOUGH;
  const blocks = tall ? testFigures(state, tested, { width, beside }) : [];
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading">{`   ${tableRow(head, size)}`}</As>
      </Line>
      {shown.map(({ row, deployment, answer }, at) => (
        <Line key={`${row.number}${deployment}`}>
          {answer.failed ? (
            <As is="fail">{` ${glyphs.fail} ${cell(String(row.number), size[0] ?? 0)}  ${answer.text}`}</As>
          ) : (
            ` ${glyphs.pass} ${tableRow(cells[at] ?? [], size)}`
          )}
        </Line>
      ))}
      {lines.length > room ? <Line>{`   and ${lines.length - room} more`}</Line> : null}
      <Line />
      <Line>
        {failed === 0 ? (
          <As is="pass">{` ${glyphs.pass} ${lines.length} of ${lines.length} rows answered.`}</As>
        ) : (
          <As is="fail">{` ${glyphs.fail} ${failed} of ${lines.length} requests failed.`}</As>
        )}
      </Line>
      {tested.savedAs ? (
        <Line>{`   saved as ${cut(clean(tested.savedAs), width - 14, 'start')}`}</Line>
      ) : null}
      {tested.keyHint === undefined ? null : (
        <Line>
          <As is="muted">{`   key ${tested.keyHint}: Y copies it, or a curl command`}</As>
        </Line>
      )}
      <Blocks blocks={blocks} rows={left} />
    </Box>
  );
}

export function TestScreen() {
  const { state, width } = useWizard();
  return (
    <SampleView
      step="test"
      intro="A few rows through the endpoint, as its users send them."
      answers={(tested) => <Answers tested={tested} />}
      preview={(form, rows) => testPreview(state, form, width, rows)}
    />
  );
}
