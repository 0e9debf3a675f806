/** The same rows on blue and green, side by side: agreement, right answers, latency, what differs. */
import { Box } from 'ink';
import { whyLines } from '../src/wizard/steps/prove.js';
import type { Tested } from '../src/wizard/effects/shown.js';
import { wrapped } from './parts/columns.js';
import { gateTitle } from '../src/rollout/evidence/gates/settings.js';
import { useGlyphs, useSpoken, type Glyphs } from '../src/terminal/glyphs.js';
import type { Tone } from '../src/terminal/theme.js';
import { Blocks, TALL_ENOUGH } from './parts/blocks.js';
import { DifferingList } from './parts/differing-rows.js';
import { FittedEvidence, fittedRows } from './parts/evidence.js';
import { useWizard } from './parts/context.js';
import { LoadView, loadRows } from './parts/load-view.js';
import { As, clean, Line } from './parts/line.js';
import { proofFigures } from './parts/proof-figures.js';
import { useProofPreview } from './parts/proof-preview.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { SampleView } from './parts/sample-view.js';

/** What follows from the verdicts, in a sentence or two. */
function decided(
  { decision, more }: Tested,
  width: number,
  glyphs: Glyphs,
): { lines: string[]; is: Tone } | undefined {
  if (!decision) return undefined;
  const names = 'because' in decision ? decision.because.map(({ gate }) => gateTitle(gate)) : [];
  const [first] = 'because' in decision ? decision.because : [];
  const sentence = {
    promote: `${glyphs.pass} Proved: every enforced gate passed.`,
    stop: `${glyphs.fail} Stopped by ${names.join(', ')}. ${first?.why ?? ''} Green stays at 0%.`,
    hold: `${glyphs.inconclusive} Inconclusive: ${first?.why ?? 'no gate is enforced.'} Green stays at 0%.`,
    'probe-more': `${glyphs.inconclusive} Inconclusive. Green stays at 0%.`,
    'send-more': !more
      ? `${glyphs.inconclusive} Inconclusive: ${names.join(', ')} need more rows than the file has. Choose another file (r), change a limit (g), or override with a reason (o).`
      : more.again
        ? `${glyphs.inconclusive} Inconclusive: ${names.join(', ')} need more rows and the file has no more. Send ${more.count} again (${glyphs.enter}), for latency only; choose another file (r), or override with a reason (o).`
        : `${glyphs.inconclusive} Inconclusive: ${names.join(', ')} need ${more.count} more rows. Green stays at 0%.`,
  }[decision.do];
  const is = decision.do === 'promote' ? 'pass' : decision.do === 'stop' ? 'fail' : 'inconclusive';
  return { lines: wrapped(sentence, width - 3), is };
}

/** What was refused apart from the model's own errors, and why sending ended. */
function apart({ refused = {}, repeated }: Tested): string[] {
  const counts = Object.entries(refused).map(([name, { busy, signIn, network }]) =>
    [
      `${clean(name)}:`,
      [
        ...(busy > 0 ? [`${busy} too busy (429)`] : []),
        ...(signIn > 0 ? [`${signIn} refused (401)`] : []),
        ...(network > 0 ? [`${network} lost in transit`] : []),
      ].join(', '),
    ].join(' '),
  );
  return [
    ...(counts.length > 0 ? [`not counted as evidence: ${counts.join('; ')}`] : []),
    ...(repeated ? [`${repeated} rows were sent again, for latency only`] : []),
  ];
}

/** The rows that were drawn, and a blank row. */
const ABOVE = 2;
/** Differing rows that the sentences of gates leave room for, with their heads. */
const LEAST_DIFFERING = 8;

function Side({ tested }: { tested: Tested }) {
  const { state, height, width } = useWizard();
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  const verdicts = tested.verdicts ?? [];
  const said = apart(tested);
  const { load, sample } = state.screens.prove ?? {};
  const follows = decided(tested, width, glyphs);
  const told =
    said.length + (follows?.lines.length ?? 0) + (load ? loadRows(load, width, glyphs) : 0);
  const room = height - ABOVE - (sample?.problems.length ? 1 : 0) - told;
  const rest = room - fittedRows(verdicts, room - 1) - 1;
  const why = whyLines(verdicts);
  const whyRows = why.flatMap((line) => sentenceLines(line, width, 3)).length + 2;
  const explains = !spoken && why.length > 0 && rest - whyRows >= LEAST_DIFFERING;
  const left = rest - (explains ? whyRows : 0);
  const { blue = '', green = '' } = state.session?.opened?.roles ?? {};
  const { differing = [], figures: counted } = tested.result;
  const list = Math.min(left, Math.max(1, differing.length + 1));
  const shows = counted !== undefined && !spoken && height >= TALL_ENOUGH;
  const figures = shows ? proofFigures(counted, { blue, green }, width) : [];
  return (
    <Box flexDirection="column">
      <FittedEvidence title="check" verdicts={verdicts} room={room - 1} />
      {said.map((text) => (
        <Line key={text}>
          <As is="warning">{`   ${text}`}</As>
        </Line>
      ))}
      {follows?.lines.map((line) => (
        <Line key={line}>
          <As is={follows.is}>{` ${line}`}</As>
        </Line>
      ))}
      {load ? <LoadView load={load} /> : null}
      {explains ? (
        <>
          <Line />
          <Line>
            <As is="heading"> why</As>
          </Line>
          {why.map((line) => (
            <Sentence key={line} is="muted" indent={3}>
              {line}
            </Sentence>
          ))}
        </>
      ) : null}
      <Line />
      <DifferingList rows={list} />
      <Blocks blocks={figures} rows={left - list} />
    </Box>
  );
}

export function ProveScreen() {
  const preview = useProofPreview();
  return (
    <SampleView
      step="prove"
      intro="Sends the same rows to blue and green by name. Live traffic does not change."
      answers={(tested) => <Side tested={tested} />}
      preview={preview}
    />
  );
}
