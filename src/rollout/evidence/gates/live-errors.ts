/** Does green fail live requests more often than blue does? By bounds that hold at every look. */
import { newcombe, normalQuantile, type Share } from '../statistics/proportions.js';
import { differenceSequence, shareSequence } from '../statistics/sequential.js';
import { rule, type GateMode, type LiveGate, type Shown } from './gate.js';
import { lenient, sumOf, type Before, type LiveMinute } from './live.js';
import { measuredRates } from './measured.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { bound, counted, points, pp } from './text.js';

interface Settings {
  mode: GateMode;
  /** Green's share of failed requests may be so much above blue's. */
  margin: number;
}

/** Requests that all failed: no rate of blue's is needed to judge that. */
const ALL_FAILED = 10;
/** Where blue's rate is not known, only a green that fails most requests is surely worse. */
const MOST = 0.5;
/** One failure may be a connection that ended, however many requests of blue's did not. */
const FEWEST_FAILED = 2;

interface Counted {
  /** What was counted, e.g. a probe. */
  one?: string;
  before?: Before | undefined;
}

export function judgeLiveErrors(
  minutes: readonly LiveMinute[],
  settings: Settings,
  alpha: number,
  { one = 'live request', before }: Counted = {},
): Shown {
  const { mode, margin } = settings;
  const of = (side: 'blue' | 'green'): Share => ({
    hits: sumOf(minutes, side, 'errors'),
    of: sumOf(minutes, side, 'requests'),
  });
  const [now, green] = [of('blue'), of('green')];
  // At 100% blue serves nobody: what it did at the steps before is what green is compared with.
  const earlier = now.of === 0 && before !== undefined && before.requests > 0;
  const blue = earlier ? { hits: before.errors, of: before.requests } : now;
  const sides = {
    blue: counted(blue.hits, blue.of),
    green: counted(green.hits, green.of),
    limit: pp(margin),
  };
  const all = `${one.slice(0, 1).toUpperCase()}${one.slice(1)}s`;
  const numbers = (bounds: { low?: number; high?: number } = {}) => ({
    measured: measuredRates(
      { ...(blue.of > 0 && { blue }), green },
      {
        ...(blue.of > 0 && { difference: green.hits / green.of - blue.hits / blue.of }),
        ...bounds,
        limit: margin,
      },
    ),
  });
  const soft = { ...sides, mode: lenient(mode), verdict: 'inconclusive' } as const;
  if (green.of === 0) {
    return { ...soft, difference: 'n/a', why: `No ${one} has reached green yet.` };
  }
  if (green.of >= ALL_FAILED && green.hits === green.of) {
    const why = `All ${rowsOf(green.of, one)} to green failed.`;
    return { ...sides, mode, verdict: 'fail', difference: 'all failed', ...numbers(), why };
  }
  if (blue.of === 0) {
    const difference = `${bound(green.hits / green.of)}% failed`;
    const { lower } = shareSequence(green, alpha);
    const seen = `${green.hits} of ${rowsOf(green.of, one)} to green failed`;
    return lower > MOST
      ? { ...sides, mode, verdict: 'fail', difference, ...numbers(), why: `${seen}.` }
      : {
          ...soft,
          difference,
          ...numbers(),
          why: `${seen}; there is none of blue's to compare with.`,
        };
  }
  const { upper } = newcombe(green, blue, normalQuantile(1 - alpha));
  const lower = differenceSequence(green, blue, alpha);
  const bounds = numbers({ low: lower, high: upper });
  const more = points(green.hits / green.of - blue.hits / blue.of);
  const than = `blue ${grouped(blue.hits)} of ${grouped(blue.of)}${earlier ? ' at the steps before' : ''}`;
  if (lower > margin && green.hits >= FEWEST_FAILED) {
    const why = `${all} fail at least ${bound(lower)} pp more often on green: ${grouped(green.hits)} of ${grouped(green.of)}, ${than}.`;
    const difference = `${more}, from ${bound(lower)}`;
    return { ...sides, mode, verdict: 'fail', difference, ...bounds, why };
  }
  const difference = `${more}, up to ${bound(upper)}`;
  if (upper < margin) {
    const why = `${all} fail at most ${bound(upper)} pp more often on green: ${grouped(green.hits)} of ${grouped(green.of)}, ${than}.`;
    return { ...sides, mode, verdict: 'pass', difference, ...bounds, why };
  }
  const why = `${rowsOf(green.of, one)} to green can't rule out ${bound(upper)} pp more failures.`;
  return { ...soft, difference, ...bounds, why };
}

export const liveErrors: LiveGate<'liveErrors', Settings> = {
  id: 'liveErrors',
  title: 'live errors',
  defaults: { mode: 'enforce', margin: 0.01 },
  schema: { margin: rule.share },
  needs: 'minutes',
  describe: 'Green fails live requests more often than blue does, by more than the margin.',
  judge: (minutes, settings, { alpha }, before) =>
    judgeLiveErrors(minutes, settings, alpha, { before }),
};
