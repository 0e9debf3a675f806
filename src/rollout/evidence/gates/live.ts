/** What live users see: minutes of Azure Monitor, judged while green holds a share of traffic. */
import { binomialUpperTail } from '../statistics/binomial.js';
import { shareUpper } from '../statistics/clopper-pearson.js';
import { newcombe, type Share } from '../statistics/newcombe.js';
import { normalQuantile } from '../statistics/normal.js';
import { logBayesFactor } from '../statistics/sequential-split.js';
import { DEFAULT_GATES, type Gates } from './settings.js';
import { bound, counted, millis, percent, points, rowsOf, times } from './text.js';
import type { Verdict } from './verdict.js';

/** One deployment's minute. Counts, not rates. */
export interface MinuteOfOne {
  requests: number;
  /** Model errors: 424, 408 and 5xx. */
  errors: number;
  /** 429. */
  busy: number;
  p95Ms?: number;
}

export interface LiveMinute {
  /** ISO time of its start. */
  at: string;
  blue: MinuteOfOne;
  green: MinuteOfOne;
}

/**
 * @param minutes in order; all since green has the present share.
 * Too little traffic is no reason to hold for ever: such a verdict is inconclusive and a warning.
 */
export function judgeLive(minutes: readonly LiveMinute[], gates: Gates = DEFAULT_GATES): Verdict[] {
  return [liveErrors, liveLatency, liveCapacity]
    .map((gate) => gate(minutes, gates))
    .filter(({ mode }) => mode !== 'off');
}

const sumOf = (
  minutes: readonly LiveMinute[],
  side: 'blue' | 'green',
  what: 'requests' | 'errors' | 'busy',
): number => minutes.reduce((sum, minute) => sum + minute[side][what], 0);

/** @param one what was counted, e.g. a probe */
export function liveErrors(
  minutes: readonly LiveMinute[],
  gates: Gates,
  one = 'live request',
): Verdict {
  const { mode, margin } = gates.liveErrors;
  const of = (side: 'blue' | 'green') => ({
    hits: sumOf(minutes, side, 'errors'),
    of: sumOf(minutes, side, 'requests'),
  });
  const [blue, green] = [of('blue'), of('green')];
  const sides = {
    gate: 'liveErrors' as const,
    live: counted(blue.hits, blue.of),
    fresh: counted(green.hits, green.of),
    limit: `${bound(margin)} pp`,
  };
  // At 100 % blue serves nobody, and green is measured against no errors at all.
  const against = blue.of > 0 ? blue : { hits: 0, of: green.of };
  if (green.of === 0) {
    const why = `No ${one} has reached NEW yet.`;
    return { ...sides, mode: lenient(mode), verdict: 'inconclusive', difference: 'n/a', why };
  }
  const all = `${one.slice(0, 1).toUpperCase()}${one.slice(1)}s`;
  const { upper } = newcombe(green, against, normalQuantile(1 - gates.alpha));
  const more = green.hits / green.of - against.hits / against.of;
  const difference = `${points(more)}, up to ${bound(upper)}`;
  if (more > margin && excessP(blue, green, margin) < gates.alpha) {
    const why = `${all} fail ${points(more)} more often on NEW: ${green.hits} of ${green.of}, on LIVE ${blue.hits} of ${blue.of}.`;
    return { ...sides, mode, verdict: 'fail', difference, why };
  }
  if (upper < margin) {
    const why = `${all} fail at most ${bound(upper)} pp more often on NEW.`;
    return { ...sides, mode, verdict: 'pass', difference, why };
  }
  const why = `${rowsOf(green.of, one)} to NEW can't rule out ${bound(upper)} pp more failures.`;
  return { ...sides, mode: lenient(mode), verdict: 'inconclusive', difference, why };
}

/** One error in two is as likely as any other share: a few errors already tell. */
const ERROR_PRIOR = 2;

/**
 * Valid after every minute: with equal error rates, errors fall on the two as requests do. At
 * 100 % there is no other side; then green's errors are held against the margin itself.
 */
function excessP(blue: Share, green: Share, margin: number): number {
  const share = green.of / (green.of + blue.of);
  const counts = blue.of > 0 ? [blue.hits, green.hits] : [green.of - green.hits, green.hits];
  const shares = blue.of > 0 ? [1 - share, share] : [1 - margin, margin];
  return Math.exp(-logBayesFactor(counts, shares, ERROR_PRIOR));
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
function liveLatency(minutes: readonly LiveMinute[], gates: Gates): Verdict {
  const { mode, ratio, minutes: most, of, requests } = gates.liveLatency;
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
    gate: 'liveLatency' as const,
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

function liveCapacity(minutes: readonly LiveMinute[], gates: Gates): Verdict {
  const { mode, limit } = gates.liveCapacity;
  const of = sumOf(minutes, 'green', 'requests');
  const busy = sumOf(minutes, 'green', 'busy');
  const sides = {
    gate: 'liveCapacity' as const,
    live: String(sumOf(minutes, 'blue', 'busy')),
    fresh: String(busy),
    difference: of === 0 ? 'n/a' : percent(busy / of),
    limit: percent(limit),
  };
  if (binomialUpperTail(busy, of, limit) < gates.alpha) {
    const why = `NEW turned away ${busy} of ${of} live requests: it needs more instances.`;
    return { ...sides, mode, verdict: 'fail', why };
  }
  if (of > 0 && (busy === 0 || shareUpper(busy, of, gates.alpha) <= limit)) {
    const why = `NEW turned away ${busy} of ${of} live requests.`;
    return { ...sides, mode, verdict: 'pass', why };
  }
  const why =
    of === 0
      ? 'No live request has reached NEW yet.'
      : `NEW turned away ${busy} of ${of} live requests; it may be too small.`;
  return { ...sides, mode: lenient(mode), verdict: 'inconclusive', why };
}

const lenient = (mode: Gates['liveErrors']['mode']) => (mode === 'enforce' ? 'warn' : mode);
