/** Is the p95 of green's live requests above blue's, minute by minute? */
import { rule, type GateMode, type LiveGate, type Shown } from './gate.js';
import { lenient, type LiveMinute } from './live.js';
import { millis, rowsOf, times } from './text.js';

/**
 * Green's p95 above `ratio` times blue's in `minutes` of `of`. Where those minutes have under 72
 * requests to each, which is too few to know a p95, it has to be above it as well over so many of
 * the latest minutes that they hold 72 for each of `of`.
 */
interface Settings {
  mode: GateMode;
  ratio: number;
  minutes: number;
  of: number;
  /** Requests a minute to each deployment below which a minute says nothing. */
  requests: number;
}

/** Requests below which a p95 has no finite two-sided 95 % bound: order statistics, Bin(n, .95). */
const KNOWN_P95 = 72;

/** Both sides' p95 of a minute, and the requests of the side with fewer. */
interface MinuteP95 {
  blue: number;
  green: number;
  requests: number;
}

/**
 * The latest minutes that hold as many requests as `of` minutes need to know their p95 each, at
 * least those `of`: 1.5 is within chance for the p95 of a minute of 30 requests, about its second
 * largest value, and three such minutes in five come up once in most days.
 */
function pooled(judged: readonly MinuteP95[], of: number) {
  let [requests, sum, minutes] = [0, 0, 0];
  for (const each of judged.toReversed()) {
    if (minutes >= of && requests >= of * KNOWN_P95) break;
    minutes += 1;
    requests += each.requests;
    sum += each.requests * Math.log(each.green / each.blue);
  }
  return { minutes, requests, ratio: Math.exp(sum / requests) };
}

/** Harm is `minutes` slow ones of the last `of` that know their p95, or any and the pooled ones. */
function judgeLiveLatency(minutes: readonly LiveMinute[], settings: Settings): Shown {
  const { mode, ratio, minutes: most, of, requests } = settings;
  const judged = minutes.flatMap(({ blue, green }): MinuteP95[] =>
    blue.requests >= requests && green.requests >= requests && blue.p95Ms && green.p95Ms
      ? [
          {
            blue: blue.p95Ms,
            green: green.p95Ms,
            requests: Math.min(blue.requests, green.requests),
          },
        ]
      : [],
  );
  const recent = judged.slice(-of);
  const above = recent.filter(({ blue, green }) => green > ratio * blue);
  const slow = above.length;
  const last = recent.at(-1);
  const sides = {
    live: last ? millis(last.blue) : '',
    fresh: last ? millis(last.green) : '',
    difference: last ? times(last.green / last.blue) : 'n/a',
    limit: times(ratio),
  };
  if (slow >= most) {
    const pool = pooled(judged, of);
    const known = above.filter((each) => each.requests >= KNOWN_P95).length >= most;
    const seen = `The p95 of NEW was above ${times(ratio)} of LIVE in ${slow} of ${recent.length} minutes`;
    const over = `over ${rowsOf(pool.minutes, 'minute')} with ${rowsOf(pool.requests, 'request')} to each it is ${times(pool.ratio)}`;
    if (known || pool.ratio > ratio) {
      return { ...sides, mode, verdict: 'fail', why: `${seen}; ${over}.` };
    }
    const why = `${seen}, which may be chance: ${over}.`;
    return { ...sides, mode: lenient(mode), verdict: 'inconclusive', why };
  }
  if (recent.length < of) {
    const why = `${rowsOf(recent.length, 'minute')} had ${requests} requests to each; ${of} are needed.`;
    return { ...sides, mode: lenient(mode), verdict: 'inconclusive', why };
  }
  const why = `The p95 of NEW was above ${times(ratio)} of LIVE in ${slow} of ${of} minutes.`;
  return { ...sides, mode, verdict: 'pass', why };
}

export const liveLatency: LiveGate<'liveLatency', Settings> = {
  id: 'liveLatency',
  title: 'live p95',
  defaults: { mode: 'enforce', ratio: 1.5, minutes: 3, of: 5, requests: 20 },
  schema: { ratio: rule.ratio, minutes: rule.whole(1), of: rule.whole(1), requests: rule.whole(1) },
  needs: 'minutes',
  describe:
    'The p95 of green is above the ratio times that of blue in several of the last minutes.',
  judge: judgeLiveLatency,
};
