/**
 * On how many rows does green answer something else? Clopper and Pearson's bounds against the
 * limit; where blue disagrees with itself too, the excess over that noise.
 */
import { hasClasses, labelName } from '../output/answers.js';
import { newcombe, normalQuantile } from '../statistics/proportions.js';
import { cohenKappa } from '../statistics/agreement.js';
import { classShifts } from './class-shift.js';
import { answeredPairs, answersOf, type Evidence } from './evidence.js';
import { measuredRates } from './measured.js';
import { shareReach } from './reach.js';
import { shareFinding } from './share.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { bound, percent } from './text.js';
import {
  errorFinding,
  rule,
  type Common,
  type GateFinding,
  type GateMode,
  type ReplayGate,
} from './gate.js';

interface Settings {
  mode: GateMode;
  /** Share of rows that may get another label. A better model must differ: so `warn`. */
  limit: number;
}

function labelsFinding(
  evidence: Evidence,
  settings: Settings,
  levels: Common,
): GateFinding | undefined {
  const pairs = answeredPairs(evidence);
  if (pairs.length === 0) return undefined;
  const { limit } = settings;
  const answers = answersOf(evidence);
  if (answers.kind === 'numbers' || answers.kind === 'vectors') {
    if (settings.mode !== 'enforce') return undefined;
    const why =
      'Blue answers numbers, which the gate numbers compares. If they are classes, add evidence.output: labels to the plan; otherwise set this gate to warn.';
    return errorFinding(why, { limit: percent(limit) });
  }
  const n = pairs.length;
  const flips = pairs.filter(({ blue, green }) =>
    answers.differs(blue.prediction, green.prediction),
  ).length;
  const names = hasClasses(answers)
    ? pairs.map(
        ({ blue, green }) =>
          [
            labelName(answers.labelOf(blue.prediction)),
            labelName(answers.labelOf(green.prediction)),
          ] as const,
      )
    : [];
  const shift = classShifts(names)
    .map((each) => ` ${each}`)
    .join('');
  const kappa = names.length === 0 ? '' : `, kappa ${cohenKappa(names).toFixed(2)}`;
  const { noise } = evidence;
  if (noise && noise.differing > 0) {
    const excess = newcombe(
      { hits: flips, of: n },
      { hits: noise.differing, of: noise.pairs },
      normalQuantile(1 - levels.alpha),
    );
    const outcome = excess.upper <= limit ? 'pass' : excess.lower > limit ? 'fail' : 'inconclusive';
    const own = `blue differs from itself on ${rowsOf(noise.differing)} of ${grouped(noise.pairs)}`;
    const why = `Green differs on ${rowsOf(flips)} of ${grouped(n)}${kappa}; ${own}.${shift}`;
    return {
      blue: String(noise.differing),
      green: String(flips),
      limit: percent(limit),
      difference: `${percent(flips / n)}, ${bound(Math.max(0, excess.upper))} above noise at most`,
      measured: measuredRates(
        { blue: { hits: noise.differing, of: noise.pairs }, green: { hits: flips, of: n } },
        {
          difference: flips / n - noise.differing / noise.pairs,
          low: excess.lower,
          high: excess.upper,
          limit,
        },
      ),
      outcome,
      why: () => why,
    };
  }
  return shareFinding(
    { green: { hits: flips, of: n } },
    limit,
    levels,
    (upper) =>
      `Green differs on ${rowsOf(flips)} of ${grouped(n)}${kappa}; up to ${percent(upper)} can't be ruled out.${shift}`,
  );
}

export const labels: ReplayGate<'labels', Settings> = {
  id: 'labels',
  title: 'labels differ',
  defaults: { mode: 'warn', limit: 0.05 },
  schema: { limit: rule.share },
  needs: 'rows',
  describe: 'Green differs from blue on more rows than the limit.',
  judge: labelsFinding,
  reach: shareReach('differing labels'),
};
