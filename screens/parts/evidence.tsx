/**
 * What the gates say, a line each.
 *
 *      check          BLUE    GREEN   difference         limit         verdict
 *      errors         0/300   0/300   0.0 pp, up to 0.9  1 pp          ✔ pass
 */
import { Box } from 'ink';
import { gateTitle } from '../../src/rollout/evidence/gates/settings.js';
import type { Verdict } from '../../src/rollout/evidence/gates/verdict.js';
import { useGlyphs, type Glyphs } from '../../src/terminal/glyphs.js';
import type { Tone } from '../../src/terminal/theme.js';
import { cell } from './columns.js';
import { useWizard } from './context.js';
import { As, Line } from './line.js';

const NAME = 15;
const SIDE = 8;
/** `1.10x or 5 ms`: a limit is never cut. */
const LIMIT = 14;
/** `? inconclusive` ends the line. */
const VERDICT = 14;
/** Below this width the limit is left out, so that the verdict is never cut. */
const NARROW = 72;

/** Icon and word: a failed check that only warns does not look like one that stops. */
function verdictMark(
  { verdict, mode }: Pick<Verdict, 'verdict' | 'mode'>,
  glyphs: Glyphs,
): { text: string; is: Tone } {
  if (verdict === 'pass') return { text: `${glyphs.pass} pass`, is: 'pass' };
  if (verdict === 'inconclusive')
    return { text: `${glyphs.inconclusive} inconclusive`, is: 'inconclusive' };
  if (verdict === 'error') return { text: `${glyphs.warning} no answer`, is: 'warning' };
  return mode === 'enforce'
    ? { text: `${glyphs.fail} fail`, is: 'fail' }
    : { text: `${glyphs.warning} warning`, is: 'warning' };
}

function row(width: number, cells: readonly string[]): string {
  // `0/300` in place of `0 / 300` leaves room for the difference.
  const [name = '', blue = '', green = '', difference = '', limit = ''] = cells.map((each) =>
    each.replace(' / ', '/'),
  );
  if (width < NARROW) {
    const left = width - 2 - NAME - 2 * SIDE - VERDICT;
    return ` ${cell(name, NAME)}${cell(blue, SIDE)}${cell(green, SIDE)}${cell(difference, left)} `;
  }
  const room = Math.max(10, Math.min(40, width - NAME - 2 * SIDE - LIMIT - VERDICT - 2));
  return ` ${cell(name, NAME)}${cell(blue, SIDE)}${cell(green, SIDE)}${cell(difference, room)} ${cell(limit, LIMIT)}`;
}

function EvidenceHead({ title }: { title: string }) {
  const { width } = useWizard();
  return (
    <Line>
      <As is="heading">{`${row(width, [title, 'BLUE', 'GREEN', 'difference', 'limit'])}verdict`}</As>
    </Line>
  );
}

export function EvidenceLine({ verdict }: { verdict: Verdict }) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const { gate, blue, green, difference, limit } = verdict;
  const mark = verdictMark(verdict, glyphs);
  return (
    <Line>
      {row(width, [gateTitle(gate), blue, green, difference, limit])}
      <As is={mark.is}>{mark.text}</As>
    </Line>
  );
}

export function EvidenceTable({
  title,
  verdicts,
}: {
  title: string;
  verdicts: readonly Verdict[];
}) {
  return (
    <Box flexDirection="column">
      <EvidenceHead title={title} />
      {verdicts.map((verdict) => (
        <EvidenceLine key={verdict.gate} verdict={verdict} />
      ))}
    </Box>
  );
}
