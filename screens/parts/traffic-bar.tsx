/**
 * A deployment's share, live and staged.
 *
 *      BLUE  default         model 7  ██████████████████████░░░░░░░░░░  90% → 70%
 */
import { Text } from 'ink';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import { theme, type Tone } from '../../src/terminal/theme.js';
import { cell } from './columns.js';
import { useWizard } from './context.js';
import { As, Line } from './line.js';

interface BarProps {
  role: 'BLUE ' | 'GREEN' | '     ';
  name: string;
  model: string;
  /** Percent of live traffic. */
  share: number;
  /** Percent once the staged split is applied; absent: nothing is staged. */
  staged?: number;
}

const MEANING: Record<BarProps['role'], Tone> = {
  'BLUE ': 'live',
  GREEN: 'new',
  '     ': 'muted',
};

export function TrafficBar({ role, name, model, share, staged }: BarProps) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const nameWidth = Math.max(12, Math.min(24, width - 60));
  const room = Math.max(10, Math.min(60, width - nameWidth - 36));
  const full = Math.round((room * share) / 100);
  const after = Math.round((room * (staged ?? share)) / 100);
  const kept = Math.min(full, after);
  const change = staged === undefined || staged === share ? '' : ` ${glyphs.right} ${staged}%`;
  return (
    <Line>
      <As is={MEANING[role]}>{` ${role} ${cell(name, nameWidth)}`}</As>
      {` ${cell(model, 10)} `}
      <Text {...theme[MEANING[role]]}>{glyphs.barFull.repeat(kept)}</Text>
      {/* What leaves and what comes are both drawn as staged: the figures say which. */}
      <Text {...theme.staged}>{glyphs.barStaged.repeat(Math.abs(after - full))}</Text>
      <Text {...theme.muted}>
        {glyphs.barEmpty.repeat(Math.max(0, room - Math.max(full, after)))}
      </Text>
      {`  ${String(share).padStart(3)}%`}
      <As is="staged">{change || ' '}</As>
    </Line>
  );
}
