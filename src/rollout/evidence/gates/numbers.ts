/** On how many rows is green's number out of tolerance, and does it lean one way? */
import { binomialUpperTail, clopperPearson } from '../statistics/proportions.js';
import { hodgesLehmann, spearman, wilcoxon } from '../statistics/ranks.js';
import { rowsForShare } from '../statistics/sample-size.js';
import { answeredPairs, type Evidence } from './evidence.js';
import { outputKind } from './output-kind.js';
import { bound, needed, percent, rowsOf } from './text.js';
import { rule, type Common, type Finding, type GateMode, type ReplayGate } from './gate.js';

interface Settings {
  mode: GateMode;
  /** Share of rows that may lie further from blue's number than absolute + relative * |blue|. */
  absolute: number;
  relative: number;
  limit: number;
}

export function numbersFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha, output }: Common,
): Finding | undefined {
  const answered = answeredPairs(evidence);
  const kind = outputKind(
    answered.map(({ blue }) => blue.prediction),
    output,
  );
  if (kind !== 'numbers') return undefined;
  const pairs = answered.flatMap(({ blue, green }) => {
    const [b, g] = [blue.prediction, green.prediction];
    return typeof b === 'number' && typeof g === 'number' ? [{ b, g }] : [];
  });
  const n = pairs.length;
  if (n === 0) return undefined;
  const { absolute, relative, limit } = settings;
  const outside = pairs.filter(
    ({ b, g }) => !(Math.abs(g - b) <= absolute + relative * Math.abs(b)),
  ).length;
  const { upper } = clopperPearson(outside, n, alpha);
  const total = rowsForShare(outside, limit, alpha);
  const more = total === undefined || total <= n ? undefined : total - n;
  const differences = pairs.map(({ b, g }) => g - b);
  const test = wilcoxon(differences);
  const bias =
    Math.min(test.greater, test.less) * 2 < alpha
      ? `NEW leans ${test.greater < test.less ? 'up' : 'down'} by ${Number(Math.abs(hodgesLehmann(differences, alpha).estimate).toPrecision(3))}`
      : 'no lean to one side';
  const order = spearman(
    pairs.map(({ b }) => b),
    pairs.map(({ g }) => g),
  );
  return {
    live: '',
    fresh: String(outside),
    difference: `${percent(outside / n)}, up to ${bound(upper)}`,
    limit: percent(limit),
    outcome: upper <= limit ? 'pass' : 'by-p',
    p: binomialUpperTail(outside, n, limit),
    needsMoreRows: more,
    why: (outcome) =>
      `${rowsOf(outside)} of ${n} ${outside === 1 ? 'is' : 'are'} out of tolerance; ${bias}, rank correlation ${Number.isNaN(order) ? 'n/a' : order.toFixed(2)}.` +
      (outcome === 'inconclusive' ? needed(more) : ''),
  };
}

export const numbers: ReplayGate<'numbers', Settings> = {
  id: 'numbers',
  title: 'numbers differ',
  defaults: { mode: 'warn', absolute: 0, relative: 0.01, limit: 0.05 },
  schema: { absolute: rule.amount, relative: rule.share, limit: rule.share },
  needs: 'rows',
  describe: 'The numbers of green are out of tolerance on more rows than the limit.',
  judge: numbersFinding,
};
