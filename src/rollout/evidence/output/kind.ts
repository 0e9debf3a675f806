/**
 * What the answers of a model are, and how right answers are read from them. Decided by the answers
 * of blue, which callers are used to, by the file's target, and by what the plan and the model say.
 */
import {
  difference,
  isNumeric,
  readNumber,
  stringifyJson,
  type Numeric,
} from '../../../common/exact-numbers.js';
import { listed, printable } from '../../../sampling/input-error.js';
import { isRight, single } from '../../../sampling/predictions.js';
import type { Signature } from '../../../sampling/signature.js';
import { classesLine, type Meaning } from './meaning.js';

/**
 * `labels`: classes. `scores`: one score, or one a class. `numbers`: one number. `vectors`: several
 * numbers, lists or records of them, always as many. `text`: free text. `lists`: of varying length.
 * `records`: objects of which nobody said what to read. `unreadable`: no form that all have.
 */
type OutputKind =
  'labels' | 'scores' | 'numbers' | 'vectors' | 'text' | 'lists' | 'records' | 'unreadable';

export interface Output {
  kind: OutputKind;
  /** Member that holds the answer; of a list, its position. */
  label?: string;
  /** Member that holds the scores. */
  score?: string;
  /** The class of each score or index, in order. */
  classes?: readonly string[];
  /** The file of the model that names them. */
  classesFrom?: string;
  /** A list or record of one member stands for that member. */
  single?: boolean;
  /** The only member of each record, of which everything else here is said. */
  wrapper?: string;
  /** Why right answers can't be counted, and what to do. A sentence or two. */
  problem?: string;
  /** Classes in the order that a person may confirm. */
  proposal?: readonly string[];
}

type Json = Record<string, unknown>;

export const isMissing = (value: unknown): boolean =>
  value === null || value === undefined || Number.isNaN(value) || value === 'NaN';

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Scores among them: of those none is beyond 2^53. */
export const isNumberList = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number');

const SUM_TOLERANCE = 1e-3;

export const sumsToOne = (list: readonly number[]): boolean =>
  Math.abs(list.reduce((sum, each) => sum + each, 0) - 1) <= SUM_TOLERANCE;

const isDistribution = (value: unknown): value is number[] =>
  isNumberList(value) &&
  value.length > 1 &&
  value.every((each) => each >= 0 && each <= 1) &&
  sumsToOne(value);

/** A member of a record, or of a list by its position. */
export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;

/** Classes up to which no one asks whether they are classes. */
const FEW_CLASSES = 20;
/** Rows a class must have on average, where there are more. */
const ROWS_A_CLASS = 3;
/** Share of answers that must be among the targets for both to be the same classes. */
const AMONG = 0.8;

interface Seen {
  /** Of blue, those that are not missing. */
  values: readonly unknown[];
  /** Targets of the file, each once, in sorted order. */
  truths: readonly string[];
  /** Target of each value. */
  told: readonly (string | undefined)[];
  meaning: Meaning;
  modelClasses?: ModelClasses | undefined;
}

const distinct = (values: readonly unknown[]): number =>
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

/** From the model's own files. */
type ModelClasses = Pick<Signature, 'classes' | 'classesFrom'>;

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
  const seen: Seen = {
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

const at = (seen: Seen, name: string): Seen => ({
  ...seen,
  values: seen.values.map((each) => memberOf(each, name)),
});

/** Of answers that no gate can hold against a target. With one gate off the other is an error. */
const NOT_JUDGED = 'set the gate accuracy to warn, or both accuracy and absoluteError to off.';

function unreadable({ values }: Seen): Output {
  const forms = new Set(
    values.map((each) =>
      Array.isArray(each) ? 'a list' : isRecord(each) ? 'a record' : `a ${typeof each}`,
    ),
  );
  const problem = `Blue answers in more than one form (${listed([...forms])}), so right answers can't be counted: ${NOT_JUDGED}`;
  return { kind: 'unreadable', problem };
}

/** The plan names what to read. */
function namedKind(seen: Seen, label: string | undefined, score: string | undefined): Output {
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
  const read: Seen = {
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

/** Spellings of a value that `isRight` takes for the same, so that thousands are looked up at once. */
function spellings(value: unknown): string[] {
  const name = classNameOf(String(value));
  if (typeof value === 'string') return [name];
  const truth = { '1': 'true', '0': 'false', true: '1', false: '0' }[name];
  return truth === undefined ? [name] : [name, truth];
}

/** Share of values that are one of the targets. */
function amongTruths(values: readonly unknown[], truths: readonly string[]): number {
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

const isNumberText = (text: string): boolean => readNumber(text) !== undefined;

function scalarKind(seen: Seen): Output {
  const { values, truths, meaning } = seen;
  const told = meaning.output ?? 'auto';
  if (told === 'text') return freeText();
  if (values.every(isNumeric)) return numberKind(seen, values);
  if (told === 'numbers' || told === 'scores') {
    const problem = `evidence.output says ${told}, but blue answers text. Change it, or remove it.`;
    return { kind: 'unreadable', problem };
  }
  if (values.some(isNumeric)) return unreadable(seen);
  if (told === 'labels' || values.every((each) => typeof each === 'boolean'))
    return labelKind(seen);
  const count = distinct(values);
  const few = count <= 2 || count * ROWS_A_CLASS <= values.length;
  const classes = truths.length > 0 && amongTruths(values, truths) >= AMONG;
  return few || classes ? labelKind(seen) : freeText();
}

const freeText = (): Output => ({
  kind: 'text',
  problem: `Blue answers free text, so right answers can't be counted. If its answers are classes, add evidence.output: labels to the plan; otherwise ${NOT_JUDGED}`,
});

function numberKind(seen: Seen, values: readonly Numeric[]): Output {
  const { truths, meaning } = seen;
  const told = meaning.output ?? 'auto';
  if (told === 'labels') return labelKind(seen);
  if (told === 'numbers') return { kind: 'numbers' };
  const scores = values.every((each) => each >= 0 && each <= 1);
  if (told === 'scores') return loneScore(seen);
  const numeric = truths.every(isNumberText);
  if (values.every((each) => typeof each === 'bigint' || Number.isInteger(each))) {
    const count = new Set([...values.map(String), ...truths]).size;
    // Ids: of what is measured nobody writes more digits than a double has.
    const ids = values.some((each) => typeof each === 'bigint');
    if (truths.length === 0) {
      const few = ids || count <= FEW_CLASSES || count * 10 <= values.length;
      return { kind: few ? 'labels' : 'numbers' };
    }
    // Who names classes says that answers are classes; a model's own may be of another output.
    if (meaning.classes !== undefined || indexedClasses(seen)) return labelKind(seen);
    const few = ids || count <= FEW_CLASSES || count * ROWS_A_CLASS <= values.length;
    // Words for a target: the numbers may be their indexes.
    const same = numeric ? amongTruths(values, truths) >= AMONG : values.every((each) => each >= 0);
    return few && same ? labelKind(seen) : { kind: 'numbers' };
  }
  if (truths.length === 0) return scores ? { kind: 'scores' } : { kind: 'numbers' };
  const fractional = numeric && truths.some((each) => !Number.isInteger(Number(each)));
  return scores && !fractional && truths.length <= 2 ? loneScore(seen) : { kind: 'numbers' };
}

/** A score of the second of two classes. */
function loneScore(seen: Seen): Output {
  return { kind: 'scores', ...classesOf(seen, 2, 'one score a row') };
}

/** Classes as they are, or indexes of classes that the plan or the model names. */
function labelKind(seen: Seen): Output {
  const { values, truths, meaning, modelClasses } = seen;
  const indexed = indexedClasses(seen);
  if (indexed) return { kind: 'labels', ...indexed };
  const integers = values.every((each) => typeof each === 'number' && Number.isInteger(each));
  if (truths.length === 0 || !integers || amongTruths(values, truths) >= AMONG) {
    return { kind: 'labels', ...unexpected(values, truths) };
  }
  if (truths.some((truth) => !isNumberText(truth))) {
    const most = Math.max(...(values as number[]));
    const known = meaning.classes ?? modelClasses?.classes;
    const count = known && known.length > most ? known.length : Math.max(most + 1, truths.length);
    return { kind: 'labels', ...classesOf(seen, count, 'numbers, and the target is text') };
  }
  return { kind: 'labels', ...unexpected(values, truths) };
}

/**
 * Named classes of which blue answers the indexes: all are whole numbers from 0 to k - 1, the target
 * is among the classes, and some answer is no class itself.
 */
function indexedClasses(seen: Seen): Pick<Output, 'classes' | 'classesFrom'> | undefined {
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
function unexpected(values: readonly unknown[], truths: readonly string[]): { problem?: string } {
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
function classesOf(
  { values, truths, meaning, modelClasses }: Seen,
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

function listKind(seen: Seen): Output {
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

function recordKind(seen: Seen): Output {
  const { values, truths, modelClasses } = seen;
  const records = values as readonly Json[];
  const names = [...new Set(records.flatMap((each) => Object.keys(each)))];
  const column = (name: string): Seen => at(seen, name);
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
function isClassMember(seen: Seen): boolean {
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
