/** How far do probabilities move? The mean change against a limit, and the largest for a look. */
import { histogram, jensenShannon, populationStability } from '../statistics/agreement.js';
import { normalQuantile } from '../statistics/proportions.js';
import { rowsForShift, widening } from '../statistics/sample-size.js';
import { answeredPairs, answersOf, type Evidence } from './evidence.js';
import { measured } from './measured.js';
import { needed } from './text.js';
import {
  errorFinding,
  rule,
  type Common,
  type GateFinding,
  type GateMode,
  type ReplayGate,
} from './gate.js';

/** The central limit theorem needs some rows; below, nothing is sure. */
const FEWEST = 20;

interface Settings {
  mode: GateMode;
  /** Mean change of a score, 0 to 1. */
  limit: number;
}

function scoresFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha, alphaOfMore }: Common,
): GateFinding | undefined {
  const pairs = answeredPairs(evidence);
  if (pairs.length === 0) return undefined;
  const { limit } = settings;
  const answers = answersOf(evidence);
  if (answers.kind !== 'scores' && answers.score === undefined) {
    if (settings.mode !== 'enforce') return undefined;
    const why =
      'Blue answers no scores. Name them in the plan: evidence.output: scores, or evidence.score with the member of a record; otherwise set this gate to warn.';
    return errorFinding(why, { limit: String(limit) });
  }
  const both = pairs.flatMap(({ row, blue, green }) => {
    const [b, g] = [answers.scoresOf(blue.prediction), answers.scoresOf(green.prediction)];
    return b && g && b.length === g.length ? [{ row, b, g }] : [];
  });
  const n = both.length;
  if (n === 0) {
    return errorFinding('No row got scores from both deployments.', { limit: String(limit) });
  }
  const moved = both.map(({ row, b, g }) => ({
    row,
    by: Math.max(...b.map((value, index) => Math.abs((g[index] ?? value) - value))),
  }));
  const mean = moved.reduce((sum, { by }) => sum + by, 0) / n;
  const variance = moved.reduce((sum, { by }) => sum + (by - mean) ** 2, 0) / Math.max(1, n - 1);
  const most = moved.reduce((a, b) => (b.by > a.by ? b : a));
  const half = n < FEWEST ? Infinity : normalQuantile(1 - alpha) * Math.sqrt(variance / n);
  const outcome = mean + half <= limit ? 'pass' : mean - half > limit ? 'fail' : 'inconclusive';
  const total =
    n < FEWEST ? FEWEST : rowsForShift(n, limit - mean, half * widening(alpha, alphaOfMore));
  const more = total === undefined ? undefined : Math.max(1, total - n);
  const bins = (
    pick: (each: { b: readonly number[]; g: readonly number[] }) => readonly number[],
  ) => histogram(both.flatMap(pick), 0, 1);
  const [before, after] = [bins(({ b }) => b), bins(({ g }) => g)];
  const apart = `Jensen-Shannon ${jensenShannon(before, after).toFixed(2)}, PSI ${populationStability(before, after).toFixed(2)}`;
  return {
    blue: '',
    green: `max ${most.by.toFixed(2)}`,
    difference: `mean ${mean.toFixed(3)}${Number.isFinite(half) ? `, up to ${(mean + half).toFixed(3)}` : ''}`,
    limit: String(limit),
    measured: measured('value', { difference: mean, low: mean - half, high: mean + half, limit }),
    outcome,
    needsMoreRows: outcome === 'inconclusive' ? more : undefined,
    leastMoreRows: n < FEWEST ? FEWEST - n : undefined,
    why: () =>
      `Scores move by ${mean.toFixed(3)} on average and by ${most.by.toFixed(2)} at most, on row ${most.row}; ${apart}.` +
      (outcome === 'inconclusive' ? needed(more) : ''),
  };
}

export const scores: ReplayGate<'scores', Settings> = {
  id: 'scores',
  title: 'scores differ',
  defaults: { mode: 'warn', limit: 0.05 },
  schema: { limit: rule.share },
  needs: 'rows',
  describe: 'The scores of green move by more than the limit on average.',
  judge: scoresFinding,
};
