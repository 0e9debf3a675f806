/** What was done last, newest at the foot; of an earlier session, the last change of the journal. */
import { Box } from 'ink';
import { succeeded } from '../../src/rollout/journal/view.js';
import type { LogLine, State } from '../../src/wizard/state.js';
import { useWizard } from './context.js';
import { As, Line } from './line.js';
import { duration, timeOfDay } from './time.js';

function linesOf(state: State): readonly LogLine[] {
  if (state.log.length > 0) return state.log;
  const last = state.session?.opened?.journal.changes.findLast(succeeded);
  if (!last?.ended) return [];
  const { at, seconds } = last.ended;
  return [{ at: Date.parse(at), text: `${last.title} · verified · ${duration(seconds)}` }];
}

export function ChangeLog() {
  const { state, height } = useWizard();
  // What the split, the evidence and live users leave free on a tall terminal.
  const room = Math.max(1, Math.min(6, height - 15), height - 34);
  return (
    <Box flexDirection="column">
      {linesOf(state)
        .slice(-room)
        .map((entry) => (
          <Line key={`${entry.at}${entry.text}`}>
            <As is="muted">{` ${timeOfDay(entry.at)} ${entry.text}`}</As>
          </Line>
        ))}
    </Box>
  );
}
