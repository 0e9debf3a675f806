/** Answers of one value each: classes, a score, a number or text. */
import { isNumeric, type Numeric } from '../../../common/exact-numbers.js';
import { type Output, type SeenAnswers, unreadable, NOT_JUDGED } from './output.js';
import {
  distinct,
  ROWS_A_CLASS,
  amongTruths,
  AMONG,
  isNumberText,
  indexedClasses,
  classesOf,
  unexpected,
} from './classes.js';

/** Classes up to which no one asks whether they are classes. */
const FEW_CLASSES = 20;

export function scalarKind(seen: SeenAnswers): Output {
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

function numberKind(seen: SeenAnswers, values: readonly Numeric[]): Output {
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
function loneScore(seen: SeenAnswers): Output {
  return { kind: 'scores', ...classesOf(seen, 2, 'one score a row') };
}

/** Classes as they are, or indexes of classes that the plan or the model names. */
function labelKind(seen: SeenAnswers): Output {
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
