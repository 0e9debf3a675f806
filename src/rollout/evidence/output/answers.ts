/**
 * The one place where answers are read: gates, differing rows, summaries and report all count right
 * answers and differing rows here, so that every page has the same numbers.
 */
import {
  isNumeric,
  readNumber,
  stringifyJson,
  type Numeric,
} from '../../../common/exact-numbers.js';
import { binomialUpperTail } from '../statistics/proportions.js';
import { printable } from '../../../sampling/input-error.js';
import { isRight, shownPrediction, single } from '../../../sampling/predictions.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { outputOf, type KindOptions } from './kind.js';
import { classNameOf, SUSPICIOUS } from './classes.js';
import type { Output } from './output.js';
import { isMissing, isNumberList, isRecord, memberOf } from './values.js';
import { alike, ROUNDING, samePrediction, withinTolerance } from './same.js';

export interface Answers extends Output {
  /** The class that an answer stands for; without known classes of scores, the highest's position. */
  labelOf(prediction: unknown): unknown;
  numberOf(prediction: unknown): Numeric | undefined;
  /** One number, or several; `undefined` where one is missing. */
  numbersOf(prediction: unknown): readonly Numeric[] | undefined;
  scoresOf(prediction: unknown): readonly number[] | undefined;
  /** As people read it: of scores, the class and its score. */
  textOf(prediction: unknown): string;
  /** Another class, a number out of tolerance, another text. Scores that jitter are the same answer. */
  differs(blue: unknown, green: unknown): boolean;
  /** `undefined`: right answers can't be counted. */
  isRight(prediction: unknown, truth: string | undefined): boolean | undefined;
}

interface AnswerOfBlue {
  prediction: unknown;
  truth?: string | undefined;
}

/** Rows from which on a share is tested against chance, not only compared with it. */
const ENOUGH = 30;
const CHANCE = 0.05;

/** @param blue what blue answered, in any order: it defines what callers are used to */
export function readAnswers(blue: readonly AnswerOfBlue[], options: KindOptions = {}): Answers {
  const output = outputOf(blue, options);
  const answers = reader(output, options);
  if (output.problem !== undefined) return answers;
  const problem = chanceProblem(blue, answers) ?? orderProblem(blue, answers);
  return problem === undefined ? answers : { ...answers, problem, isRight: () => undefined };
}

export const hasClasses = ({ kind }: Output): boolean => kind === 'labels' || kind === 'scores';

/** One name for `1` and `1.0`, which JSON does not tell apart, and another for the text "1". */
export const labelName = (label: unknown): string =>
  typeof label === 'string' ? label : (stringifyJson(label) ?? 'nothing');

/** The class of a label as the file writes it, or else the label's own name; each is looked up once. */
export function classNamer(truths: readonly string[]): (label: unknown) => string {
  const named = new Map<string, string>();
  return (label) => {
    const key = labelName(label);
    const found = named.get(key) ?? truths.find((each) => isRight(label, each)) ?? key;
    named.set(key, found);
    return found;
  };
}

/** `Array.prototype.flat` is slow, and few lists hold lists. */
const flat = (list: readonly unknown[]): readonly unknown[] =>
  list.some(Array.isArray) ? list.flat(9) : list;

function reader(output: Output, { meaning }: KindOptions): Answers {
  const { kind, label, score, classes, problem } = output;
  const tolerance = meaning?.tolerance ?? ROUNDING;
  const member = (prediction: unknown, name: string | undefined): unknown =>
    name === undefined ? prediction : memberOf(prediction, name);
  const bare = (prediction: unknown): unknown =>
    output.wrapper === undefined ? prediction : memberOf(prediction, output.wrapper);
  const answer = (prediction: unknown): unknown => {
    const found = member(bare(prediction), label ?? (kind === 'scores' ? score : undefined));
    return output.single === true ? single(found) : found;
  };
  /** As the file has it: numbers by value. */
  const named = (index: number): unknown => {
    const name = classes?.[index];
    if (name === undefined) return classes ? undefined : index;
    return readNumber(name) ?? name;
  };
  const valuesOf = (value: unknown): readonly Numeric[] | undefined => {
    if (isNumeric(value)) return [value];
    const list = Array.isArray(value) ? flat(value) : isRecord(value) ? Object.values(value) : [];
    return list.length > 0 && list.every(isNumeric) ? list : undefined;
  };
  const scoresIn = (value: unknown): readonly number[] | undefined => {
    const list = valuesOf(value);
    return isNumberList(list) ? list : undefined;
  };
  /** In the order of the classes where a record has a member for each. */
  const listOf = (value: unknown): readonly number[] | undefined => {
    if (!isRecord(value) || !classes) return scoresIn(value);
    const list = classes.map((each) => value[each]);
    return isNumberList(list) ? list : scoresIn(value);
  };
  const scoresOf = (prediction: unknown): readonly number[] | undefined => {
    if (score !== undefined) {
      const found = member(bare(prediction), score);
      return scoresIn(output.single === true ? single(found) : found);
    }
    return kind === 'scores' ? listOf(answer(prediction)) : undefined;
  };
  const labelOf = (prediction: unknown): unknown => {
    const found = answer(prediction);
    if (isMissing(found)) return undefined;
    if (kind === 'labels') return classes && typeof found === 'number' ? named(found) : found;
    if (kind !== 'scores') return undefined;
    const list = listOf(found);
    if (!list || list.some(Number.isNaN)) return undefined;
    const [first = Number.NaN] = list;
    return list.length === 1 ? named(first >= 0.5 ? 1 : 0) : named(list.indexOf(Math.max(...list)));
  };
  const numberOf = (prediction: unknown): Numeric | undefined => {
    const found = answer(prediction);
    return kind === 'numbers' && isNumeric(found) && !Number.isNaN(found) ? found : undefined;
  };
  const numbersOf = (prediction: unknown): readonly Numeric[] | undefined =>
    kind === 'vectors' || kind === 'numbers' ? valuesOf(answer(prediction)) : undefined;
  const textOf = (prediction: unknown): string => {
    const name = labelOf(prediction);
    if (name === undefined || (kind === 'scores' && !classes)) {
      return shownPrediction(single(prediction));
    }
    if (kind !== 'scores') return shownPrediction(name);
    const list = listOf(answer(prediction)) ?? [];
    const [first = 0] = list;
    const most = list.length === 1 ? Math.max(first, 1 - first) : Math.max(...list);
    return `${shownPrediction(name, 30)} ${most.toFixed(2)}`;
  };
  const differs = (blue: unknown, green: unknown): boolean => {
    if (kind === 'labels' || kind === 'scores') {
      const [one, other] = [labelOf(blue), labelOf(green)];
      if (one !== undefined || other !== undefined) return !samePrediction(one, other);
    }
    const [one, other] = [numbersOf(blue), numbersOf(green)];
    if (one && other) {
      return (
        one.length !== other.length ||
        one.some((value, index) => !withinTolerance(value, other[index] ?? Number.NaN, tolerance))
      );
    }
    return !alike(blue, green, tolerance);
  };
  return {
    ...output,
    labelOf,
    numberOf,
    numbersOf,
    scoresOf,
    textOf,
    differs,
    isRight: (prediction, truth) =>
      !hasClasses(output) || problem !== undefined || truth === undefined || truth.trim() === ''
        ? undefined
        : isRight(labelOf(prediction), truth),
  };
}

/** Blue serves users: where it is right no more often than chance, its answers were misread. */
function chanceProblem(blue: readonly AnswerOfBlue[], answers: Answers): string | undefined {
  const judged = blue.flatMap(({ prediction, truth }) => {
    const right = answers.isRight(prediction, truth);
    return right === undefined ? [] : [{ right, truth: (truth ?? '').trim() }];
  });
  const n = judged.length;
  if (n < SUSPICIOUS) return undefined;
  const right = judged.filter((each) => each.right).length;
  const classes = new Set(judged.map(({ truth }) => truth)).size;
  const chance = classes < 2 ? 0 : 1 / classes;
  const more =
    n < ENOUGH || chance === 0 ? right / n > chance : binomialUpperTail(right, n, chance) < CHANCE;
  if (more) return undefined;
  return `Blue is right on ${grouped(right)} of ${rowsOf(n)}, no more often than chance among ${classes} ${classes === 1 ? 'class' : 'classes'}: ${doubtOf(answers)}`;
}

/** Rows of a class of the target, and what blue answers most of them with, where that is another class. */
interface Misread {
  truth: string;
  as: string;
  rows: number;
  off: number;
  on: number;
}

/**
 * A blue that is right on a frequent class is right more often than chance, also where rare classes are
 * misread. Those are usually answered as the next one then, in a circle, or as a class that no row has. No model
 * that serves errs so: it takes rare classes for frequent ones.
 */
function orderProblem(blue: readonly AnswerOfBlue[], answers: Answers): string | undefined {
  if (!hasClasses(answers)) return undefined;
  const counts = answersByTruth(blue, answers);
  const misread = new Map(
    [...counts].flatMap(([truth, named]) => {
      const on = named.get(truth) ?? 0;
      const [as = '', off = 0] = [...named].reduce(
        (most, each) => (each[0] !== truth && each[1] > most[1] ? each : most),
        ['', 0],
      );
      const rows = [...named.values()].reduce((sum, count) => sum + count, 0);
      return off > on ? [[truth, { truth, as, rows, off, on }] as const] : [];
    }),
  );
  for (const start of misread.keys()) {
    const some = swapped(start, misread, (name) => counts.has(name));
    const sum = (of: 'off' | 'on') => some.reduce((total, each) => total + each[of], 0);
    const [off, on] = [sum('off'), sum('on')];
    if (off === 0 || binomialUpperTail(off, off + on, 0.5) >= CHANCE / counts.size) continue;
    const said = some
      .slice(0, 3)
      .map(
        ({ truth, as, rows, off: most }) =>
          `${printable(as, 20)} where the target is ${printable(truth, 20)} (${grouped(most)} of ${rowsOf(rows)})`,
      );
    return `Blue usually answers ${said.join(', and ')}: ${doubtOf(answers)}`;
  }
  return undefined;
}

/** The circle that one class after the other leads to, or the last class before one that no row has. */
function swapped(
  start: string,
  misread: ReadonlyMap<string, Misread>,
  isClass: (name: string) => boolean,
): Misread[] {
  const path: Misread[] = [];
  for (let at = start; ;) {
    const again = path.findIndex(({ truth }) => truth === at);
    if (again >= 0) return path.slice(again);
    const next = misread.get(at);
    if (!next) return isClass(at) ? [] : path.slice(-1);
    path.push(next);
    at = next.as;
  }
}

/** Rows by the file's class, then by what blue answers: a class of the file, or its own name. */
function answersByTruth(
  blue: readonly AnswerOfBlue[],
  answers: Answers,
): Map<string, Map<string, number>> {
  const told = blue.flatMap(({ prediction, truth = '' }) => {
    const label = answers.labelOf(prediction);
    return truth.trim() === '' || label === undefined ? [] : [{ label, truth: classNameOf(truth) }];
  });
  const counts = new Map(told.map(({ truth }) => [truth, new Map<string, number>()]));
  const nameOf = classNamer([...counts.keys()]);
  for (const { label, truth } of told) {
    const found = nameOf(label);
    // A file may write a class in two ways: true and True.
    const name = isRight(label, truth) ? truth : found;
    const row = counts.get(truth);
    row?.set(name, (row.get(name) ?? 0) + 1);
  }
  return counts;
}

/** What may have been misread. */
function doubtOf({ classes, classesFrom }: Answers): string {
  if (!classes) return 'is another column the target, or is it written differently?';
  const order = classes
    .slice(0, 4)
    .map((each) => printable(each, 20))
    .join(', ');
  return classesFrom === undefined
    ? `is evidence.classes in the order of the model (${order})?`
    : `are the classes read from ${printable(classesFrom, 80)} in the order of its scores (${order})? If not, name them in order as evidence.classes.`;
}
