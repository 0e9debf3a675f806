/**
 * What failed and whether users notice, what Azure said, and what to do.
 *
 *      ✖ create deployment xgboost-model-2 failed. Users notice nothing: default serves.
 */
import { Box } from 'ink';
import type { AzureFailure } from '../../src/azure/types.js';
import { useGlyphs, useSpoken } from '../../src/terminal/glyphs.js';
import type { StepFailure } from '../../src/wizard/state.js';
import { wrapped } from './columns.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';
import { Phases, phasesHeight } from './operation.js';

const LABEL = 16;
/** Rows of a log that are worth a heading; and of them below the one that names the error. */
const LEAST_TAIL = 3;
const AFTER_TELLING = 5;

function Block({ label, lines }: { label: string; lines: readonly string[] }) {
  return (
    <>
      {lines.map((line, index) => (
        <Line
          key={`${label}${index}`}
        >{` ${(index === 0 ? label : '').padEnd(LABEL)}${line}`}</Line>
      ))}
    </>
  );
}

/** The line of a container's log that names the error, where one does. */
function tellingLine(
  log: readonly string[] | undefined,
): { line: number; text: string } | undefined {
  if (!log) return undefined;
  const pattern = /(Error|Exception|FATAL|ImportError|not found|No module)/i;
  const named = log.findLastIndex((line) => pattern.test(line) && !/^Kind:/.test(line));
  const index = named < 0 ? log.findLastIndex((line) => / E /.test(line)) : named;
  return index < 0 ? undefined : { line: index + 1, text: log[index] ?? '' };
}

/** What led to the telling line, on a terminal that has rows for a traceback. */
function tailOf(
  log: readonly string[] = [],
  telling: { line: number } | undefined,
  room: number,
): readonly string[] {
  if (room < LEAST_TAIL || log.length < LEAST_TAIL) return [];
  const end = Math.min(log.length, (telling?.line ?? log.length) + AFTER_TELLING);
  return log.slice(Math.max(0, end - room), end);
}

/** Packages whose modules have other names; the first is needed by Azure's own scoring script. */
const PACKAGES: Record<string, string> = {
  'azureml.ai': 'azureml-ai-monitoring',
  azureml: 'azureml-ai-monitoring',
  sklearn: 'scikit-learn',
  yaml: 'pyyaml',
  cv2: 'opencv-python',
  PIL: 'pillow',
};

/** Of conda and pip, where a network without egress stops them. */
const UNREACHED =
  /CondaHTTPError|CONNECTION FAILED|NewConnectionError|Max retries exceeded with url/;

export function likelyCause(log: readonly string[] | undefined): string | undefined {
  const missing = log
    ?.map((line) => /No module named '([\w.]+)'/.exec(line)?.[1])
    .findLast(Boolean);
  if (missing === undefined) {
    return log?.some((line) => UNREACHED.test(line))
      ? 'the container cannot reach the packages of conda.yaml: allow egress, or package the model (m, more settings)'
      : undefined;
  }
  const known = Object.keys(PACKAGES).find(
    (name) => missing === name || missing.startsWith(`${name}.`),
  );
  return `conda.yaml lacks ${known === undefined ? `the package of the module ${missing}` : PACKAGES[known]}`;
}

/** What this program found by itself, before it sent anything, has neither. */
const isAzures = ({ status, code, correlationId }: AzureFailure): boolean =>
  [status, code, correlationId].some((each) => each !== undefined);

const LOG_PREFIX = /^\d{4}-\d\d-\d\d \S+ [A-Z] /;
/** Beyond this, Azure's sentences are about troubleshooting in general: only a tall terminal has rows for them. */
const MOST_SAID = 8;
const SPARE = 16;

interface FailureViewProps {
  failure: StepFailure;
  /** Rows of the screen above and below this view. */
  around?: number;
  /** Choices stand below: they say what to do. */
  choices?: boolean;
}

/** The first of them, and a sign where there are more. */
function first(lines: readonly string[], most: number): string[] {
  const kept = lines.slice(0, most);
  return lines.length > most ? [...kept.slice(0, -1), `${kept.at(-1) ?? ''} …`] : kept;
}

export function FailureView({ failure: failed, around = 0, choices = false }: FailureViewProps) {
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  const { height, width } = useWizard();
  const { failure } = failed;
  const telling = tellingLine(failed.logTail);
  const cause = failed.likelyCause ?? likelyCause(failed.logTail);
  const block = (text: string): string[] => wrapped(clean(text), width - LABEL - 4);
  const title = first(
    wrapped(clean(`${failure.what} failed. ${failed.usersNotice}`), width - 6),
    2,
  );
  const log = telling ? first(block(telling.text.replace(LOG_PREFIX, '')), 2) : [];
  const why = cause === undefined ? [] : first(block(cause), 2);
  const wait =
    failure.retryAfterSeconds === undefined
      ? []
      : block(`Azure asks to wait ${failure.retryAfterSeconds} s.`);
  let room = height - around - title.length - log.length - why.length - wait.length;
  const advised = block(failure.advice);
  const advises = choices ? 0 : 1;
  const says = first(
    block(failure.message),
    Math.max(1, Math.min(MOST_SAID, room - Math.min(advises, advised.length)), room - SPARE),
  );
  room -= says.length;
  const advice = advised.length <= room || !choices ? first(advised, Math.max(1, room)) : [];
  room -= advice.length;
  // What helps least to decide gives way first: how far it came, then whom to name it to.
  const fits = (rows: number): boolean => {
    const does = rows > 0 && room >= rows;
    if (does) room -= rows;
    return does;
  };
  const correlation = fits(failure.correlationId === undefined ? 0 : 1);
  const phases = fits(failed.phases ? phasesHeight(failed.phases, width, glyphs) : 0);
  const [gap, gapOfPhases, gapOfCorrelation] = [fits(1), phases && fits(1), correlation && fits(1)];
  const tail = spoken ? [] : tailOf(failed.logTail, telling, room - 2);
  return (
    <Box flexDirection="column" flexShrink={0}>
      {title.map((line, index) => (
        <Line key={line}>
          <As is="fail">{index === 0 ? ` ${glyphs.fail} ${line}` : `   ${line}`}</As>
        </Line>
      ))}
      {gap ? <Line /> : null}
      {phases && failed.phases ? <Phases phases={failed.phases} /> : null}
      {gapOfPhases ? <Line /> : null}
      <Block label={`Log, line ${telling?.line}`} lines={log} />
      <Block label="Likely cause" lines={why} />
      <Block label={isAzures(failure) ? 'Azure error' : 'Why'} lines={says} />
      <Block label="What to do" lines={advice} />
      <Block label="" lines={wait} />
      {gapOfCorrelation ? <Line /> : null}
      {correlation ? (
        <Line>
          <As is="muted">{` correlation ${failure.correlationId}`}</As>
        </Line>
      ) : null}
      {tail.length > 0 ? (
        <>
          <Line />
          <Line>
            <As is="heading"> Log</As>
          </Line>
        </>
      ) : null}
      {tail.map((line, at) => (
        <Line key={at}>
          <As is="muted">{`   ${line}`}</As>
        </Line>
      ))}
    </Box>
  );
}
