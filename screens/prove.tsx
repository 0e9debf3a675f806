/** The same rows on blue and green, side by side: agreement, right answers, latency, what differs. */
import { Box } from 'ink';
import type { Tested } from '../src/wizard/effects/shown.js';
import { fitted, tableRow, wrapped } from './parts/columns.js';
import { gateTitle } from '../src/rollout/evidence/gates/settings.js';
import { useGlyphs, type Glyphs } from '../src/terminal/glyphs.js';
import type { Tone } from '../src/terminal/theme.js';
import { differing } from './parts/differing.js';
import { FittedEvidence } from './parts/evidence.js';
import { useWizard } from './parts/context.js';
import { LoadView } from './parts/load-view.js';
import { As, clean, Line } from './parts/line.js';
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

/** The rows that were drawn, a blank row, and the head of the table. */
const ABOVE = 3;

function Side({ tested }: { tested: Tested }) {
  const { state, height, width } = useWizard();
  const glyphs = useGlyphs();
  const { blue = '', green = '' } = state.session?.opened?.roles ?? {};
  const verdicts = tested.verdicts ?? [];
  const said = apart(tested);
  const rows = differing(tested, blue, green);
  const load = state.screens.prove?.load;
  const loadLines = load ? load.verdicts.length + 2 : 0;
  const follows = decided(tested, width, glyphs);
  const below = said.length + (follows?.lines.length ?? 0) + loadLines;
  const problems = state.screens.prove?.sample?.problems.length ?? 0;
  const room = Math.max(1, height - verdicts.length - 8 - loadLines - said.length);
  const head = ['differing rows', 'BLUE', 'GREEN', 'truth'];
  const cells = rows.map((row) => [`row ${row.number}`, row.blue, row.green, row.truth ?? '']);
  const size = fitted([head, ...cells], width - 5);
  return (
    <Box flexDirection="column">
      <FittedEvidence
        title="check"
        verdicts={verdicts}
        room={height - ABOVE - (problems > 0 ? 1 : 0) - below}
      />
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
      <Line />
      <Line>
        <As is="heading">
          {rows.length === 0 ? '   no differing rows' : `   ${tableRow(head, size)}`}
        </As>
      </Line>
      {cells.slice(0, room).map((row) => (
        <Line key={row[0]}>{`   ${tableRow(row, size)}`}</Line>
      ))}
      {rows.length > room ? <Line>{`   and ${rows.length - room} more: d`}</Line> : null}
    </Box>
  );
}

export function ProveScreen() {
  return (
    <SampleView
      step="prove"
      intro="Sends the same rows to blue and green by name. Live traffic does not change."
      answers={(tested) => <Side tested={tested} />}
    />
  );
}
