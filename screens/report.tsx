/** The end: what is live, which files were written, and cleaning up. */
import { basename, dirname } from 'node:path';
import { Box } from 'ink';
import { formatSplit } from '../src/rollout/split.js';
import { succeeded } from '../src/rollout/view.js';
import { useGlyphs } from '../src/terminal/glyphs.js';
import { greenShare } from '../src/wizard/navigation.js';
import { cell, wrapped } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { As, clean, Line } from './parts/line.js';
import { Operation } from './parts/operation.js';

const LABEL = 18;

/** A path is copied whole or not at all: where it does not fit, its folder stands alone. */
function Files({ files }: { files: readonly { what: string; path: string }[] }) {
  const { width } = useWizard();
  const fits = files.every(({ path }) => path.length <= width - LABEL - 2);
  const folder = files[0] ? dirname(files[0].path) : '';
  return (
    <>
      {fits
        ? null
        : wrapped(`in ${folder}`, width - 2).map((line) => <Line key={line}>{` ${line}`}</Line>)}
      {files.map(({ what, path }) => (
        <Line key={path}>
          {` ${cell(what, LABEL)}`}
          <As is="info">{fits ? path : basename(path)}</As>
        </Line>
      ))}
    </>
  );
}

export function ReportScreen() {
  const { state } = useWizard();
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
        {!screen?.files ? (
          <As is="heading"> The rollout is over; its report is not written yet.</As>
        ) : complete ? (
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
      <Files files={screen?.files ?? []} />
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
