/**
 * How the last minutes went, a sign a minute: green's weight, latency and errors of both.
 *
 *      weight  GREEN ▁▁▃▃▅        10 to 50%
 *      p95     BLUE  ▄▄▃▄▄        81 to 96 ms     GREEN ▄▅▄▄▄   88 to 101 ms
 *      errors  BLUE  ▁▁▁▁▁        0               GREEN ▁▁▂▁▁   0 to 1
 *      req/min BLUE  ███▆▅        18 to 28        GREEN ▁▁▂▃▄   3 to 14
 */
import type { HistoryMinute } from '../../src/wizard/steps/live.js';
import { trafficScreen } from '../../src/wizard/steps/staged-traffic.js';
import type { State } from '../../src/wizard/state.js';
import { useGlyphs, type Glyphs } from '../../src/terminal/glyphs.js';
import { cell } from './columns.js';
import { useWizard } from './context.js';
import { As, Line } from './line.js';

/** Below this height the rows are the evidence's, and below the next there is none for requests. */
const TALL = 24;
const TALLER = 34;
/** A line through one point shows nothing. */
const LEAST = 2;
/** Of labels, and of figures such as `1043 to 1102 ms`. */
const FIGURES = 16;
const LABELS = 2 + 8 + 2 * (6 + 1 + FIGURES + 2);

const shownMinutes = (state: State): readonly HistoryMinute[] => trafficScreen(state).history ?? [];

/** Rows that `History` takes, with the blank one above. */
export const historyRows = (state: State, height: number): number =>
  height < TALL || shownMinutes(state).length < LEAST ? 0 : height < TALLER ? 4 : 5;

/** From 0 to the largest; a minute without a figure is a gap. */
function sparkline(
  values: readonly (number | undefined)[],
  most: number,
  { sparks }: Pick<Glyphs, 'sparks'>,
): string {
  const top = sparks.length - 1;
  return values
    .map((value) =>
      value === undefined
        ? ' '
        : (sparks[most === 0 ? 0 : Math.min(top, Math.round((value / most) * top))] ?? ' '),
    )
    .join('');
}

function span(values: readonly (number | undefined)[], unit: string): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return 'no figures';
  const [least, most] = [Math.min(...known), Math.max(...known)].map((each) => each.toFixed(0));
  return `${least === most ? most : `${least} to ${most}`}${unit}`;
}

export function History() {
  const { state, width, height } = useWizard();
  const glyphs = useGlyphs();
  if (historyRows(state, height) === 0) return null;
  const minutes = shownMinutes(state).slice(-Math.max(LEAST, Math.floor((width - LABELS) / 2)));
  const of = (side: 'blue' | 'green', what: 'p95Ms' | 'errors' | 'requests') =>
    minutes.map((minute) => minute[side][what]);
  const pair = (blue: (number | undefined)[], green: (number | undefined)[], unit: string) => {
    const most = Math.max(0, ...[...blue, ...green].filter((value) => value !== undefined));
    const side = (name: string, values: (number | undefined)[]): string =>
      `${cell(name, 6)}${sparkline(values, most, glyphs)} ${cell(span(values, unit), FIGURES)}`;
    return `${side('BLUE', blue)}  ${side('GREEN', green)}`;
  };
  const weights = minutes.map(({ weight }) => weight);
  return (
    <>
      <Line />
      <Line>
        <As is="muted">{`   ${cell('weight', 8)}`}</As>
        {`${cell('GREEN', 6)}${sparkline(weights, 100, glyphs)} ${span(weights, '%')}`}
      </Line>
      <Line>
        <As is="muted">{`   ${cell('p95', 8)}`}</As>
        {pair(of('blue', 'p95Ms'), of('green', 'p95Ms'), ' ms')}
      </Line>
      <Line>
        <As is="muted">{`   ${cell('errors', 8)}`}</As>
        {pair(of('blue', 'errors'), of('green', 'errors'), '')}
      </Line>
      {height < TALLER ? null : (
        <Line>
          <As is="muted">{`   ${cell('req/min', 8)}`}</As>
          {pair(of('blue', 'requests'), of('green', 'requests'), '')}
        </Line>
      )}
    </>
  );
}
