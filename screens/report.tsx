/** The end: what is live, which files were written, and cleaning up. */
import { Box } from 'ink';
import { formatSplit } from '../src/rollout/split.js';
import { succeeded } from '../src/rollout/view.js';
import { useGlyphs } from '../src/terminal/glyphs.js';
import { greenShare } from '../src/wizard/navigation.js';
import { cell } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { As, clean, Line } from './parts/line.js';
import { Operation } from './parts/operation.js';

const LABEL = 18;

export function ReportScreen() {
  const { state, width } = useWizard();
  const glyphs = useGlyphs();
  const screen = state.screens.report;
  const opened = state.session?.opened;
  const endpoint = opened?.snapshot.endpoint;
  const complete = greenShare(opened) === 100 || opened?.journal.completed !== undefined;
  const changes = opened?.journal.changes.filter(succeeded) ?? [];
  if (screen?.failure && !state.task) return <FailureView failure={screen.failure} />;
  return (
    <Box flexDirection="column">
      <Line>
        {complete ? (
          <As is="pass">{` ${glyphs.pass} Rollout complete`}</As>
        ) : (
          <As is="warning">{` ${glyphs.warning} Rollout ended before NEW got everything`}</As>
        )}
      </Line>
      <Line>
        {endpoint
          ? ` ${clean(opened?.endpoint ?? '')} serves ${formatSplit(endpoint.traffic)}`
          : ` Endpoint ${clean(opened?.endpoint ?? '')} is deleted.`}
      </Line>
      <Line />
      {screen?.files?.map((file) => (
        <Line key={file.path}>
          {` ${cell(file.what, LABEL)}`}
          <As is="info">
            {file.path.length > width - LABEL - 2
              ? `…${file.path.slice(-(width - LABEL - 3))}`
              : file.path}
          </As>
        </Line>
      ))}
      <Line />
      <Line>
        <As is="heading">{` ${changes.length} CHANGES`}</As>
      </Line>
      {changes.slice(-6).map((record) => (
        <Line key={record.id}>
          {` ${glyphs.pass} ${clean(record.title)}   ${record.ended?.seconds ?? ''} s`}
        </Line>
      ))}
      <Operation />
    </Box>
  );
}
