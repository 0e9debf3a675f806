/** Which classes a model's answers are, or the indexes and scores of. */
import { difference, readNumber, stringifyJson } from '../../../common/exact-numbers.js';
import { listed, printable } from '../../../sampling/input-error.js';
import { isRight } from '../../../sampling/predictions.js';
import { classesLine } from './meaning.js';
import type { Output, SeenAnswers } from './output.js';

/** Rows a class must have on average, where there are more. */
export const ROWS_A_CLASS = 3;

/** Share of answers that must be among the targets for both to be the same classes. */
export const AMONG = 0.8;

export const distinct = (values: readonly unknown[]): number =>
  new Set(values.map((each) => stringifyJson(each))).size;

/** One name for `1` and `1.0`. */
export const classNameOf = (text: string): string => String(readNumber(text) ?? text.trim());

/** Numbers by value, words by their code points, as Python sorts classes. */
export function sortedClasses(truths: Iterable<string>): string[] {
  const byName = new Map<string, string>();
  for (const truth of truths) {
    const name = classNameOf(truth);
    if (name !== '' && !byName.has(name)) byName.set(name, name);
  }
  const all = [...byName.values()];
  return all.every(isNumberText)
    ? all.sort((a, b) => difference(readNumber(a) ?? 0, readNumber(b) ?? 0))
    : all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Spellings of a value that `isRight` takes for the same, so that thousands are looked up at once. */
function spellings(value: unknown): string[] {
  const name = classNameOf(String(value));
  if (typeof value === 'string') return [name];
  const truth = { '1': 'true', '0': 'false', true: '1', false: '0' }[name];
  return truth === undefined ? [name] : [name, truth];
}

/** Share of values that are one of the targets. */
export function amongTruths(values: readonly unknown[], truths: readonly string[]): number {
  const known = new Set(
    truths.map((each) => (/^(true|false)$/i.test(each) ? each.toLowerCase() : each)),
  );
  const exact = new Set(truths);
  const among = values.filter((value) =>
    typeof value === 'string'
      ? exact.has(spellings(value)[0] ?? '')
      : spellings(value).some((each) => known.has(each)),
  );
  return values.length === 0 ? 0 : among.length / values.length;
}

export const isNumberText = (text: string): boolean => readNumber(text) !== undefined;

/**
 * Named classes of which blue answers the indexes: all are whole numbers from 0 to k - 1, the target
 * is among the classes, and some answer is no class itself.
 */
export function indexedClasses(
  seen: SeenAnswers,
): Pick<Output, 'classes' | 'classesFrom'> | undefined {
  const { truths, meaning, modelClasses } = seen;
  const classes = meaning.classes ?? modelClasses?.classes;
  if (!classes || truths.length === 0 || leftOut(classes, truths) !== undefined) return undefined;
  const answers = [...new Set(seen.values)];
  const isIndex = (each: unknown): boolean =>
    typeof each === 'number' && Number.isInteger(each) && each >= 0 && each < classes.length;
  if (!answers.every(isIndex)) return undefined;
  if (answers.every((each) => classes.some((name) => isRight(each, name)))) return undefined;
  const from = meaning.classes ? undefined : modelClasses?.classesFrom;
  return { classes, ...(from !== undefined && { classesFrom: from }) };
}

/** A value of the target that is none of the classes. */
const leftOut = (classes: readonly string[], truths: readonly string[]): string | undefined =>
  truths.find((truth) => !classes.some((each) => isRight(each, truth)));

/** Many values are cells of another column, such as names of people, and no sentence repeats those. */
const areClasses = (truths: readonly string[], values: readonly unknown[]): boolean =>
  truths.length <= 20 && truths.length * 2 <= values.length;

/** Most of blue's classes are none of the file's. */
export function unexpected(
  values: readonly unknown[],
  truths: readonly string[],
): { problem?: string } {
  if (truths.length === 0 || values.length < SUSPICIOUS) return {};
  if (amongTruths(values, truths) >= AMONG) return {};
  const strange = values.find((value) => !truths.some((truth) => isRight(value, truth)));
  const some = areClasses(truths, values) ? truths.map((each) => printable(each, 20)) : [];
  const names = some.length > 0 ? ` (${listed(some, 4)})` : '';
  return {
    problem: `Blue answers ${printable(stringifyJson(strange) ?? '', 30)}, not a value of the target${names}: is another column the target, or is it written differently?`,
  };
}

/** Rows below which nothing is said of how often blue is right. */
export const SUSPICIOUS = 10;

/**
 * The class of each score. Never read from a position alone, but from the plan, from the model, or
 * from a target that has just the values 0 to k - 1.
 */
export function classesOf(
  { values, truths, meaning, modelClasses }: SeenAnswers,
  count: number,
  what: string,
): Pick<Output, 'classes' | 'classesFrom' | 'problem' | 'proposal'> {
  if (meaning.classes) {
    const { classes } = meaning;
    const missing = leftOut(classes, truths);
    if (classes.length !== count) {
      const problem = `evidence.classes names ${classes.length} classes, but blue answers ${what}: name ${count}, in order.`;
      return { problem };
    }
    return missing === undefined
      ? { classes }
      : {
          problem: `evidence.classes leaves out ${areClasses(truths, values) ? printable(missing, 30) : 'a value'}, which the target has. Name each class as the file does.`,
        };
  }
  const { classes: named, classesFrom } = modelClasses ?? {};
  if (named?.length === count && leftOut(named, truths) === undefined) {
    return { classes: named, ...(classesFrom !== undefined && { classesFrom }) };
  }
  if (truths.length === 0) return {};
  if (what === LONE) {
    const binary = truths.every((each) => isRight(true, each) || isRight(false, each));
    if (binary) return { classes: ['0', '1'] };
  } else if (truths.length === count && truths.every((each, index) => each === String(index))) {
    return { classes: truths };
  }
  const ask =
    truths.length === count
      ? `If they are in sorted order, add ${classesLine(truths)} to the plan; otherwise name them in the order of the model.`
      : `The target has ${truths.length === 1 ? '1 class' : `${truths.length} classes`} in these rows: name all ${count} in the order of the model, for example evidence.classes: [a, b, c].`;
  return {
    problem: `Blue answers ${what}, and the order of their classes is not known. ${ask}`,
    ...(truths.length === count && { proposal: truths }),
  };
}

const LONE = 'one score a row';
