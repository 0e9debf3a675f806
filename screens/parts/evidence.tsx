/**
 * What the gates say, a line each.
 *
 *      check          BLUE    GREEN   difference         limit         verdict
 *      errors         0/300   0/300   0.0 pp, up to 0.9  1 pp          ✔ pass
 */
import { Box } from 'ink';
import stringWidth from 'string-width';
import { gateTitle } from '../../src/rollout/evidence/gates/settings.js';
import type { Verdict } from '../../src/rollout/evidence/gates/verdict.js';
import { useGlyphs, type Glyphs } from '../../src/terminal/glyphs.js';
import type { Tone } from '../../src/terminal/theme.js';
import { cell, fitted, GAP, widths } from './columns.js';
import { useWizard } from './context.js';
import { As, Line } from './line.js';

/** Below this width the limit is left out, so that the verdict is never cut. */
const NARROW = 72;
const DIFFERENCE = 3;
const LIMIT = 4;
/** Around the longest word for a verdict. */
const MOST_AROUND = 17;
/** Left out where its one column more than a pass would cut the figures. */
const verdictHead = (width: number): string => (width < NARROW ? '' : 'verdict');

/** Icon and word: a failed check that only warns does not look like one that stops. */
function verdictMark(
  { verdict, mode }: Pick<Verdict, 'verdict' | 'mode'>,
  glyphs: Glyphs,
  width: number,
): { text: string; is: Tone } {
  if (verdict === 'pass') return { text: `${glyphs.pass} pass`, is: 'pass' };
  if (verdict === 'inconclusive')
    return { text: `${glyphs.inconclusive} inconclusive`, is: 'inconclusive' };
  if (verdict === 'error') return { text: `${glyphs.warning} no answer`, is: 'warning' };
  return mode === 'enforce'
    ? { text: `${glyphs.fail} fail`, is: 'fail' }
    : { text: `${glyphs.warning} ${width < NARROW ? 'warn' : 'warning'}`, is: 'warning' };
}

const HEAD = ['BLUE', 'GREEN', 'difference', 'limit'];

// `0/300` in place of `0 / 300` leaves room for the difference.
const cellsOf = ({ gate, blue, green, difference, limit }: Verdict): string[] =>
  [gateTitle(gate), blue, green, difference, limit].map((each) => each.replace(' / ', '/'));

/** The column of differences gives way to a limit down to this; then the limit is left out. */
const LEAST_DIFFERENCE = 12;
const WHOLE = [0, 1, 2, LIMIT];

/** The column of verdicts, and the space before it and the line. */
function around(verdicts: readonly Verdict[], glyphs: Glyphs, width = Infinity): number {
  const marks = verdicts.map((verdict) => verdictMark(verdict, glyphs, width).text);
  return 1 + GAP + Math.max(...[verdictHead(width), ...marks].map((each) => stringWidth(each)));
}

function columnsOf(rows: readonly (readonly string[])[], width: number, room: number): number[] {
  const short = rows.map((cells) => cells.slice(0, LIMIT));
  if (width < NARROW) return fitted(short, room, WHOLE);
  const needed = widths(rows, Infinity)[DIFFERENCE] ?? 0;
  // A verdict that becomes a longer word does not take the limit away.
  const least = fitted(rows, width - MOST_AROUND, WHOLE)[DIFFERENCE] ?? 0;
  const size = fitted(rows, room, WHOLE);
  const cut = (size[DIFFERENCE] ?? 0) < needed;
  return cut && least < LEAST_DIFFERENCE ? fitted(short, room, WHOLE) : size;
}

const inColumns = (cells: readonly string[], size: readonly number[]): string =>
  ` ${size.map((columns, at) => cell(cells[at] ?? '', columns)).join(' '.repeat(GAP))}${' '.repeat(GAP)}`;

/** Columns that a table needs for nothing to be cut. */
export const evidenceWidth = (
  title: string,
  verdicts: readonly Verdict[],
  glyphs: Glyphs,
): number =>
  widths([[title, ...HEAD], ...verdicts.map(cellsOf)], Infinity).reduce(
    (sum, each) => sum + each + GAP,
    around(verdicts, glyphs),
  );

/** With `title` a line of heads above; without, lines below a sentence. */
export function EvidenceTable({
  title,
  verdicts,
}: {
  title?: string;
  verdicts: readonly Verdict[];
}) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const head = [title ?? '', ...HEAD];
  const room = width - around(verdicts, glyphs, width);
  const size = columnsOf([head, ...verdicts.map(cellsOf)], width, room);
  return (
    <Box flexDirection="column">
      {title === undefined || verdicts.length === 0 ? null : (
        <Line>
          <As is="heading">{`${inColumns(head, size)}${verdictHead(width)}`}</As>
        </Line>
      )}
      {verdicts.map((verdict) => {
        const mark = verdictMark(verdict, glyphs, width);
        return (
          <Line key={verdict.gate}>
            {inColumns(cellsOf(verdict), size)}
            <As is={mark.is}>{mark.text}</As>
          </Line>
        );
      })}
    </Box>
  );
}

/** A verdict, and how many are left out. */
const LEAST_ROWS = 2;

/** Passed checks give way where not all fit; none that stops or warns does, nor who is served. */
function fitting(verdicts: readonly Verdict[], room: number): readonly Verdict[] {
  let spare = verdicts.length - room;
  if (spare <= 0) return verdicts;
  // The line that says how many are left out takes a row too.
  spare += 1;
  return verdicts.filter(
    ({ gate, verdict }) => verdict !== 'pass' || gate === 'split' || spare-- <= 0,
  );
}

/** Rows that `FittedEvidence` takes, with its head. */
export function fittedRows(verdicts: readonly Verdict[], room: number): number {
  const shown = fitting(verdicts, Math.max(LEAST_ROWS, room)).length;
  return shown + (shown > 0 ? 1 : 0) + (shown < verdicts.length ? 1 : 0);
}

/** The table in so many rows below its head, as far as what must be seen leaves them. */
export function FittedEvidence({
  title,
  verdicts,
  room,
}: {
  title: string;
  verdicts: readonly Verdict[];
  room: number;
}) {
  const glyphs = useGlyphs();
  const shown = fitting(verdicts, Math.max(LEAST_ROWS, room));
  return (
    <>
      <EvidenceTable title={title} verdicts={shown} />
      {shown.length < verdicts.length ? (
        <Line>
          <As is="muted">{`   and ${verdicts.length - shown.length} more, all ${glyphs.pass} pass`}</As>
        </Line>
      ) : null}
    </>
  );
}
