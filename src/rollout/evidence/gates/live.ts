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

function liveErrors(minutes: readonly LiveMinute[], gates: Gates): Verdict {
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
    const why = 'No live request has reached NEW yet.';
    return { ...sides, mode: lenient(mode), verdict: 'inconclusive', difference: 'n/a', why };
  }
  const { upper } = newcombe(green, against, normalQuantile(1 - gates.alpha));
  const more = green.hits / green.of - against.hits / against.of;
  const difference = `${points(more)}, up to ${bound(upper)}`;
  if (more > margin && excessP(blue, green, margin) < gates.alpha) {
    const why = `Live requests fail ${points(more)} more often on NEW: ${green.hits} of ${green.of}, on LIVE ${blue.hits} of ${blue.of}.`;
    return { ...sides, mode, verdict: 'fail', difference, why };
  }
  if (upper < margin) {
    const why = `Live requests fail at most ${bound(upper)} pp more often on NEW.`;
    return { ...sides, mode, verdict: 'pass', difference, why };
  }
  const why = `${rowsOf(green.of, 'live request')} to NEW can't rule out ${bound(upper)} pp more failures.`;
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

function liveLatency(minutes: readonly LiveMinute[], gates: Gates): Verdict {
  const { mode, ratio, minutes: most, of, requests } = gates.liveLatency;
  const judged = minutes.flatMap(({ blue, green }) =>
    blue.requests >= requests && green.requests >= requests && blue.p95Ms && green.p95Ms
      ? [{ blue: blue.p95Ms, green: green.p95Ms }]
      : [],
  );
  const recent = judged.slice(-of);
  const slow = recent.filter(({ blue, green }) => green > ratio * blue).length;
  const last = recent.at(-1);
  const sides = {
    gate: 'liveLatency' as const,
    live: last ? millis(last.blue) : '',
    fresh: last ? millis(last.green) : '',
    difference: last ? times(last.green / last.blue) : 'n/a',
    limit: times(ratio),
  };
  if (slow >= most) {
    const why = `The p95 of NEW was above ${times(ratio)} of LIVE in ${slow} of ${recent.length} minutes.`;
    return { ...sides, mode, verdict: 'fail', why };
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
