/** After rows were sent: who answered which class, how often each was right, and how long answers took. */
import { grouped } from '../../src/common/counts.js';
import { millis } from '../../src/rollout/evidence/gates/text.js';
import { quantile } from '../../src/rollout/evidence/statistics/ranks.js';
import type { ReplayFigures } from '../../src/rollout/evidence/replay-figures.js';
import { tableBlock, type Block } from './blocks.js';

type Classes = NonNullable<ReplayFigures['classes']>;

interface Sides {
  blue: string;
  green: string;
}

function answersBlock({ names, agreement }: Classes, width: number): Block[] {
  const rows = agreement.map((line, at) => [`BLUE ${names[at] ?? ''}`, ...line.map(grouped)]);
  return tableBlock(['answers', ...names.map((name) => `GREEN ${name}`)], rows, width);
}

/** By the file's target: which of the two gets which class right. */
function rightBlock({ names, target }: Classes, { blue, green }: Sides, width: number): Block[] {
  const of = (name: string, at: number): number[] => target?.[name]?.[at] ?? [];
  const rows = names.map((name, at) => {
    const [ofBlue, ofGreen] = [of(blue, at), of(green, at)];
    const count = ofBlue.reduce((sum, each) => sum + each, 0);
    return [name, grouped(count), grouped(ofBlue[at] ?? 0), grouped(ofGreen[at] ?? 0)];
  });
  const head = ['truth', 'rows', 'BLUE right', 'GREEN right'];
  return target === undefined ? [] : tableBlock(head, rows, width);
}

const QUANTILES: readonly (readonly [string, number])[] = [
  ['fastest', 0],
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['slowest', 1],
];

function latencyBlock({ ms }: ReplayFigures['latency'], sides: Sides, width: number): Block[] {
  const rows = (['blue', 'green'] as const).flatMap((role) => {
    const values = ms[sides[role]] ?? [];
    return values.length === 0
      ? []
      : [[role.toUpperCase(), ...QUANTILES.map(([, share]) => millis(quantile(values, share)))]];
  });
  return tableBlock(['latency', ...QUANTILES.map(([name]) => name)], rows, width);
}

export const proofFigures = (
  { classes, latency }: ReplayFigures,
  sides: Sides,
  width: number,
): Block[] => [
  ...(classes ? [...answersBlock(classes, width), ...rightBlock(classes, sides, width)] : []),
  ...latencyBlock(latency, sides, width),
];
