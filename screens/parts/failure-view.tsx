/**
 * What failed and whether users notice, what Azure said, and what to do.
 *
 *      ✖ create deployment xgboost-model-2 did not work. Users notice nothing: default serves.
 */
import { Box } from 'ink';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import type { StepFailure } from '../../src/wizard/state.js';
import { wrapped } from './columns.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';
import { Phases } from './operation.js';

const LABEL = 16;

function Block({ label, text, most }: { label: string; text: string; most: number }) {
  const { width } = useWizard();
  return (
    <>
      {wrapped(clean(text), width - LABEL - 2)
        .slice(0, most)
        .map((line, index) => (
          <Line key={`${label}${index}`}>
            {` ${(index === 0 ? label : '').padEnd(LABEL)}${line}`}
          </Line>
        ))}
    </>
  );
}

/** The line of a container's log that names the error, where one does. */
export function tellingLine(
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

export function likelyCause(log: readonly string[] | undefined): string | undefined {
  const missing = log?.map((line) => /No module named '([\w.]+)'/.exec(line)?.[1]).findLast(Boolean);
  if (missing === undefined) return undefined;
  const known = Object.keys(PACKAGES).find((name) => missing === name || missing.startsWith(`${name}.`));
  return `conda.yaml lacks ${known === undefined ? `the package of the module ${missing}` : PACKAGES[known]}`;
}

export function FailureView({ failure: failed }: { failure: StepFailure }) {
  const glyphs = useGlyphs();
  const { height, width } = useWizard();
  const { failure } = failed;
  const telling = tellingLine(failed.logTail);
  const cause = failed.likelyCause ?? likelyCause(failed.logTail);
  const room = Math.max(2, height - 10);
  return (
    <Box flexDirection="column">
      {wrapped(clean(`${failure.what} did not work. ${failed.usersNotice}`), width - 4)
        .slice(0, 2)
        .map((line, index) => (
          <Line key={line}>
            <As is="fail">{index === 0 ? ` ${glyphs.fail} ${line}` : `   ${line}`}</As>
          </Line>
        ))}
      <Line />
      {failed.phases ? (
        <>
          <Phases phases={failed.phases} />
          <Line />
        </>
      ) : null}
      {telling ? <Block label={`Log, line ${telling.line}`} text={telling.text} most={2} /> : null}
      {cause !== undefined ? <Block label="Likely cause" text={cause} most={2} /> : null}
      <Block label="Azure says" text={failure.message} most={room} />
      <Block label="What to do" text={failure.advice} most={4} />
      {failure.retryAfterSeconds !== undefined ? (
        <Block label="" text={`Azure asks to wait ${failure.retryAfterSeconds} s.`} most={1} />
      ) : null}
      <Line />
      {failure.correlationId ? (
        <Line>
          <As is="muted">{` correlation ${failure.correlationId}`}</As>
        </Line>
      ) : null}
    </Box>
  );
}
