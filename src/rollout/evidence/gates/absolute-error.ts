/**
 * Where answers are numbers and the file tells the truth: does green miss it by more than blue?
 * Differences of absolute errors, |green − truth| − |blue − truth|, on the same rows, against a
 * share of blue's mean absolute error, by two tests: Wilcoxon's signed-rank test, which sees a
 * shift of most rows whatever a few do, and Student's of the mean, which sees a few rows that are
 * far off. Fail: one of them says so (Bonferroni). Pass: both upper bounds are within the limit.
 * One wrong target, or one answer of blue, can make the share of blue's error as large as you like, so
 * where few rows carry most of it, both tests are made without them too, and the worse result counts.
 */
import { hasClasses, type Answers } from '../output/answers.js';
import { difference, isFiniteNumber, readNumber } from '../../../common/exact-numbers.js';
import { samePrediction } from '../output/same.js';
import { hodgesLehmann, meanShift, wilcoxon } from '../statistics/ranks.js';
import { rowsForShift, widening } from '../statistics/sample-size.js';
import {
  answeredPairs,
  answersOf,
  standsFor,
  targetProblem,
  type Evidence,
  type Pair,
} from './evidence.js';
import { measured } from './measured.js';
import { leastMean, missed, totalMiss, withoutLuck, withoutSuspects, type Miss } from './misses.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { bound, needed, percent } from './text.js';
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
  common: Common,
): GateFinding | undefined {
  const { alpha, alphaOfMore } = common;
  const answered = answeredPairs(evidence);
  if (answered.length === 0) return undefined;
  const { relative } = settings;
  const sides = { limit: percent(relative) };
  const missing = targetProblem(evidence, 'absoluteError');
  if (missing !== undefined) return missing === '' ? undefined : errorFinding(missing, sides);
  const answers = answersOf(evidence);
  if (answers.kind !== 'numbers') {
    if (standsFor('accuracy', 'absoluteError', common)) return undefined;
    const problem = answers.problem ?? 'Blue answers classes, not numbers.';
    if (common.modeOf('accuracy') === 'warn') {
      const why = `The plan enforces absoluteError, and blue answers no numbers; the gate accuracy only warns: set it to enforce, or absoluteError to warn; or, if they are numbers, add evidence.output: numbers to the plan.`;
      return errorFinding(why, sides);
    }
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
  const wordy = told.filter(({ truth = '' }) => readNumber(truth) === undefined);
  const [word] = wordy;
  const leftOut = word
    ? `${grouped(wordy.length)} of ${rowsOf(told.length)} ${wordy.length === 1 ? 'has' : 'have'} no number in the target (row ${word.row})`
    : '';
  if (wordy.length > told.length / 2) {
    return errorFinding(`${leftOut}. Is another column the target?`, sides);
  }
  const silent = told.find(
    ({ blue, green }) =>
      answers.numberOf(blue.prediction) !== undefined &&
      answers.numberOf(green.prediction) === undefined,
  );
  if (silent) {
    return errorFinding(
      `Row ${silent.row}: green returns no number (null or NaN); blue returns one.`,
      sides,
    );
  }
  const endless = infiniteAnswer(told, answers);
  if (endless !== undefined) return errorFinding(endless, sides);
  const errors = told.flatMap((pair) => errorsOf(pair, answers));
  const n = errors.length;
  if (n === 0)
    return errorFinding('No row with a numeric target got a number as its answer.', sides);
  const whole = lookAt(errors, relative, alpha);
  const level = n < FEWEST ? errors : withoutLuck(errors);
  const rest = n < FEWEST ? errors : withoutSuspects(level, relative);
  const looks =
    rest === errors ? [whole] : [whole, lookAt(rest, relative, alpha, leastMean(errors))];
  const failing = looks.filter(({ upper, allowed }) => upper > allowed);
  // The one that tells most against green.
  const shown = failing.reduce<Look | undefined>(
    (worst, each) => (worst && worst.p <= each.p ? worst : each),
    undefined,
  );
  const { before, after, allowed, most, mean, upper, of } = shown ?? whole;
  /** Of blue's mean absolute error; without one, in the target's own unit. */
  const part = (value: number) => (before === 0 ? short(value) : bound(value / before));
  const unit = before === 0 ? '' : '%';
  const wider = widening(alpha, alphaOfMore);
  const totals = [most, mean].map((shift) =>
    rowsForShift(n, allowed - shift.estimate, wider * (shift.upper - shift.estimate)),
  );
  const total = totals.some((rows) => rows === undefined)
    ? undefined
    : Math.max(FEWEST, ...totals.map((rows) => rows ?? 0));
  const rows = n < FEWEST ? FEWEST - n : total && Math.max(1, total - n);
  const sign = mean.estimate > 0 ? '+' : '';
  const on = of === n ? rowsOf(n) : `the other ${rowsOf(of)}`;
  const averages = `${leftOut && `${leftOut} and ${wordy.length === 1 ? 'is' : 'are'} left out. `}${asideText(errors, level, rest.length)}On ${on} green misses the truth by ${short(after)} on average, blue by ${short(before)}`;
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
    outcome: n < FEWEST ? 'inconclusive' : shown ? 'by-p' : 'pass',
    // Each look has two tests.
    p: Math.min(1, 2 * looks.length * Math.min(...looks.map(({ p }) => p))),
    needsMoreRows: rows,
    leastMoreRows: n < FEWEST ? FEWEST - n : undefined,
    why: (outcome) =>
      outcome === 'pass'
        ? `${averages}: at most ${part(upper)}${unit} more.`
        : outcome === 'fail'
          ? `${averages}: clearly more than ${percent(relative)} more.`
          : `${averages}; more than ${percent(relative)} more can't be ruled out.${needed(rows)}`,
  };
}

type Look = ReturnType<typeof lookAt>;

/** @param least what the limit is a share of, should blue's own mean error be smaller */
function lookAt(errors: readonly Miss[], relative: number, alpha: number, least = 0) {
  const of = errors.length;
  const before = totalMiss(errors, 'before') / of;
  const allowed = relative * Math.max(before, least);
  const more = errors.map((each) => each.more);
  const most = hodgesLehmann(more, alpha);
  const mean = meanShift(more, alpha, allowed);
  // One row on which blue is far off says nothing against green, and widens its interval all the same.
  const largestLoss = more.reduce((largest, each) => Math.max(largest, each), 0);
  const withoutLuck = meanShift(
    more.map((each) => Math.max(each, -largestLoss)),
    alpha,
  );
  return {
    of,
    before,
    after: totalMiss(errors, 'after') / of,
    allowed,
    most,
    mean,
    upper: Math.max(most.upper, Math.min(mean.upper, withoutLuck.upper)),
    /** The smaller one of two. */
    p: Math.min(wilcoxon(more, allowed).greater, mean.greater),
  };
}

/** Which rows would set the limit; names the first to look at. */
function asideText(errors: readonly Miss[], level: readonly Miss[], left: number): string {
  const first = errors.reduce((most, each) => (missed(each) > missed(most) ? each : most));
  const by = short(first.before);
  if (left < errors.length) {
    const aside = errors.length - left;
    return aside === 1
      ? `Row ${first.row} carries more than half of blue's error, so the limit has to hold without it too; blue misses it by ${by}: is its target right? `
      : `${rowsOf(aside)} carry more than half of blue's error, so the limit has to hold without them too; row ${first.row} most, which blue misses by ${by}: is its target right? `;
  }
  const lucky = level.filter((each, index) => each !== errors[index]).length;
  return lucky === 0
    ? ''
    : `Blue alone is far off on ${rowsOf(lucky)}, so the limit has to hold without this luck too; on row ${first.row} most, by ${by}. `;
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

/** Of one row, where truth and both answers are numbers. */
function errorsOf({ row, truth = '', blue, green }: Pair, answers: Answers): Miss[] {
  const t = readNumber(truth);
  const [b, g] = [answers.numberOf(blue.prediction), answers.numberOf(green.prediction)];
  if (t === undefined || b === undefined || g === undefined) return [];
  // Blue's alone, which speaks for green; as where blue alone returns no number.
  if (!isFiniteNumber(b)) return [];
  const [before, after] = [Math.abs(difference(b, t)), Math.abs(difference(g, t))];
  // Another machine's last digit is no error of the model.
  const more = samePrediction(b, g) ? 0 : after - before;
  return [{ row, before, after, more, answers: [Number(b), Number(g)] }];
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
