/** The end: what is live, which files were written, and cleaning up. */
import { basename, dirname } from 'node:path';
import { Box, Text } from 'ink';
import { formatSplit } from '../src/common/split.js';
import { succeeded } from '../src/rollout/journal/view.js';
import { useGlyphs, useSpoken } from '../src/terminal/glyphs.js';
import { fileLink } from '../src/terminal/hyperlink.js';
import { theme } from '../src/terminal/theme.js';
import { greenShare, movedFromStart } from '../src/wizard/navigation.js';
import { cell, wrapped } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { As, clean, Line } from './parts/line.js';
import { OperationProgress } from './parts/operation.js';

const LABEL = 18;
/** The last ones, as far as there is room in 22 rows; the report has them all. */
const MOST_CHANGES = 4;

/** Those in a folder of their own are named by it. */
function namesIn(folder: string, paths: readonly string[]): string {
  const own = dirname(paths[0] ?? '');
  return own === folder ? paths.map((path) => basename(path)).join(', ') : `${basename(own)}/`;
}

function FilePath({ path, whole }: { path: string; whole: boolean }) {
  const spoken = useSpoken();
  const shown = clean(whole ? path : basename(path));
  return <Text {...theme.info}>{spoken ? shown : fileLink(shown, path)}</Text>;
}

/** A path is copied whole or not at all: where it does not fit, only its folder is shown. */
function Files({ files }: { files: readonly { what: string; path: string }[] }) {
  const { width } = useWizard();
  // Those of one kind share a line, by name: they stand where the others do.
  const kinds = [...new Set(files.map(({ what }) => what))];
  const rows = kinds.map((what) => ({
    what,
    paths: files.filter((each) => each.what === what).map(({ path }) => path),
  }));
  const fits = rows.every(
    ({ paths }) => paths.length > 1 || (paths[0] ?? '').length <= width - LABEL - 2,
  );
  const folder = files[0] ? dirname(files[0].path) : '';
  return (
    <>
      {fits
        ? null
        : wrapped(`in ${folder}`, width - 2).map((line) => <Line key={line}>{` ${line}`}</Line>)}
      {rows.flatMap(({ what, paths }) => {
        const [path = ''] = paths;
        if (paths.length === 1 && dirname(path) === folder) {
          return (
            <Line key={what}>
              {` ${cell(what, LABEL)}`}
              <FilePath path={path} whole={fits} />
            </Line>
          );
        }
        return wrapped(clean(namesIn(folder, paths)), width - LABEL - 2).map((line, at) => (
          <Line key={`${what}${at}`}>
            {` ${cell(at === 0 ? what : '', LABEL)}`}
            <As is="info">{line}</As>
          </Line>
        ));
      })}
    </>
  );
}

export function ReportScreen() {
  const { state } = useWizard();
  const glyphs = useGlyphs();
  const screen = state.screens.report;
  const opened = state.session?.opened;
  const endpoint = opened?.snapshot.endpoint;
  // Closing a rollout that was aborted does not make it complete.
  const open = opened !== undefined && !opened.journal.completed;
  const aborted = opened?.journal.aborted !== undefined && !movedFromStart(opened);
  const complete =
    greenShare(opened) === 100 || (opened?.journal.completed !== undefined && !aborted);
  const changes = opened?.journal.changes.filter(succeeded) ?? [];
  if (screen?.failure && !state.task) return <FailureView failure={screen.failure} />;
  return (
    <Box flexDirection="column">
      <Line>
        {!screen?.files ? (
          <As is="heading"> Rollout finished. The report is not written yet.</As>
        ) : complete ? (
          <As is="pass">{` ${glyphs.pass} Rollout complete`}</As>
        ) : aborted ? (
          <As is="warning">{` ${glyphs.warning} Rollout aborted: the split at the start is restored`}</As>
        ) : (
          <As is="warning">{` ${glyphs.warning} Rollout ended before green had all the traffic`}</As>
        )}
      </Line>
      <Line>
        {endpoint
          ? ` ${clean(opened?.endpoint ?? '')} serves ${formatSplit(endpoint.traffic)}`
          : ` Endpoint ${clean(opened?.endpoint ?? '')} is deleted.`}
      </Line>
      {screen?.files && open ? (
        <Line>
          {
            ' Its tags are still on the endpoint: others see a rollout under way until you close it.'
          }
        </Line>
      ) : null}
      <Line />
      <Files files={screen?.files ?? []} />
      <Line />
      <Line>
        <As is="heading">{` ${changes.length} CHANGES`}</As>
      </Line>
      {changes.slice(-MOST_CHANGES).map((record) => (
        <Line key={record.id}>
          {` ${glyphs.pass} ${clean(record.title)}   ${record.ended?.seconds ?? ''} s`}
        </Line>
      ))}
      <OperationProgress />
    </Box>
  );
}
