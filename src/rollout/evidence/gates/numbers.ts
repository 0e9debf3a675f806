/** On how many rows is green's number out of tolerance, and does it lean one way? */
import { hodgesLehmann, spearman, wilcoxon } from '../statistics/ranks.js';
import { difference, isFiniteNumber, type Numeric } from '../../../common/exact-numbers.js';
import { withinTolerance } from '../output/same.js';
import { answeredPairs, answersOf, type Evidence } from './evidence.js';
import { shareReach } from './reach.js';
import { shareFinding } from './share.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { percent } from './text.js';
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
  /** Share of rows that may lie further from blue's number than absolute + relative * |blue|. */
  absolute: number;
  relative: number;
  limit: number;
}

function numbersFinding(
  evidence: Evidence,
  settings: Settings,
  levels: Common,
): GateFinding | undefined {
  const { alpha } = levels;
  const answered = answeredPairs(evidence);
  if (answered.length === 0) return undefined;
  const answers = answersOf(evidence);
  const { absolute, relative, limit } = settings;
  if (answers.kind !== 'numbers' && answers.kind !== 'vectors') {
    if (settings.mode !== 'enforce') return undefined;
    const why = `Blue answers ${answers.kind}, not numbers. If they are numbers, add evidence.output: numbers to the plan; otherwise set this gate to warn.`;
    return errorFinding(why, { limit: percent(limit) });
  }
  const rows = answered.flatMap(({ blue, green }) => {
    const b = answers.numbersOf(blue.prediction);
    const g = answers.numbersOf(green.prediction);
    return b && g ? [{ b, g }] : [];
  });
  const n = rows.length;
  if (n === 0)
    return errorFinding('No row got a number from both deployments.', { limit: percent(limit) });
  const outside = rows.filter(
    ({ b, g }) =>
      b.length !== g.length ||
      b.some((value, at) => !withinTolerance(value, g[at] ?? Number.NaN, { absolute, relative })),
  ).length;
  const finite = (value: Numeric | undefined): value is Numeric =>
    value !== undefined && isFiniteNumber(value);
  // By how far two infinite numbers differ is not a number.
  const pairs = rows.flatMap(({ b: [b], g: [g] }) => (finite(b) && finite(g) ? [{ b, g }] : []));
  const first = answers.kind === 'vectors' ? ' of the first number' : '';
  const differences = pairs.map(({ b, g }) => difference(g, b));
  const test = wilcoxon(differences);
  const bias =
    Math.min(test.greater, test.less) * 2 < alpha
      ? `green leans ${test.greater < test.less ? 'up' : 'down'} by ${Number(Math.abs(hodgesLehmann(differences, alpha).estimate).toPrecision(3))}`
      : 'no lean to one side';
  const order = spearman(
    pairs.map(({ b }) => Number(b)),
    pairs.map(({ g }) => Number(g)),
  );
  return shareFinding(
    { green: { hits: outside, of: n } },
    limit,
    levels,
    () =>
      `${rowsOf(outside)} of ${grouped(n)} ${outside === 1 ? 'is' : 'are'} out of tolerance; ${bias}${first}, rank correlation ${Number.isNaN(order) ? 'n/a' : order.toFixed(2)}.`,
  );
}

export const numbers: ReplayGate<'numbers', Settings> = {
  id: 'numbers',
  title: 'numbers differ',
  defaults: { mode: 'warn', absolute: 0, relative: 0.01, limit: 0.05 },
  schema: { absolute: rule.amount, relative: rule.share, limit: rule.share },
  needs: 'rows',
  describe: 'The numbers of green are out of tolerance on more rows than the limit.',
  judge: numbersFinding,
  reach: shareReach('numbers out of tolerance'),
};
