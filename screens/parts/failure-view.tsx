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
export function tellingLine(log: readonly string[] | undefined): { line: number; text: string } | undefined {
  if (!log) return undefined;
  const pattern = /(Error|Exception|FATAL|ImportError|not found|No module)/i;
  const index = log.findLastIndex((line) => pattern.test(line) && !/^Kind:/.test(line));
  return index < 0 ? undefined : { line: index + 1, text: log[index] ?? '' };
}

export function FailureView({ failure: failed }: { failure: StepFailure }) {
  const glyphs = useGlyphs();
  const { height, width } = useWizard();
  const { failure } = failed;
  const telling = tellingLine(failed.logTail);
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
