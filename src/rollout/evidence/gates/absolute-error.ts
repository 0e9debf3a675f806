/**
 * Where answers are numbers and the file tells the truth: does green miss it by more than blue?
 * Differences of absolute errors, |green − truth| − |blue − truth|, on the same rows, against a
 * share of blue's mean absolute error, by two tests: Wilcoxon's signed-rank test, which sees a
 * shift of most rows whatever a few do, and Student's of the mean, which sees a few rows that are
 * far off. Fail: one of them says so (Bonferroni). Pass: both upper bounds are within the limit.
 */
import { samePrediction } from '../compare.js';
import { hodgesLehmann, meanShift, wilcoxon } from '../statistics/ranks.js';
import { rowsForShift } from '../statistics/sample-size.js';
import { answeredPairs, type Evidence, type Pair } from './evidence.js';
import { outputKind } from './output-kind.js';
import { bound, needed, percent, rowsOf } from './text.js';
import { rule, type Common, type Finding, type GateMode, type ReplayGate } from './gate.js';

/** Rows below which no interval is worth a word. */
const FEWEST = 20;
/** So many rows without one number for a target: it is written in another way. */
const SUSPICIOUS = 10;

interface Settings {
  mode: GateMode;
  /** So much more than the mean absolute error of blue, as a share of it. */
  relative: number;
}

export function absoluteErrorFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha, output }: Common,
): Finding | undefined {
  const answered = answeredPairs(evidence);
  const kind = outputKind(
    answered.map(({ blue }) => blue.prediction),
    output,
  );
  const told = answered.filter(({ truth }) => truth !== undefined && truth.trim() !== '');
  if (kind !== 'numbers' || told.length === 0) return undefined;
  const errors = told.flatMap(errorsOf);
  const n = errors.length;
  if (n === 0) return told.length < SUSPICIOUS ? undefined : noNumbers(told.length);
  const { relative } = settings;
  const before = errors.reduce((sum, each) => sum + each.before, 0) / n;
  const after = errors.reduce((sum, each) => sum + each.after, 0) / n;
  const allowed = relative * before;
  const more = errors.map((each) => each.more);
  const most = hodgesLehmann(more, alpha);
  const mean = meanShift(more, alpha, allowed);
  const upper = Math.max(most.upper, mean.upper);
  /** Of blue's mean absolute error; without one, in the target's own unit. */
  const part = (value: number) => (before === 0 ? short(value) : bound(value / before));
  const unit = before === 0 ? '' : ' %';
  const totals = [most, mean].map((shift) =>
    rowsForShift(n, allowed - shift.estimate, shift.upper - shift.estimate),
  );
  const total = totals.some((rows) => rows === undefined)
    ? undefined
    : Math.max(FEWEST, ...totals.map((rows) => rows ?? 0));
  const rows = n < FEWEST ? FEWEST - n : total && Math.max(1, total - n);
  const sign = mean.estimate > 0 ? '+' : '';
  const averages = `On ${rowsOf(n)} NEW misses the truth by ${short(after)} on average, LIVE by ${short(before)}`;
  return {
    live: short(before),
    fresh: short(after),
    difference: `${sign}${part(mean.estimate)}${unit}, ${Number.isFinite(upper) ? `up to ${part(upper)}` : 'bound n/a'}`,
    limit: percent(relative),
    outcome: n < FEWEST ? 'inconclusive' : upper <= allowed ? 'pass' : 'by-p',
    p: Math.min(1, 2 * Math.min(wilcoxon(more, allowed).greater, mean.greater)),
    needsMoreRows: rows,
    why: (outcome) =>
      outcome === 'pass'
        ? `${averages}: at most ${part(upper)}${unit} more.`
        : outcome === 'fail'
          ? `${averages}: surely more than ${percent(relative)} more.`
          : `${averages}; more than ${percent(relative)} more can't be ruled out.${needed(rows)}`,
  };
}

interface Errors {
  before: number;
  after: number;
  more: number;
}

/** Of one row, where truth and both answers are numbers. */
function errorsOf({ truth = '', blue, green }: Pair): Errors[] {
  const [t, b, g] = [Number(truth), blue.prediction, green.prediction];
  if (!Number.isFinite(t) || typeof b !== 'number' || typeof g !== 'number') return [];
  const [before, after] = [Math.abs(b - t), Math.abs(g - t)];
  // Another machine's last digit is no error of the model.
  return [{ before, after, more: samePrediction(b, g) ? 0 : after - before }];
}

function noNumbers(rows: number): Finding {
  const why = `Of ${rowsOf(rows)} not one target is a number: is another column the target?`;
  return { live: '', fresh: '', difference: 'n/a', limit: '', outcome: 'error', why: () => why };
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

export const absoluteError: ReplayGate<'absoluteError', Settings> = {
  id: 'absoluteError',
  title: 'absolute error',
  // 300 rows can tell a tenth, as for latency; a twentieth would hold half of the equal models.
  defaults: { mode: 'enforce', relative: 0.1 },
  schema: { relative: rule.share },
  needs: 'target',
  describe: 'The numbers of green miss the truth by more than those of blue do.',
  judge: absoluteErrorFinding,
};
