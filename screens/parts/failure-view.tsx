/**
 * What failed and whether users notice, what Azure said, and what to do.
 *
 *      ✖ create deployment xgboost-model-2 failed. Users notice nothing: default serves.
 */
import { Box } from 'ink';
import type { AzureFailure } from '../../src/azure/types.js';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import type { StepFailure } from '../../src/wizard/state.js';
import { wrapped } from './columns.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';
import { Phases } from './operation.js';

const LABEL = 16;

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
/** Beyond this, Azure's sentences are about troubleshooting in general. */
const MOST_SAID = 8;

interface FailureViewProps {
  failure: StepFailure;
  /** Rows needed below this view: a screen that is too high draws its lines over each other. */
  below?: number;
}

export function FailureView({ failure: failed, below = 0 }: FailureViewProps) {
  const glyphs = useGlyphs();
  const { height, width } = useWizard();
  const { failure } = failed;
  const telling = tellingLine(failed.logTail);
  const cause = failed.likelyCause ?? likelyCause(failed.logTail);
  const block = (text: string): string[] => wrapped(clean(text), width - LABEL - 2);
  const title = wrapped(clean(`${failure.what} failed. ${failed.usersNotice}`), width - 4).slice(
    0,
    2,
  );
  const log = telling ? block(telling.text.replace(LOG_PREFIX, '')).slice(0, 2) : [];
  const why = cause === undefined ? [] : block(cause).slice(0, 2);
  const wait =
    failure.retryAfterSeconds === undefined
      ? []
      : block(`Azure asks to wait ${failure.retryAfterSeconds} s.`);
  const fixed = title.length + log.length + why.length + wait.length;
  const more = Number(failed.phases !== undefined) + Number(failure.correlationId !== undefined);
  let room = height - below - fixed - more;
  const says = block(failure.message).slice(0, Math.max(1, Math.min(MOST_SAID, room)));
  room -= says.length;
  const advised = block(failure.advice);
  // Where choices stand below, they say what to do.
  const advice = advised.length <= room || below === 0 ? advised.slice(0, Math.max(1, room)) : [];
  room -= advice.length;
  const gap = (): boolean => {
    room -= 1;
    return room >= 0;
  };
  return (
    <Box flexDirection="column" flexShrink={0}>
      {title.map((line, index) => (
        <Line key={line}>
          <As is="fail">{index === 0 ? ` ${glyphs.fail} ${line}` : `   ${line}`}</As>
        </Line>
      ))}
      {gap() ? <Line /> : null}
      {failed.phases ? <Phases phases={failed.phases} /> : null}
      {failed.phases && gap() ? <Line /> : null}
      <Block label={`Log, line ${telling?.line}`} lines={log} />
      <Block label="Likely cause" lines={why} />
      <Block label={isAzures(failure) ? 'Azure error' : 'Why'} lines={says} />
      <Block label="What to do" lines={advice} />
      <Block label="" lines={wait} />
      {gap() ? <Line /> : null}
      {failure.correlationId ? (
        <Line>
          <As is="muted">{` correlation ${failure.correlationId}`}</As>
        </Line>
      ) : null}
    </Box>
  );
}
