/**
 * Is the p95 of green's live requests above blue's, minute by minute? Azure Monitor has one p95 a
 * minute and no samples, so the minutes themselves are the values: logarithms of green's p95 by
 * blue's. Fail: their mean is above the limit, by a test that may be looked at every minute, and the
 * latest minutes still are. Pass: the interval of the mean lies within the limit.
 */
import { meanShift } from '../statistics/ranks.js';
import { beyond, meanOther } from '../statistics/sequential.js';
import { rule, type GateMode, type LiveGate, type Shown } from './gate.js';
import { lenient, type LiveMinute } from './live.js';
import { measured, type Measured } from './measured.js';
import { rowsOf } from '../../../common/counts.js';
import { millis, times } from './text.js';

/** Green's p95 above `ratio` times blue's, still in `minutes` of the last `of`. */
interface Settings {
  mode: GateMode;
  ratio: number;
  minutes: number;
  of: number;
  /** Requests a minute to each deployment below which a minute says nothing. */
  requests: number;
}

/** A test is started again after this many minutes: a green that grows slow late is found too. */
const AGAIN = 5;

function judgeLiveLatency(
  minutes: readonly LiveMinute[],
  settings: Settings,
  alpha: number,
): Shown {
  const { mode, ratio, minutes: most, of, requests } = settings;
  const judged = minutes.flatMap(({ blue, green }) =>
    blue.requests >= requests && green.requests >= requests && blue.p95Ms && green.p95Ms
      ? [{ blue: blue.p95Ms, green: green.p95Ms, log: Math.log(green.p95Ms / blue.p95Ms) }]
      : [],
  );
  const last = judged.at(-1);
  const logs = judged.map(({ log }) => log);
  const mean = meanShift(logs, alpha);
  const [seen, upper] = [Math.exp(mean.estimate), Math.exp(mean.upper)];
  const numbers = (shift: Pick<Measured, 'difference' | 'low' | 'high'>) =>
    last && {
      measured: measured('ratio', { blue: last.blue, green: last.green, ...shift, limit: ratio }),
    };
  const sides = {
    blue: last ? millis(last.blue) : '',
    green: last ? millis(last.green) : '',
    difference: !last
      ? 'n/a'
      : Number.isFinite(upper)
        ? `${times(seen)}, up to ${times(upper)}`
        : times(seen),
    limit: times(ratio),
    ...numbers({ difference: seen, low: Math.exp(mean.lower), high: upper }),
  };
  const recent = logs.slice(-of);
  const slow = recent.filter((log) => log > Math.log(ratio)).length;
  const since = slow >= most ? slowSince(logs, Math.log(ratio), alpha) : undefined;
  if (since !== undefined) {
    const over = logs.slice(since);
    const average = Math.exp(over.reduce((sum, log) => sum + log, 0) / over.length);
    const why = `Over ${rowsOf(over.length, 'minute')} the p95 of green is ${times(average)} that of blue, clearly above ${times(ratio)}; it still is in ${slow} of the last ${recent.length}.`;
    return {
      ...sides,
      mode,
      verdict: 'fail',
      difference: times(average),
      ...numbers({ difference: average }),
      why,
    };
  }
  if (recent.length < of) {
    const why = `${rowsOf(recent.length, 'minute')} had ${requests} requests to each deployment; ${of} are needed.`;
    return { ...sides, mode: lenient(mode), verdict: 'inconclusive', why };
  }
  if (slow < most && mean.upper < Math.log(ratio)) {
    const why = `Over ${rowsOf(logs.length, 'minute')} the p95 of green is at most ${times(upper)} that of blue.`;
    return { ...sides, mode, verdict: 'pass', why };
  }
  const why = `Over ${rowsOf(logs.length, 'minute')} the p95 of green is ${times(seen)} that of blue; more than ${times(ratio)} can't be ruled out.`;
  return { ...sides, mode: lenient(mode), verdict: 'inconclusive', why };
}

/**
 * The minute since which the mean is clearly above the limit. Each new beginning spends a smaller
 * part of alpha: 1/2, 1/6, 1/12, which are 1 in sum.
 */
function slowSince(logs: readonly number[], limit: number, alpha: number): number | undefined {
  for (let begun = 0; begun * AGAIN < logs.length; begun += 1) {
    const from = begun * AGAIN;
    const values = logs.slice(from);
    const mean = values.reduce((sum, log) => sum + log, 0) / values.length;
    const part = alpha / ((begun + 1) * (begun + 2));
    if (mean > limit && beyond(meanOther(values, limit), part)) return from;
  }
  return undefined;
}

export const liveLatency: LiveGate<'liveLatency', Settings> = {
  id: 'liveLatency',
  title: 'live p95',
  defaults: { mode: 'enforce', ratio: 1.5, minutes: 3, of: 5, requests: 20 },
  schema: { ratio: rule.ratio, minutes: rule.whole(1), of: rule.whole(1), requests: rule.whole(1) },
  needs: 'minutes',
  describe:
    'The p95 of green is above the ratio times that of blue, and still is in several of the last minutes.',
  judge: (minutes, settings, { alpha }) => judgeLiveLatency(minutes, settings, alpha),
};
