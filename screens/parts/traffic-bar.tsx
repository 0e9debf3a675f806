/**
 * A deployment's share, live and staged.
 *
 *      BLUE  default         model 7  ██████████████████████░░░░░░░░░░  90% → 70%
 */
import { Text } from 'ink';
import stringWidth from 'string-width';
import { useGlyphs, useSpoken } from '../../src/terminal/glyphs.js';
import { theme, type Tone } from '../../src/terminal/theme.js';
import { cell } from './columns.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';

interface BarProps {
  role: 'BLUE ' | 'GREEN' | '     ';
  name: string;
  columns: BarColumns;
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

interface BarColumns {
  name: number;
  model: number;
}

/** Role, spaces, and figures such as ` 100% → 90%`. */
const AROUND = 22;
const SHORTEST_BAR = 10;

/** A text that fits is never cut: the bar gives way first. */
export function barColumns(names: string[], models: string[], width: number): BarColumns {
  const longest = (texts: string[]) =>
    Math.max(0, ...texts.map((text) => stringWidth(clean(text))));
  const model = Math.min(12, longest(models));
  return { name: Math.min(longest(names), width - model - AROUND - SHORTEST_BAR), model };
}

export function TrafficBar({ role, name, columns, model, share, staged }: BarProps) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  const room = Math.max(SHORTEST_BAR, Math.min(60, width - columns.name - columns.model - AROUND));
  const full = Math.round((room * share) / 100);
  const after = Math.round((room * (staged ?? share)) / 100);
  const kept = Math.min(full, after);
  const change =
    staged === undefined || staged === share ? '' : ` ${spoken ? 'to' : glyphs.right} ${staged}%`;
  return (
    <Line>
      <As is={MEANING[role]}>{` ${role} ${cell(name, columns.name)}`}</As>
      {` ${cell(model, columns.model)} `}
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
