/**
 * On how many rows does green answer something else? Clopper and Pearson's bounds against the
 * limit; where blue disagrees with itself too, the excess over that noise.
 */
import { samePrediction } from '../compare.js';
import {
  binomialUpperTail,
  clopperPearson,
  newcombe,
  normalQuantile,
} from '../statistics/proportions.js';
import { cohenKappa } from '../statistics/agreement.js';
import { rowsForShare } from '../statistics/sample-size.js';
import { classShifts } from './class-shift.js';
import { answeredPairs, type Evidence } from './evidence.js';
import { labelName, labelOf, outputKind } from './output-kind.js';
import { bound, needed, percent, rowsOf } from './text.js';
import { rule, type Common, type Finding, type GateMode, type ReplayGate } from './gate.js';

interface Settings {
  mode: GateMode;
  /** Share of rows that may get another label. A better model must differ: hence `warn`. */
  limit: number;
}

export function labelsFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha, output }: Common,
): Finding | undefined {
  const pairs = answeredPairs(evidence);
  const kind = outputKind(
    pairs.map(({ blue }) => blue.prediction),
    output,
  );
  if (pairs.length === 0 || kind === 'numbers') return undefined;
  const { limit } = settings;
  const n = pairs.length;
  const labels = pairs.map(({ blue, green }) => ({
    blue: labelOf(blue.prediction, kind),
    green: labelOf(green.prediction, kind),
  }));
  const flips = labels.filter(({ blue, green }) => !samePrediction(blue, green)).length;
  const sides = { live: '', fresh: String(flips), limit: percent(limit) };
  const names = labels.map(({ blue, green }) => [labelName(blue), labelName(green)] as const);
  const shift =
    kind === 'other'
      ? ''
      : classShifts(names)
          .map((each) => ` ${each}`)
          .join('');
  const kappa = kind === 'other' ? '' : `, kappa ${cohenKappa(names).toFixed(2)}`;
  const { noise } = evidence;
  if (noise && noise.differing > 0) {
    const excess = newcombe(
      { hits: flips, of: n },
      { hits: noise.differing, of: noise.pairs },
      normalQuantile(1 - alpha),
    );
    const outcome = excess.upper <= limit ? 'pass' : excess.lower > limit ? 'fail' : 'inconclusive';
    const own = `LIVE differs from itself on ${rowsOf(noise.differing)} of ${noise.pairs}`;
    const why = `NEW answers otherwise on ${rowsOf(flips)} of ${n}${kappa}; ${own}.${shift}`;
    return {
      ...sides,
      live: String(noise.differing),
      difference: `${percent(flips / n)}, ${bound(Math.max(0, excess.upper))} above noise at most`,
      outcome,
      why: () => why,
    };
  }
  const { upper } = clopperPearson(flips, n, alpha);
  const total = rowsForShare(flips, limit, alpha);
  const more = total === undefined || total <= n ? undefined : total - n;
  return {
    ...sides,
    difference: `${percent(flips / n)}, up to ${bound(upper)}`,
    outcome: upper <= limit ? 'pass' : 'by-p',
    // Below alpha exactly where the lower Clopper-Pearson bound is above the limit.
    p: binomialUpperTail(flips, n, limit),
    needsMoreRows: more,
    why: (outcome) =>
      `NEW answers otherwise on ${rowsOf(flips)} of ${n}${kappa}; up to ${percent(upper)} can't be ruled out.${shift}` +
      (outcome === 'inconclusive' ? needed(more) : ''),
  };
}

export const labels: ReplayGate<'labels', Settings> = {
  id: 'labels',
  title: 'labels differ',
  defaults: { mode: 'warn', limit: 0.05 },
  schema: { limit: rule.share },
  needs: 'rows',
  describe: 'Green answers otherwise than blue on more rows than the limit.',
  judge: labelsFinding,
};
