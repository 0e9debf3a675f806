/** Parts of test and prove: the drawn rows, and the table where the CSV does not fit the model. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { ColumnMatch, Sample } from '../../src/wizard/effects/sample.js';
import type { Tested } from '../../src/wizard/effects/shown.js';
import type { Form } from '../../src/wizard/form.js';
import { stepModule } from '../../src/wizard/steps/index.js';
import { fits, type SampleStep } from '../../src/wizard/steps/sample-form.js';
import { useGlyphs, useSpoken } from '../../src/terminal/glyphs.js';
import { Blocks, TALL_ENOUGH, type Block } from './blocks.js';
import { cell, widths, wrapped } from './columns.js';
import { useWizard } from './context.js';
import { FailureView } from './failure-view.js';
import { formRows, FormView } from './form-view.js';
import { As, clean, Line } from './line.js';
import { OperationProgress, progressRows } from './operation.js';
import { Sentence, sentenceLines } from './sentence.js';

function Drawn({ sample, sent }: { sample: Sample; sent: number }) {
  const { spec, totalRows, target } = sample;
  const file = spec.path.split(/[\\/]/).at(-1) ?? spec.path;
  const [problem] = sample.problems;
  return (
    <>
      <Line>
        {` ${sent} of ${totalRows} rows of ${clean(file)}, seed ${spec.seed}, truth: ${clean(target ?? 'none')}`}
      </Line>
      {problem !== undefined ? (
        <Line>
          <As is="warning">{` ${sample.problems.length} cells did not fit, their rows are left out: ${problem}`}</As>
        </Line>
      ) : null}
    </>
  );
}

/** First what is wrong, then columns that may be what it wants, then what fits. */
const rank = (match: ColumnMatch): number =>
  match.problem ? 0 : match.wants === undefined ? 1 : 2;

function Matches({ sample }: { sample: Sample }) {
  const { height, width } = useWizard();
  const glyphs = useGlyphs();
  const table = sample.matches.map((match) => [match.wants ?? '-', match.has ?? '-', match.action]);
  const size = widths([['model input', 'CSV column', 'action'], ...table], 26);
  const row = (cells: readonly string[]): string =>
    cells.map((text, at) => (at < 2 ? cell(text, size[at] ?? 10) : clean(text))).join('  ');
  const ordered = sample.matches
    .map((match, index) => ({ match, cells: table[index] ?? [] }))
    .sort((a, b) => rank(a.match) - rank(b.match));
  // What is wrong is read to its end; the other lines may be cut off.
  const room = Math.max(20, width - 8 - (size[0] ?? 10) - (size[1] ?? 10));
  const lines = ordered.flatMap(({ match, cells: [wants = '', has = '', action = ''] }) =>
    (match.problem ? wrapped(clean(action), room) : [action]).map((part, index) => ({
      problem: match.problem,
      text: ` ${match.problem && index === 0 ? glyphs.fail : ' '} ${row(index === 0 ? [wants, has, part] : ['', '', part])}`,
    })),
  );
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading">{`   ${row(['model input', 'CSV column', 'action'])}`}</As>
      </Line>
      {lines.slice(0, Math.max(3, height - 12)).map(({ problem, text }, index) => (
        <Line key={index}>{problem ? <As is="fail">{text}</As> : text}</Line>
      ))}
    </Box>
  );
}

interface SampleViewProps {
  step: SampleStep;
  /** What the rows will be sent for, in a sentence. */
  intro: string;
  /** Draws the result. */
  answers(tested: Tested): ReactNode;
  /** What a tall terminal shows below the form, in so many rows. */
  preview(form: Form, rows: number): Block[];
}

/** A step that sends rows: its form, what is in the way, its failure, or the result. */
export function SampleView({ step, intro, answers, preview }: SampleViewProps) {
  const { state, width, height } = useWizard();
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  const screen = state.screens[step];
  const form = stepModule(step).form?.(state);
  const failed = state.task ? undefined : screen?.failure;
  const unfit = screen?.sample && !fits(screen.sample) ? screen.sample : undefined;
  const previewed = form && !failed && !unfit && !spoken && height >= TALL_ENOUGH;
  const taken = sentenceLines(intro, width).length + 1 + progressRows(state, width, glyphs);
  const rows = form ? height - taken - formRows(form.form, width) : 0;
  return (
    <Box flexDirection="column">
      {failed ? (
        <FailureView failure={failed} />
      ) : screen?.tested ? (
        <>
          {screen.sample ? <Drawn sample={screen.sample} sent={screen.tested.rows.length} /> : null}
          <Line />
          {answers(screen.tested)}
        </>
      ) : (
        <>
          <Sentence>{intro}</Sentence>
          <Line />
          {form ? <FormView {...form} /> : null}
          {unfit ? <Matches sample={unfit} /> : null}
        </>
      )}
      <OperationProgress />
      {previewed ? <Blocks blocks={preview(form.form, rows)} rows={rows} /> : null}
    </Box>
  );
}
