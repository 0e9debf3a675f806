/** What rows say of a share against its limit, and of harm on some rows against help on others. */
import {
  binomialUpperTail,
  normalQuantile,
  shareUpper,
  tango,
  tangoExcess,
  type Interval,
  type Share,
} from '../statistics/proportions.js';
import {
  leastForDifference,
  rowsForDifference,
  rowsForShare,
  rowsToSettleDifference,
  rowsToSettleShare,
} from '../statistics/sample-size.js';
import type { GateFinding, GateOutcome, Levels } from './gate.js';
import { measuredRates } from './measured.js';
import { bound, needed, percent } from './text.js';

/**
 * Green's share of hits: within the limit where Clopper and Pearson's upper bound is.
 * @param why without the rows that are needed; `upper` can't be ruled out
 */
export function shareFinding(
  sides: { blue?: Share; green: Share },
  limit: number,
  levels: Levels,
  why: (upper: number, outcome: GateOutcome) => string,
): GateFinding {
  const { hits, of } = sides.green;
  const { alpha } = levels;
  const alphaOfMore = afterThis(levels, of, rowsForShare(0, limit, alpha));
  const rate = hits / of;
  const upper = shareUpper(hits, of, alpha);
  const more = beyond(of, rowsToSettleShare(hits, of, limit, alphaOfMore));
  return {
    blue: sides.blue ? String(sides.blue.hits) : '',
    green: String(hits),
    difference: `${percent(rate)}, up to ${bound(upper)}`,
    limit: percent(limit),
    measured: measuredRates(sides, { difference: rate, high: upper, limit }),
    outcome: upper <= limit ? 'pass' : 'by-p',
    // Below alpha exactly where the lower Clopper-Pearson bound is above the limit.
    p: binomialUpperTail(hits, of, limit),
    needsMoreRows: more,
    leastMoreRows: rate < limit ? beyond(of, rowsForShare(hits, limit, alphaOfMore)) : undefined,
    why: (outcome) => why(upper, outcome) + (outcome === 'inconclusive' ? needed(more, limit) : ''),
  };
}

/** Of `of` rows green is worse on some and better on others: Tango's interval of the difference. */
export function harmOn(
  { worse, better, of }: { worse: number; better: number; of: number },
  margin: number,
  levels: Levels,
): Interval & Pick<GateFinding, 'outcome' | 'p' | 'needsMoreRows' | 'leastMoreRows'> {
  const { alpha } = levels;
  const alphaOfMore = afterThis(levels, of, rowsForDifference(0, 0, margin, alpha));
  const { lower, upper } = tango(better, worse, of, normalQuantile(1 - alpha));
  return {
    lower,
    upper,
    // A limit of 100 pp allows anything.
    outcome: upper < margin || margin >= 1 ? 'pass' : 'by-p',
    p: tangoExcess(better, worse, of, margin),
    needsMoreRows: beyond(of, rowsToSettleDifference(worse, better, of, margin, alphaOfMore)),
    // Beyond the limit a few rows may still settle it, as a fail.
    leastMoreRows:
      (worse - better) / of < margin
        ? leastForDifference({ worse, better, of }, margin, alphaOfMore)
        : undefined,
  };
}

/** A look at so few rows that they could not have passed spends nothing. */
const afterThis = (
  { alpha, alphaOfMore }: Levels,
  rows: number,
  atBest: number | undefined,
): number => (atBest !== undefined && rows >= atBest ? alphaOfMore : alpha);

const beyond = (sent: number, inAll: number | undefined): number | undefined =>
  inAll === undefined ? undefined : inAll - sent;
