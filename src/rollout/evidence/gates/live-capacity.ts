/** Does green turn live requests away (429)? By bounds that may be looked at every minute. */
import { shareUpper } from '../statistics/proportions.js';
import { shareSequence } from '../statistics/sequential.js';
import { rule, type GateMode, type LiveGate, type Shown } from './gate.js';
import { lenient, sumOf, type LiveMinute } from './live.js';
import { measuredRates } from './measured.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { percent } from './text.js';

interface Settings {
  mode: GateMode;
  /** Share of green's live answers that may be 429. */
  limit: number;
}

/** @param one what was counted */
export function judgeLiveCapacity(
  minutes: readonly LiveMinute[],
  settings: Settings,
  alpha: number,
  one = 'live request',
): Shown {
  const { mode, limit } = settings;
  const of = sumOf(minutes, 'green', 'requests');
  const busy = sumOf(minutes, 'green', 'busy');
  const { lower } = shareSequence({ hits: busy, of }, alpha);
  const sides = {
    blue: String(sumOf(minutes, 'blue', 'busy')),
    green: String(busy),
    difference: of === 0 ? 'n/a' : percent(busy / of),
    limit: percent(limit),
    ...(of > 0 && {
      measured: measuredRates(
        { green: { hits: busy, of } },
        { difference: busy / of, low: lower, high: shareUpper(busy, of, alpha), limit },
      ),
    }),
  };
  if (lower > limit) {
    const why = `Green turned away ${grouped(busy)} of ${rowsOf(of, one)}: it needs more instances.`;
    return { ...sides, mode, verdict: 'fail', why };
  }
  if (of > 0 && (busy === 0 || shareUpper(busy, of, alpha) <= limit)) {
    const why = `Green turned away ${grouped(busy)} of ${rowsOf(of, one)}.`;
    return { ...sides, mode, verdict: 'pass', why };
  }
  const why =
    of === 0
      ? `No ${one} has reached green yet.`
      : `Green turned away ${grouped(busy)} of ${rowsOf(of, one)}; it may be too small.`;
  return { ...sides, mode: lenient(mode), verdict: 'inconclusive', why };
}

export const liveCapacity: LiveGate<'liveCapacity', Settings> = {
  id: 'liveCapacity',
  title: 'live 429',
  defaults: { mode: 'enforce', limit: 0.01 },
  schema: { limit: rule.share },
  needs: 'minutes',
  describe: 'Green turns away (429) more of its live requests than the limit.',
  judge: (minutes, settings, { alpha }) => judgeLiveCapacity(minutes, settings, alpha),
};
