/** The slow end of latency. Too uncertain to judge below some 200 rows: then only shown. */
import { quantileDifference } from '../statistics/paired-bootstrap.js';
import { quantile, quantileInterval } from '../statistics/quantile.js';
import type { Evidence } from './evidence.js';
import { timings } from './latency.js';
import type { Gates } from './settings.js';
import { millis, needed, times } from './text.js';
import type { Finding } from './verdict.js';

const Q = 0.95;

export function latencyP95Finding(evidence: Evidence, gates: Gates): Finding | undefined {
  const { ratio, rows } = gates.latencyP95;
  const { blue, green } = timings(evidence, gates.latency.measure);
  const n = blue.length;
  if (n === 0) return undefined;
  const before = quantile(blue, Q);
  const after = quantile(green, Q);
  const range = quantileInterval(green, Q);
  const sides = {
    live: millis(before),
    fresh: millis(after),
    difference: times(after / before),
  };
  const bounds = `its own interval is ${millis(range.lower)} to ${millis(range.upper)}`;
  if (n < rows) {
    const why = `For information: p95 is judged from ${rows} rows on; ${bounds}.${needed(rows - n)}`;
    return {
      ...sides,
      limit: 'info',
      outcome: 'inconclusive',
      needsMoreRows: rows - n,
      why: () => why,
    };
  }
  const allowed = (ratio - 1) * before;
  const { lower, upper } = quantileDifference(blue, green, {
    q: Q,
    seed: evidence.seed ?? 1,
    alpha: 2 * gates.alpha,
  });
  const outcome = upper < allowed ? 'pass' : lower > allowed ? 'fail' : 'inconclusive';
  const most = `${upper >= 0 ? '+' : ''}${upper.toFixed(0)} ms`;
  return {
    ...sides,
    limit: times(ratio),
    outcome,
    why: () =>
      outcome === 'pass'
        ? `The p95 of NEW is at most ${most} from that of LIVE; ${bounds}.`
        : outcome === 'fail'
          ? `The p95 of NEW is surely above ${times(ratio)} of LIVE; ${bounds}.`
          : `The p95 of NEW may be above ${times(ratio)} of LIVE; ${bounds}.`,
  };
}
