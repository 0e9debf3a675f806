/**
 * What the report draws of a replay, kept in the journal: latencies by row, classes and scores as
 * counts. Small, and without cells: names of classes are those that the deployments answer.
 */
import { isRight } from '../../sampling/predictions.js';
import { printable } from '../../sampling/input-error.js';
import { answeredPairs, answersOf, type Evidence, type Pair } from './gates/evidence.js';
import { hasClasses, labelName, type Answers } from './output/answers.js';
import { sortedClasses } from './output/classes.js';

export interface ReplayFigures {
  /** Of rows that both answered, in the order sent: row numbers, and milliseconds by deployment. */
  latency: { rows: number[]; ms: Record<string, number[]> };
  /** Only where both answer classes, and few. */
  classes?: ClassCounts;
  /** By deployment; only where they answer scores of classes and the file has the target. */
  calibration?: Record<string, CalibrationBin[]>;
}

interface ClassCounts {
  /** Classes as the deployments answer them. */
  names: string[];
  /** Rows by class of blue, then by class of green. */
  agreement: number[][];
  /** By deployment: rows by the file's target, then by the class answered. */
  target?: Record<string, number[][]>;
}

/** Rows whose answered class has a score in one tenth of the way from 0 to 1. */
interface CalibrationBin {
  rows: number;
  meanScore: number;
  /** Rows on which the answered class is right. */
  right: number;
}

/** Rows are sampled, so the first ones are a sample too. */
const MOST_TIMED = 1_000;
/** More can't be read in a chart, and may be no classes but texts. */
const MOST_CLASSES = 10;
const BINS = 10;

/** `undefined`: no row was answered by both. */
export function replayFigures(evidence: Evidence): ReplayFigures | undefined {
  const pairs = answeredPairs(evidence);
  if (pairs.length === 0) return undefined;
  const { blue, green } = evidence;
  const answers = answersOf(evidence);
  const timed = pairs.slice(0, MOST_TIMED);
  const classes = hasClasses(answers) ? classCounts(pairs, answers, evidence) : undefined;
  const calibration = {
    ...calibrationOf('blue', blue, pairs, answers),
    ...calibrationOf('green', green, pairs, answers),
  };
  return {
    latency: {
      rows: timed.map(({ row }) => row),
      ms: {
        [blue]: timed.map((pair) => rounded(pair.blue.latencyMs)),
        [green]: timed.map((pair) => rounded(pair.green.latencyMs)),
      },
    },
    ...(classes && { classes }),
    ...(Object.keys(calibration).length > 0 && { calibration }),
  };
}

const rounded = (milliseconds: number): number => Number(milliseconds.toFixed(1));

function classCounts(
  pairs: readonly Pair[],
  answers: Answers,
  { blue, green }: Evidence,
): ClassCounts | undefined {
  const labelled = pairs.map((pair) => ({
    blue: answers.labelOf(pair.blue.prediction),
    green: answers.labelOf(pair.green.prediction),
    truth: answers.problem === undefined ? pair.truth : undefined,
  }));
  const known = labelled.filter((each) => each.blue !== undefined && each.green !== undefined);
  const byName = new Map(known.flatMap((each) => [each.blue, each.green]).map(named));
  const names = sortedClasses(byName.keys());
  // Names that differ in spaces alone would be one, and their rows counted under none.
  const unique = names.length === byName.size && names.every((name) => byName.has(name));
  if (names.length === 0 || names.length > MOST_CLASSES || !unique) return undefined;
  const at = (label: unknown): number => names.indexOf(labelName(label));
  const agreement = empty(names.length);
  const target = { [blue]: empty(names.length), [green]: empty(names.length) };
  let told = false;
  for (const each of known) {
    const [b, g] = [at(each.blue), at(each.green)];
    count(agreement, b, g);
    const { truth = '' } = each;
    const is =
      truth.trim() === '' ? -1 : names.findIndex((name) => isRight(byName.get(name), truth));
    if (is < 0) continue;
    told = true;
    count(target[blue], is, b);
    count(target[green], is, g);
  }
  return { names: names.map((name) => printable(name, 30)), agreement, ...(told && { target }) };
}

const named = (label: unknown): [string, unknown] => [labelName(label), label];

const empty = (size: number): number[][] =>
  Array.from({ length: size }, () => Array<number>(size).fill(0));

function count(matrix: number[][] | undefined, row: number, column: number): void {
  const line = matrix?.[row];
  if (line) line[column] = (line[column] ?? 0) + 1;
}

/** Of the class that is answered: of one score, that of the likelier of the two. */
function calibrationOf(
  side: 'blue' | 'green',
  name: string,
  pairs: readonly Pair[],
  answers: Answers,
): Record<string, CalibrationBin[]> {
  if (answers.kind !== 'scores') return {};
  const judged = pairs.flatMap((pair) => {
    const { prediction } = pair[side];
    const right = answers.isRight(prediction, pair.truth);
    const scores = answers.scoresOf(prediction);
    if (right === undefined || !scores?.every((score) => score >= 0 && score <= 1)) return [];
    const [first = 0] = scores;
    return [
      { right, score: scores.length === 1 ? Math.max(first, 1 - first) : Math.max(...scores) },
    ];
  });
  const bins = Array.from({ length: BINS }, (_, bin) =>
    judged.filter(({ score }) => Math.min(BINS - 1, Math.floor(score * BINS)) === bin),
  ).filter((bin) => bin.length > 0);
  if (bins.length === 0) return {};
  return {
    [name]: bins.map((bin) => ({
      rows: bin.length,
      meanScore: Number((bin.reduce((sum, { score }) => sum + score, 0) / bin.length).toFixed(4)),
      right: bin.filter(({ right }) => right).length,
    })),
  };
}
