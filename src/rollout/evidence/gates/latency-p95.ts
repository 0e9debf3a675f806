/** The slow end of latency. Too uncertain to judge below some 200 rows: then only shown. */
import { quantileDifference } from '../statistics/bootstrap.js';
import { quantile, quantileInterval } from '../statistics/ranks.js';
import type { Evidence } from './evidence.js';
import { timings } from './latency.js';
import { measured } from './measured.js';
import { grouped } from '../../../common/counts.js';
import { millis, needed, times } from './text.js';
import { rule, type Common, type GateFinding, type GateMode, type ReplayGate } from './gate.js';

const Q = 0.95;
/** Calls that follow each other are not independent, so that runs of them are drawn. */
const BLOCKS = 20;

interface Settings {
  mode: GateMode;
  ratio: number;
  /** Below so many rows only shown. */
  rows: number;
}

function latencyP95Finding(
  evidence: Evidence,
  settings: Settings,
  { alpha, measure }: Common,
): GateFinding | undefined {
  const { ratio, rows } = settings;
  const { blue, green } = timings(evidence, measure);
  const n = blue.length;
  if (n === 0) return undefined;
  const before = quantile(blue, Q);
  const after = quantile(green, Q);
  const range = quantileInterval(green, Q);
  const sides = {
    blue: millis(before),
    green: millis(after),
    difference: times(after / before),
  };
  const numbers = { blue: before, green: after, difference: after / before, limit: ratio };
  const bounds = `its own interval is ${millis(range.lower)} to ${millis(range.upper)}`;
  if (n < rows) {
    const why = `For information: p95 is judged from ${grouped(rows)} rows on; ${bounds}.${needed(rows - n)}`;
    return {
      ...sides,
      limit: 'info',
      measured: measured('ratio', numbers),
      outcome: 'inconclusive',
      needsMoreRows: rows - n,
      leastMoreRows: rows - n,
      why: () => why,
    };
  }
  const allowed = (ratio - 1) * before;
  const { lower, upper } = quantileDifference(blue, green, {
    q: Q,
    seed: evidence.seed ?? 1,
    block: Math.ceil(n / BLOCKS),
    alpha: 2 * alpha,
  });
  const outcome = upper < allowed ? 'pass' : lower > allowed ? 'fail' : 'inconclusive';
  const most = `${upper >= 0 ? '+' : ''}${upper.toFixed(0)} ms`;
  return {
    ...sides,
    limit: times(ratio),
    measured: measured('ratio', {
      ...numbers,
      low: (before + lower) / before,
      high: (before + upper) / before,
    }),
    outcome,
    why: () =>
      outcome === 'pass'
        ? `The p95 of green is at most ${most} from that of blue; ${bounds}.`
        : outcome === 'fail'
          ? `The p95 of green is clearly above ${times(ratio)} of blue; ${bounds}.`
          : `The p95 of green may be above ${times(ratio)} of blue; ${bounds}.`,
  };
}

export const latencyP95: ReplayGate<'latencyP95', Settings> = {
  id: 'latencyP95',
  title: 'latency p95',
  defaults: { mode: 'warn', ratio: 1.5, rows: 200 },
  schema: { ratio: rule.ratio, rows: rule.whole(72) },
  needs: 'rows',
  byRepeating: true,
  describe: 'The slow end of latency, p95, is above the ratio times that of blue.',
  judge: latencyP95Finding,
};
