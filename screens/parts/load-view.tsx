/** Green under load, alone: what was sent, and the limits it was held against. */
import { Box } from 'ink';
import type { Loaded } from '../../src/wizard/effects/shown.js';
import { useGlyphs, type Glyphs } from '../../src/terminal/glyphs.js';
import { useWizard } from './context.js';
import { EvidenceTable } from './evidence.js';
import { As, Line } from './line.js';
import { sentenceLines } from './sentence.js';

function sentenceOf({ text, decision }: Loaded, width: number, glyphs: Glyphs): string[] {
  const passed = decision.do === 'promote';
  const mark = passed ? glyphs.pass : decision.do === 'stop' ? glyphs.fail : glyphs.inconclusive;
  const [first] = 'because' in decision ? decision.because : [];
  return sentenceLines(`${mark} Load: ${text}.${first ? ` ${first.why}` : ''}`, width);
}

/** Rows that `LoadView` takes. */
export const loadRows = (load: Loaded, width: number, glyphs: Glyphs): number =>
  sentenceOf(load, width, glyphs).length + load.verdicts.length;

export function LoadView({ load }: { load: Loaded }) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const { verdicts, decision } = load;
  const is = decision.do === 'promote' ? 'pass' : decision.do === 'stop' ? 'fail' : 'inconclusive';
  return (
    <Box flexDirection="column">
      {sentenceOf(load, width, glyphs).map((line) => (
        <Line key={line}>
          <As is={is}>{line}</As>
        </Line>
      ))}
      <EvidenceTable verdicts={verdicts} />
    </Box>
  );
}
