/** Does green fail live requests more often than blue does in the same minutes? */
import { newcombe, normalQuantile, type Share } from '../statistics/proportions.js';
import { logBayesFactor } from '../statistics/sequential.js';
import { rule, type GateMode, type LiveGate, type Shown } from './gate.js';
import { lenient, sumOf, type LiveMinute } from './live.js';
import { bound, counted, points, rowsOf } from './text.js';

interface Settings {
  mode: GateMode;
  /** Green's share of failed requests may be so much above blue's. */
  margin: number;
}

/** @param one what was counted, e.g. a probe */
export function judgeLiveErrors(
  minutes: readonly LiveMinute[],
  settings: Settings,
  alpha: number,
  one = 'live request',
): Shown {
  const { mode, margin } = settings;
  const of = (side: 'blue' | 'green') => ({
    hits: sumOf(minutes, side, 'errors'),
    of: sumOf(minutes, side, 'requests'),
  });
  const [blue, green] = [of('blue'), of('green')];
  const sides = {
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
  const { upper } = newcombe(green, against, normalQuantile(1 - alpha));
  const more = green.hits / green.of - against.hits / against.of;
  const difference = `${points(more)}, up to ${bound(upper)}`;
  if (more > margin && excessP(blue, green, margin) < alpha) {
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

export const liveErrors: LiveGate<'liveErrors', Settings> = {
  id: 'liveErrors',
  title: 'live errors',
  defaults: { mode: 'enforce', margin: 0.01 },
  schema: { margin: rule.share },
  needs: 'minutes',
  describe: 'Green fails live requests more often than blue does, by more than the margin.',
  judge: (minutes, settings, { alpha }) => judgeLiveErrors(minutes, settings, alpha),
};
