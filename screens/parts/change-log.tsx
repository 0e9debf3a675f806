/** What was done last, newest at the foot, whichever session did it. */
import { Box } from 'ink';
import { succeeded, type ChangeRecord } from '../../src/rollout/journal/view.js';
import type { LogLine, State } from '../../src/wizard/state.js';
import { cell } from './columns.js';
import { useWizard } from './context.js';
import { As, Line } from './line.js';
import { sentenceLines } from './sentence.js';
import { duration, timeOrDay } from './time.js';

/** Of the time and the spaces around it. */
const INDENT = 10;

/** Nothing of a change that has not ended. */
export const changeEntry = ({ title, ended }: Pick<ChangeRecord, 'title' | 'ended'>): LogLine[] =>
  ended
    ? [{ at: Date.parse(ended.at), text: `${title} · verified · ${duration(ended.seconds)}` }]
    : [];

const titleOf = (text: string): string | undefined => text.split(' · ')[0];

/** A change is in the journal a moment before it is in the log. */
const SAME_MS = 5_000;

/** This session's, and before them those of earlier sessions, as far as there is room. */
function entriesOf(state: State, most: number): readonly LogLine[] {
  const [first] = state.log;
  const changes = (state.session?.opened?.journal.changes ?? [])
    .filter(succeeded)
    .flatMap(changeEntry);
  const earlier = changes.filter(
    ({ at, text }) =>
      !first || at < first.at - SAME_MS || (at < first.at && titleOf(text) !== titleOf(first.text)),
  );
  return [...earlier.slice(-most), ...state.log].slice(-most);
}

/** The newest that fit whole; a long one goes on below its text. */
export function changeLines(
  entries: readonly LogLine[],
  { width, most, now }: { width: number; most: number; now: number },
): string[] {
  const shown: string[] = [];
  for (const { at, text } of entries.toReversed()) {
    const [first = '', ...more] = sentenceLines(text, width, INDENT);
    const lines = [` ${cell(timeOrDay(at, now), 8)} ${first.slice(INDENT)}`, ...more];
    if (lines.length > most && shown.length === 0)
      return [lines.map((line) => line.trim()).join(' ')].map((line) => ` ${line}`);
    if (shown.length + lines.length > most) break;
    shown.unshift(...lines);
  }
  return shown;
}

const linesOf = (state: State, width: number, most: number): string[] =>
  changeLines(entriesOf(state, most), { width, most, now: state.now });

/** Rows that `ChangeLog` takes of so many. */
export const logRows = (state: State, width: number, most: number): number =>
  linesOf(state, width, most).length;

export function ChangeLog({ rows }: { rows: number }) {
  const { state, width } = useWizard();
  return (
    <Box flexDirection="column">
      {linesOf(state, width, rows).map((line, at) => (
        <Line key={at}>
          <As is="muted">{line}</As>
        </Line>
      ))}
    </Box>
  );
}
