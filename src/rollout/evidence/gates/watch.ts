/**
 * The gates that may be looked at after every row: they can fail at any time and never pass. For
 * an automatic stop while rows are still being sent; `judge` is for the end.
 */
import { lowerSequence } from '../statistics/sequential.js';
import { firstPairs, isFailure, isNoEvidence, type Evidence } from './evidence.js';
import { timings } from './latency.js';
import { DEFAULT_GATES, type Gates } from './settings.js';
import { bound, counted, points, times } from './text.js';
import type { Verdict } from './verdict.js';

/** @param planned rows after which the watch shall be sharpest. Only what failed is returned. */
export function watch(evidence: Evidence, gates: Gates = DEFAULT_GATES, planned = 200): Verdict[] {
  const options = { alpha: gates.alpha, planned };
  const failed: Verdict[] = [];
  const pairs = firstPairs(evidence).filter(
    ({ blue, green }) => !isNoEvidence(blue) && !isNoEvidence(green),
  );
  const more = pairs.map(({ blue, green }) => Number(isFailure(green)) - Number(isFailure(blue)));
  const errors = lowerSequence(more, { ...options, lowest: -1 });
  const { margin } = gates.errors;
  if (gates.errors.mode !== 'off' && errors.lower > margin) {
    const fails = (side: 'blue' | 'green') => pairs.filter((pair) => isFailure(pair[side])).length;
    failed.push({
      gate: 'errors',
      mode: gates.errors.mode,
      verdict: 'fail',
      live: counted(fails('blue'), pairs.length),
      fresh: counted(fails('green'), pairs.length),
      difference: `${points(errors.mean)}, from ${bound(errors.lower)}`,
      limit: `${bound(margin)} pp`,
      why: `NEW fails at least ${bound(errors.lower)} pp more often than LIVE.`,
    });
  }
  const { blue, green } = timings(evidence, gates.latency.measure);
  const added = blue.map((ms, index) => (green[index] ?? ms) - ms);
  const factor = lowerSequence(
    blue.map((ms, index) => Math.log((green[index] ?? ms) / ms)),
    options,
  );
  const { ratio, addedMs } = gates.latency;
  // Both have to be harmful, so the larger of the two error probabilities counts, not their sum.
  const slower = factor.lower > Math.log(ratio) && lowerSequence(added, options).lower > addedMs;
  if (gates.latency.mode !== 'off' && slower) {
    failed.push({
      gate: 'latency',
      mode: gates.latency.mode,
      verdict: 'fail',
      live: '',
      fresh: '',
      difference: `${times(Math.exp(factor.mean))}, from ${Math.exp(factor.lower).toFixed(2)}`,
      limit: times(ratio),
      why: `On the same rows NEW takes at least ${times(Math.exp(factor.lower))} of LIVE.`,
    });
  }
  return failed;
}
