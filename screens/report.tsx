/** The end: what is live, which files were written, and cleaning up. */
import { basename, dirname } from 'node:path';
import { Box, Text } from 'ink';
import stringWidth from 'string-width';
import { formatSplit } from '../src/common/split.js';
import { succeeded, type ChangeRecord } from '../src/rollout/journal/view.js';
import { useGlyphs, useSpoken } from '../src/terminal/glyphs.js';
import { fileLink } from '../src/terminal/hyperlink.js';
import { theme } from '../src/terminal/theme.js';
import { greenShare, movedFromStart } from '../src/wizard/navigation.js';
import { Blocks, TALL_ENOUGH } from './parts/blocks.js';
import { cell, fitted, wrapped } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { As, clean, Line } from './parts/line.js';
import { OperationProgress, progressRows } from './parts/operation.js';
import { proofFigures } from './parts/proof-figures.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { timelineBlock } from './parts/timeline.js';
import { LastEvidence, lastEvidenceRows } from './parts/traffic-evidence.js';

const LABEL = 18;
/** As many changes as have room in 22 rows; the report has them all. */
const MOST_CHANGES = 4;
const STILL_OPEN =
  'Its tags are still on the endpoint: others see a rollout under way until you close it.';

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

interface FileRow {
  what: string;
  /** A file of its own, which the terminal may open; else names of several. */
  path?: string;
  text: string;
}

/** A path is copied whole or not at all: where it does not fit, only its folder is shown. */
function filesOf(
  files: readonly { what: string; path: string }[],
  width: number,
  room: number,
): { folder: string[]; rows: FileRow[]; whole: boolean } {
  const most = width - LABEL - 2;
  const folder = files[0] ? dirname(files[0].path) : '';
  const kinds = [...new Set(files.map(({ what }) => what))].map((what) => ({
    what,
    paths: files.filter((each) => each.what === what).map(({ path }) => path),
  }));
  const each = kinds.flatMap(({ what, paths }) =>
    paths.map((path, at): FileRow => ({ what: at === 0 ? what : '', path, text: path })),
  );
  const fits = (rows: readonly FileRow[]): boolean =>
    rows.every(({ path, text }) => path === undefined || stringWidth(clean(text)) <= most);
  if (each.length <= room && fits(each)) return { folder: [], rows: each, whole: true };
  // Those of one kind share a line, by name: they are where the others are.
  const rows = kinds.flatMap(({ what, paths }): FileRow[] => {
    const [path = ''] = paths;
    if (paths.length === 1 && dirname(path) === folder) return [{ what, path, text: path }];
    return wrapped(clean(namesIn(folder, paths)), most).map((text, at) => ({
      what: at === 0 ? what : '',
      text,
    }));
  });
  const whole = fits(rows);
  return { folder: whole ? [] : sentenceLines(`in ${folder}`, width), rows, whole };
}

function Files({ folder, rows, whole }: ReturnType<typeof filesOf>) {
  return (
    <>
      {folder.map((line) => (
        <Line key={line}>{line}</Line>
      ))}
      {rows.map(({ what, path, text }, at) => (
        <Line key={at}>
          {` ${cell(what, LABEL)}`}
          {path === undefined ? <As is="info">{text}</As> : <FilePath path={path} whole={whole} />}
        </Line>
      ))}
    </>
  );
}

/** The last ones, as far as there is room. */
function Changes({ changes, rows }: { changes: readonly ChangeRecord[]; rows: number }) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const shown = changes
    .slice(-rows)
    .map(({ id, title, ended }) => ({ id, cells: [title, `${ended?.seconds ?? ''} s`] }));
  const [title = 0, seconds = 0] = fitted(
    shown.map(({ cells }) => cells),
    width - 4,
    [1],
  );
  return (
    <>
      <Line>
        <As is="heading">{` ${changes.length} CHANGES`}</As>
      </Line>
      {shown.map(({ id, cells: [what = '', took = ''] }) => (
        <Line key={id}>
          {` ${glyphs.pass} ${cell(what, title)}  ${cell(took, seconds, 'right')}`}
        </Line>
      ))}
    </>
  );
}

export function ReportScreen() {
  const { state, width, height } = useWizard();
  const glyphs = useGlyphs();
  const spoken = useSpoken();
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
  const told = screen?.files && open ? sentenceLines(STILL_OPEN, width).length : 0;
  // The two lines above, the blank ones, the heading of the changes, and the fewest of them.
  const around = 2 + told + 3 + progressRows(state, width, glyphs);
  const few = Math.min(MOST_CHANGES, changes.length);
  const files = filesOf(screen?.files ?? [], width, height - around - few);
  const rest = height - around - files.folder.length - files.rows.length;
  const shown = Math.max(few, Math.min(changes.length, rest));
  const free = rest - shown;
  const { blue = '', green = '' } = opened?.roles ?? {};
  const tested = opened?.journal.tests.findLast(({ result }) => result.purpose === 'prove');
  const figures = tested?.result.figures;
  const blocks =
    spoken || height < TALL_ENOUGH
      ? []
      : [
          ...timelineBlock(state, glyphs, width),
          ...(figures ? proofFigures(figures, { blue, green }, width) : []),
        ];
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
      {screen?.files && open ? <Sentence>{STILL_OPEN}</Sentence> : null}
      <Line />
      <Files {...files} />
      <Line />
      <Changes changes={changes} rows={shown} />
      <LastEvidence rows={free} />
      <Blocks blocks={blocks} rows={free - lastEvidenceRows(state, { width, height }, free)} />
      <OperationProgress />
    </Box>
  );
}
