/** Green under load, alone: what was sent, and the limits it was held against. */
import { Box } from 'ink';
import type { Loaded } from '../../src/wizard/effects/shown.js';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import { wrapped } from './columns.js';
import { useWizard } from './context.js';
import { EvidenceTable } from './evidence.js';
import { As, Line } from './line.js';

export function LoadView({ load: { text, verdicts, decision } }: { load: Loaded }) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const passed = decision.do === 'promote';
  const mark = passed ? glyphs.pass : decision.do === 'stop' ? glyphs.fail : glyphs.inconclusive;
  const [first] = 'because' in decision ? decision.because : [];
  const sentence = `${mark} Load: ${text}.${first ? ` ${first.why}` : ''}`;
  const is = passed ? 'pass' : decision.do === 'stop' ? 'fail' : 'inconclusive';
  return (
    <Box flexDirection="column">
      {wrapped(sentence, width - 3).map((line) => (
        <Line key={line}>
          <As is={is}>{` ${line}`}</As>
        </Line>
      ))}
      <EvidenceTable verdicts={verdicts} />
    </Box>
  );
}
