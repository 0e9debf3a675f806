/**
 * Which kind the answers of a model are. Decided by the answers of blue, which callers are used to,
 * by the file's target, and by what the plan and the model say.
 */
import { isNumeric } from '../../../common/exact-numbers.js';
import { listed, printable } from '../../../sampling/input-error.js';
import { isRight, single } from '../../../sampling/predictions.js';
import type { Meaning } from './meaning.js';
import { isMissing, memberOf, isRecord, isDistribution } from './values.js';
import {
  type ModelClasses,
  type Output,
  type SeenAnswers,
  unreadable,
  NOT_JUDGED,
} from './output.js';
import { sortedClasses, distinct, amongTruths, AMONG, isNumberText, classesOf } from './classes.js';
import { scalarKind } from './scalar-kind.js';

export interface KindOptions {
  meaning?: Meaning | undefined;
  modelClasses?: ModelClasses | undefined;
}

/** @param answers predictions of blue with the row's target, where it has one */
export function outputOf(
  answers: readonly { prediction: unknown; truth?: string | undefined }[],
  { meaning = {}, modelClasses }: KindOptions = {},
): Output {
  const known = answers.filter(({ prediction }) => !isMissing(prediction));
  const seen: SeenAnswers = {
    values: known.map(({ prediction }) => prediction),
    truths: sortedClasses(answers.flatMap(({ truth }) => truth ?? [])),
    told: known.map(({ truth }) => truth),
    meaning,
    modelClasses,
  };
  if (known.length === 0) return { kind: 'unreadable', problem: 'Blue answers no value at all.' };
  const { label, score } = meaning;
  const wrapper = onlyMember(seen.values);
  if (wrapper !== undefined && wrapper !== label && wrapper !== score) {
    const inner = answers.map(({ prediction, truth }) => ({
      prediction: memberOf(prediction, wrapper),
      truth,
    }));
    return { ...outputOf(inner, { meaning, modelClasses }), wrapper };
  }
  if (label !== undefined || score !== undefined) return namedKind(seen, label, score);
  // In turn: a list of one record of one number is that number.
  const bare = seen.values.map(single);
  if (bare.every((each) => typeof each !== 'object')) {
    const wrapped = seen.values.some((each) => typeof each === 'object');
    return { ...scalarKind({ ...seen, values: bare }), ...(wrapped && { single: true }) };
  }
  if (seen.values.every(Array.isArray)) return listKind(seen);
  if (seen.values.every(isRecord)) return recordKind(seen);
  return unreadable(seen);
}

/** A data frame of one column, or a model with one named output. */
function onlyMember(values: readonly unknown[]): string | undefined {
  const names = new Set<string>();
  for (const value of values) {
    if (!isRecord(value)) return undefined;
    for (const name of Object.keys(value)) names.add(name);
    if (names.size !== 1) return undefined;
  }
  return [...names][0];
}

const at = (seen: SeenAnswers, name: string): SeenAnswers => ({
  ...seen,
  values: seen.values.map((each) => memberOf(each, name)),
});

/** The plan names what to read. */
function namedKind(
  seen: SeenAnswers,
  label: string | undefined,
  score: string | undefined,
): Output {
  const [name, key] =
    label === undefined ? [score ?? '', 'evidence.score'] : [label, 'evidence.label'];
  const inside = at(seen, name);
  if (inside.values.every((each) => each === undefined)) {
    const first = seen.values.find((each) => typeof each === 'object');
    const names = first === undefined ? 'no record' : listed(Object.keys(first as object), 10);
    const problem = `${key} names ${printable(name)}, which blue does not answer: it answers ${names}.`;
    return { kind: 'records', problem };
  }
  const known = inside.values.flatMap((value, index) =>
    isMissing(value) ? [] : [{ value, told: inside.told[index] }],
  );
  const values = known.map(({ value }) => value);
  // A score is what it is named to be.
  const scored = { ...inside.meaning, output: 'scores' as const };
  const read: SeenAnswers = {
    ...inside,
    values,
    told: known.map(({ told }) => told),
    ...(label === undefined && { meaning: scored }),
  };
  const bare = values.map(single);
  const found = bare.every((each) => typeof each !== 'object')
    ? { ...scalarKind({ ...read, values: bare }), single: true }
    : values.every(Array.isArray)
      ? listKind(read)
      : unreadable(read);
  return {
    ...found,
    ...(label !== undefined && { label }),
    ...(score !== undefined && { score }),
  };
}

function listKind(seen: SeenAnswers): Output {
  const { values, truths, meaning } = seen;
  const lists = values as readonly unknown[][];
  const [first = []] = lists;
  const lengths = new Set(lists.map(({ length }) => length));
  const varying = `Blue answers lists of varying length, so right answers can't be counted: ${NOT_JUDGED}`;
  if (lengths.size > 1) return { kind: 'lists', problem: varying };
  const flat = lists.map((list) => list.flat(9));
  const numeric = flat.every((list) => list.every((each) => isNumeric(each) || isMissing(each)));
  if (!numeric || new Set(flat.map(({ length }) => length)).size > 1 || flat[0]?.length === 0) {
    const problem = `Blue answers lists, so right answers can't be counted: ${NOT_JUDGED}`;
    return { kind: 'lists', problem };
  }
  const fractional =
    truths.length > 0 &&
    truths.every(isNumberText) &&
    truths.some((each) => !Number.isInteger(Number(each)));
  const told = meaning.output ?? 'auto';
  // A row whose scores are NaN has none; what they are, the others say.
  const full = lists.filter((list) => !list.some(isMissing));
  const scores =
    told === 'scores' ||
    (told === 'auto' && !fractional && full.length > 0 && full.every(isDistribution));
  if (scores)
    return { kind: 'scores', ...classesOf(seen, first.length, `${first.length} scores a row`) };
  const problem = `Blue answers ${first.length} numbers a row. Add evidence.label: 0 to the plan for the first as the one that the target is about, 1 for the second; or, if they are scores of classes, evidence.output: scores and evidence.classes.`;
  return { kind: 'vectors', problem };
}

function recordKind(seen: SeenAnswers): Output {
  const { values, truths, modelClasses } = seen;
  const records = values as readonly Record<string, unknown>[];
  const names = [...new Set(records.flatMap((each) => Object.keys(each)))];
  const column = (name: string): SeenAnswers => at(seen, name);
  const has = (name: string, is: (value: unknown) => boolean): boolean => {
    const known = column(name).values.filter((each) => !isMissing(each));
    return known.length > 0 && known.every(is);
  };
  const plain = names.filter((name) => has(name, (each) => typeof each !== 'object'));
  const vectors = names.filter((name) => has(name, isDistribution));
  const fractions = plain.filter(
    (name) =>
      has(name, (each) => typeof each === 'number' && each >= 0 && each <= 1) &&
      column(name).values.some((each) => !Number.isInteger(each)),
  );
  const [only, ...others] = vectors.length > 0 ? vectors : fractions;
  const score = only !== undefined && others.length === 0 ? { score: only } : {};
  const shares = names.length > 1 && records.every((each) => isDistribution(Object.values(each)));
  if (shares) {
    // A column for each class, by name.
    const strange = truths.find((truth) => !names.some((name) => isRight(name, truth)));
    return strange === undefined
      ? { kind: 'scores', classes: names }
      : {
          kind: 'scores',
          ...classesOf({ ...seen, modelClasses }, names.length, `${names.length} scores a row`),
        };
  }
  const classes = truths.length === 0 ? [] : plain.filter((name) => isClassMember(column(name)));
  const [label] = classes;
  if (label !== undefined) {
    const alikeAll = classes.every((name) =>
      records.every((each) => String(each[name]) === String(each[label])),
    );
    if (!alikeAll) return { ...unnamed(names, classes), ...score };
    return { ...namedKind(seen, label, undefined), ...score };
  }
  if (plain.length === 1 && truths.length > 0 && vectors.length === 0)
    return namedKind(seen, plain[0], undefined);
  if (vectors.length === 1 && plain.length === 0) return namedKind(seen, undefined, vectors[0]);
  const numbers = plain.filter((name) => has(name, isNumeric));
  if (numbers.length === names.length) return { ...unnamed(names, names), kind: 'vectors' };
  return { ...unnamed(names, plain.length > 0 ? plain : names), ...score };
}

/** Its values are the file's classes, and more than one of them. */
function isClassMember(seen: SeenAnswers): boolean {
  const known = seen.values.flatMap((value, index) =>
    isMissing(value) ? [] : [{ value, truth: seen.told[index] }],
  );
  const values = known.map(({ value }) => value);
  if (values.some((each) => typeof each === 'number' && !Number.isInteger(each))) return false;
  if (distinct(values) < Math.min(2, seen.truths.length)) return false;
  return amongTruths(values, seen.truths) >= AMONG;
}

function unnamed(names: readonly string[], candidates: readonly string[]): Output {
  const some = candidates.slice(0, 3).map((each) => printable(each, 30));
  const problem = `Blue answers records of ${listed(
    names.map((each) => printable(each, 30)),
    6,
  )}. Name the member that is the answer in the plan: evidence.label: ${some.join(' or ')}.`;
  return { kind: 'records', problem };
}
