/**
 * Where the file has the truth: does green lose right answers? On the same rows, by Tango's interval
 * of the change: pass where its lower bound is above minus the margin, fail where all of it is below.
 */
import { hasClasses } from '../output/answers.js';
import {
  answeredPairs,
  answersOf,
  judgedRows,
  standsFor,
  targetProblem,
  type Evidence,
} from './evidence.js';
import {
  errorFinding,
  rule,
  type Common,
  type GateFinding,
  type GateMode,
  type ReplayGate,
} from './gate.js';
import { measuredRates } from './measured.js';
import { harmReach } from './reach.js';
import { rowsAtDisagreement } from '../statistics/sample-size.js';
import { harmOn } from './share.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { bound, needed, points, pp } from './text.js';

interface Settings {
  mode: GateMode;
  /** Share of right answers that may be lost, where the file has the truth. */
  margin: number;
}

function accuracyFinding(
  evidence: Evidence,
  settings: Settings,
  common: Common,
): GateFinding | undefined {
  const answered = answeredPairs(evidence);
  if (answered.length === 0) return undefined;
  const { margin } = settings;
  const limit = points(-margin);
  const missing = targetProblem(evidence, 'accuracy');
  if (missing !== undefined) return missing === '' ? undefined : errorFinding(missing, { limit });
  const answers = answersOf(evidence);
  if (answers.kind === 'numbers') {
    if (standsFor('absoluteError', 'accuracy', common)) return undefined;
    const help =
      common.modeOf('absoluteError') === 'off'
        ? 'Turn the gate absoluteError on'
        : 'The gate absoluteError, which judges them, only warns: set it to enforce, or accuracy to warn';
    const why = `Blue answers numbers, so right answers can't be counted. ${help}; or, if they are classes, add evidence.output: labels to the plan.`;
    return errorFinding(why, { limit });
  }
  if (!hasClasses(answers) || answers.problem !== undefined) {
    const why = answers.problem ?? "Right answers can't be counted.";
    return errorFinding(why, { limit });
  }
  const judged = judgedRows(evidence);
  const n = judged.length;
  if (n === 0) return errorFinding('No row with a target was answered by both.', { limit });
  const lost = judged.filter((each) => each.blue && !each.green).length;
  const won = judged.filter((each) => each.green && !each.blue).length;
  const rightly = (side: 'blue' | 'green') => ({
    hits: judged.filter((each) => each[side]).length,
    of: n,
  });
  const harm = harmOn({ worse: lost, better: won, of: n }, margin, common);
  const takes = labelledRows((lost + won) / n, margin, common.alphaOfMore).why;
  const labels = margin === 0 ? '' : ` ${takes}`;
  const { lower: least, upper: most, ...decided } = harm;
  return {
    blue: String(rightly('blue').hits),
    green: String(rightly('green').hits),
    difference: `${points((won - lost) / n)}, ${
      least > margin ? `at most ${bound(-least)}` : `from ${bound(-most)}`
    }`,
    limit,
    measured: measuredRates(
      { blue: rightly('blue'), green: rightly('green') },
      { difference: (won - lost) / n, low: -most, high: -least, limit: -margin },
    ),
    ...decided,
    why: (outcome) =>
      `Only blue was right on ${rowsOf(lost)}, only green on ${grouped(won)}` +
      (outcome === 'pass'
        ? margin >= 1
          ? '; any loss is within the limit.'
          : `; green loses less than ${bound(margin)} pp.`
        : outcome === 'fail'
          ? `; green loses at least ${bound(least)} pp.`
          : `; a loss of ${bound(most)} pp can't be ruled out.${needed(decided.needsMoreRows, margin)}${labels}`),
  };
}

/**
 * How many labelled rows the limit takes, when the two are right on different rows so often and neither is
 * better: in 80 of 100 cases they prove it.
 */
export function labelledRows(
  disagreement: number,
  margin: number,
  alpha: number,
): { rows: number | undefined; why: string } {
  const rows = rowsAtDisagreement(disagreement, margin, alpha);
  const at = `At ${(disagreement * 100).toFixed(1)}% differing answers`;
  return {
    rows,
    why:
      rows === undefined
        ? `${at} no number of rows proves a loss of right answers ≤ ${pp(margin)}.`
        : `${at} it takes ${rowsOf(rows, 'labelled row')} to prove a loss of right answers ≤ ${pp(margin)}.`,
  };
}

export const accuracy: ReplayGate<'accuracy', Settings> = {
  id: 'accuracy',
  title: 'right answers',
  defaults: { mode: 'enforce', margin: 0.02 },
  schema: { margin: rule.share },
  needs: 'target',
  describe: 'Green gives fewer right answers than blue, by more than the margin.',
  judge: accuracyFinding,
  reach: harmReach('a loss of right answers'),
};
