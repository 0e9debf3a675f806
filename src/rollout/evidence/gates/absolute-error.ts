/**
 * Where answers are numbers and the file tells the truth: does green miss it by more than blue?
 * Differences of absolute errors, |green − truth| − |blue − truth|, on the same rows, against a
 * share of blue's mean absolute error, by two tests: Wilcoxon's signed-rank test, which sees a
 * shift of most rows whatever a few do, and Student's of the mean, which sees a few rows that are
 * far off. Fail: one of them says so (Bonferroni). Pass: both upper bounds are within the limit.
 */
import { hasClasses, type Answers } from '../output/answers.js';
import { difference, isFiniteNumber, readNumber } from '../../../common/exact-numbers.js';
import { samePrediction } from '../output/same.js';
import { hodgesLehmann, meanShift, wilcoxon } from '../statistics/ranks.js';
import { rowsForShift } from '../statistics/sample-size.js';
import { answeredPairs, answersOf, targetProblem, type Evidence, type Pair } from './evidence.js';
import { measured } from './measured.js';
import { bound, needed, percent, rowsOf } from './text.js';
import {
  errorFinding,
  rule,
  type Common,
  type GateFinding,
  type GateMode,
  type ReplayGate,
} from './gate.js';

/** Rows below which no interval is worth a word. */
const FEWEST = 20;

interface Settings {
  mode: GateMode;
  /** So much more than the mean absolute error of blue, as a share of it. */
  relative: number;
}

export function absoluteErrorFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha, modeOf }: Common,
): GateFinding | undefined {
  const answered = answeredPairs(evidence);
  if (answered.length === 0) return undefined;
  const { relative } = settings;
  const sides = { limit: percent(relative) };
  const missing = targetProblem(evidence);
  if (missing !== undefined) return missing === '' ? undefined : errorFinding(missing, sides);
  const answers = answersOf(evidence);
  if (answers.kind !== 'numbers') {
    if (modeOf('accuracy') !== 'off') return undefined;
    const problem = answers.problem ?? 'Blue answers classes, not numbers.';
    // Of other answers accuracy can't tell either, and their problem says what helps.
    const why = hasClasses(answers)
      ? `${problem} Turn the gate accuracy on; or, if they are numbers, add evidence.output: numbers to the plan.`
      : problem;
    return errorFinding(why, sides);
  }
  const told = answered.filter(({ truth }) => truth !== undefined && truth.trim() !== '');
  if (told.every(({ truth }) => !Number.isFinite(Number(truth)))) {
    const why = `Of ${rowsOf(told.length)} no target is a number. Is another column the target?`;
    return errorFinding(why, sides);
  }
  const silent = told.find(
    ({ blue, green }) =>
      answers.numberOf(blue.prediction) !== undefined &&
      answers.numberOf(green.prediction) === undefined,
  );
  if (silent) {
    return errorFinding(`Row ${silent.row}: green returns no number and blue does.`, sides);
  }
  const endless = infiniteAnswer(told, answers);
  if (endless !== undefined) return errorFinding(endless, sides);
  const errors = told.flatMap((pair) => errorsOf(pair, answers));
  const n = errors.length;
  if (n === 0)
    return errorFinding('No row with a number for a target was answered by a number.', sides);
  const before = errors.reduce((sum, each) => sum + each.before, 0) / n;
  const after = errors.reduce((sum, each) => sum + each.after, 0) / n;
  const allowed = relative * before;
  const more = errors.map((each) => each.more);
  const most = hodgesLehmann(more, alpha);
  const mean = meanShift(more, alpha, allowed);
  const upper = Math.max(most.upper, mean.upper);
  /** Of blue's mean absolute error; without one, in the target's own unit. */
  const part = (value: number) => (before === 0 ? short(value) : bound(value / before));
  const unit = before === 0 ? '' : '%';
  const totals = [most, mean].map((shift) =>
    rowsForShift(n, allowed - shift.estimate, shift.upper - shift.estimate),
  );
  const total = totals.some((rows) => rows === undefined)
    ? undefined
    : Math.max(FEWEST, ...totals.map((rows) => rows ?? 0));
  const rows = n < FEWEST ? FEWEST - n : total && Math.max(1, total - n);
  const sign = mean.estimate > 0 ? '+' : '';
  const averages = `On ${rowsOf(n)} green misses the truth by ${short(after)} on average, blue by ${short(before)}`;
  return {
    blue: short(before),
    green: short(after),
    difference: `${sign}${part(mean.estimate)}${unit}, ${Number.isFinite(upper) ? `up to ${part(upper)}` : 'bound n/a'}`,
    ...sides,
    measured: measured('value', {
      blue: before,
      green: after,
      difference: mean.estimate,
      low: Math.min(most.lower, mean.lower),
      high: upper,
      limit: allowed,
    }),
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

/** Of a row whose truth is finite: an infinite miss would make any other look small. */
function infiniteAnswer(told: readonly Pair[], answers: Answers): string | undefined {
  const isInfinite = (prediction: unknown): boolean => {
    const number = answers.numberOf(prediction);
    return number !== undefined && !isFiniteNumber(number);
  };
  const found = told.find(
    ({ truth = '', green }) => readNumber(truth) !== undefined && isInfinite(green.prediction),
  );
  if (!found) return undefined;
  return isInfinite(found.blue.prediction)
    ? `Row ${found.row}: both return an infinite number, which has no distance to the truth. Leave the row out, or fix the models.`
    : `Row ${found.row}: green returns an infinite number and blue does not.`;
}

interface Errors {
  before: number;
  after: number;
  more: number;
}

/** Of one row, where truth and both answers are numbers. */
function errorsOf({ truth = '', blue, green }: Pair, answers: Answers): Errors[] {
  const t = readNumber(truth);
  const [b, g] = [answers.numberOf(blue.prediction), answers.numberOf(green.prediction)];
  if (t === undefined || b === undefined || g === undefined) return [];
  // Blue's alone, which speaks for green; as where blue alone returns no number.
  if (!isFiniteNumber(b)) return [];
  const [before, after] = [Math.abs(difference(b, t)), Math.abs(difference(g, t))];
  // Another machine's last digit is no error of the model.
  return [{ before, after, more: samePrediction(b, g) ? 0 : after - before }];
}

const short = (value: number): string => String(Number(value.toPrecision(3)));

export const absoluteError: ReplayGate<'absoluteError', Settings> = {
  id: 'absoluteError',
  title: 'absolute error',
  // 300 rows can tell a tenth, as for latency; a twentieth would hold half of the equal models.
  defaults: { mode: 'enforce', relative: 0.1 },
  schema: { relative: rule.share },
  needs: 'target',
  describe: 'Green misses the truth by more than blue does.',
  judge: absoluteErrorFinding,
};
