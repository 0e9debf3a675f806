/** Would callers of blue understand green? Asked before any statistics. */
import { isFiniteNumber, isNumeric } from '../../../common/exact-numbers.js';
import { listed, printable } from '../../../sampling/input-error.js';
import { classNamer, hasClasses, labelName, type Answers } from '../output/answers.js';
import { classNameOf } from '../output/classes.js';
import { isMissing, sumsToOne } from '../output/values.js';
import { binomialUpperTail } from '../statistics/proportions.js';
import {
  answeredPairs,
  answersOf,
  firstPairs,
  silence,
  SILENT,
  type Evidence,
  type Pair,
} from './evidence.js';
import type { Common, GateFinding, GateMode, ReplayGate } from './gate.js';
import { rowsOf } from '../../../common/counts.js';

/** What a prediction looks like to a program that reads it. */
function shapeOf(value: unknown): string {
  if (isMissing(value)) return 'null';
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    return `record of ${listed(Object.keys(value).sort(), 20)}`;
  }
  return isNumeric(value) ? 'number' : typeof value;
}

/** A null inside a list or a record is as bad as one alone. */
const holdsMissing = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some(holdsMissing)
    : isMissing(value);

/** JSON has no infinite number: a program that reads blue's answers need not know one. */
const holdsInfinite = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some(holdsInfinite)
    : isNumeric(value) && !Number.isNaN(value) && !isFiniteNumber(value);

/** More classes than these are a vocabulary, of which no sample has all. */
const FEW_CLASSES = 20;

/**
 * A class that neither blue nor the file has. Of a few classes, and only where it comes up more
 * often than a class that was met by chance for the first time: the share of such rows is about
 * that of classes met once (Good and Turing).
 */
function newClass(pairs: readonly Pair[], answers: Answers, alpha: number): string | undefined {
  if (!hasClasses(answers)) return undefined;
  const toldOf = ({ truth = '' }: Pair): string[] =>
    truth.trim() === '' ? [] : [classNameOf(truth)];
  const nameOf = classNamer([...new Set(pairs.flatMap(toldOf))]);
  const rows = new Map<string, number>();
  for (const pair of pairs) {
    const label = answers.labelOf(pair.blue.prediction);
    // Once a row, whether it is blue's answer or the truth.
    const names = new Set([...(label === undefined ? [] : [nameOf(label)]), ...toldOf(pair)]);
    for (const name of names) rows.set(name, (rows.get(name) ?? 0) + 1);
  }
  const strange = pairs.flatMap(({ row, green }) => {
    const label = answers.labelOf(green.prediction);
    return label === undefined || rows.has(nameOf(label)) ? [] : [{ row, label: labelName(label) }];
  });
  const [first] = strange;
  if (first === undefined || rows.size > FEW_CLASSES) return undefined;
  const once = [...rows.values()].filter((count) => count === 1).length;
  if (binomialUpperTail(strange.length, pairs.length, once / pairs.length) >= alpha)
    return undefined;
  const more = strange.length > 1 ? ` So do ${rowsOf(strange.length - 1, 'more row')}.` : '';
  return `Row ${first.row}: green returns the class ${printable(first.label, 30)}; blue never does.${more}`;
}

/** Lists in it are as long as they may be, where those of blue vary. */
const withoutLengths = (shape: string): string => shape.replace(/^list of \d+$/, 'list');

/** The first breach, as a sentence. */
function breach(pairs: readonly Pair[], answers: Answers, alpha: number): string | undefined {
  const blues = pairs.map(({ blue }) => blue.prediction);
  // What blue itself answers somewhere is no news to callers.
  const shapes = new Set(blues.map(shapeOf));
  const lengths = [...shapes].filter((shape) => shape.startsWith('list of '));
  const vary = lengths.length > 1;
  const known = new Set(vary ? [...shapes].map(withoutLengths) : shapes);
  const sums = (prediction: unknown): boolean => {
    const scores = answers.scoresOf(prediction);
    return !scores || scores.length < 2 || sumsToOne(scores);
  };
  const blueSums = blues.every(sums);
  const blueInfinite = blues.some(holdsInfinite);
  for (const { row, blue, green } of pairs) {
    const answer = green.prediction;
    if (holdsMissing(answer) && !holdsMissing(blue.prediction)) {
      return `Row ${row}: green returns no value (null or NaN); blue returns one.`;
    }
    if (!blueInfinite && holdsInfinite(answer)) {
      return `Row ${row}: green returns an infinite number; blue never does.`;
    }
    const shape = shapeOf(answer);
    if (!known.has(vary ? withoutLengths(shape) : shape)) {
      return `Row ${row}: green returns a ${shape}, blue a ${shapeOf(blue.prediction)}.`;
    }
    if (blueSums && !sums(answer)) {
      return `Row ${row}: green's scores do not add up to 1, blue's do.`;
    }
  }
  return newClass(pairs, answers, alpha);
}

interface Settings {
  mode: GateMode;
}

function contractFinding(
  evidence: Evidence,
  _settings: Settings,
  { alpha }: Common,
): GateFinding | undefined {
  const { signature } = evidence;
  const asked = firstPairs(evidence);
  if (asked.length === 0 && !signature) return undefined;
  const pairs = answeredPairs(evidence);
  const sides = {
    blue: shapeOf(pairs[0]?.blue.prediction),
    green: shapeOf(pairs[0]?.green.prediction),
    limit: 'same',
  };
  if (pairs.length === 0) Object.assign(sides, { blue: '', green: '' });
  const failed = (difference: string, sentence: string): GateFinding => ({
    ...sides,
    difference,
    outcome: 'fail',
    why: () => sentence,
  });
  if (signature?.breaks) {
    const broken = [...signature.inputs, ...signature.outputs].filter((each) => each.breaks);
    const names = listed(broken.map(({ change, name }) => `${name} (${change})`));
    return failed('signature', `Callers of blue would break on green's signature: ${names}.`);
  }
  // Answered with success, but what came is no prediction, or not one a row.
  const garbled = asked.filter(
    ({ blue, green }) => blue.ok && !green.ok && green.status >= 200 && green.status < 300,
  );
  const first = garbled[0];
  if (first) {
    const what = first.green.summary ?? 'The answer is not a prediction.';
    return failed('no prediction', `Row ${first.row}: ${what}`);
  }
  const broken = breach(pairs, answersOf(evidence), alpha);
  if (broken !== undefined) return failed('differs', broken);
  const silent = silence(asked);
  if (silent !== undefined) return failed('no answer', silent);
  if (asked.length > 0 && pairs.length === 0) {
    return {
      ...sides,
      difference: 'n/a',
      outcome: 'inconclusive',
      // A blue that answers nothing is not asked again and again.
      needsMoreRows: asked.length < SILENT ? SILENT - asked.length : undefined,
      why: () => 'No row was answered by both, so the answers cannot be compared.',
    };
  }
  const inputs = signature && !signature.unknown ? 'signature and ' : '';
  return {
    ...sides,
    difference: 'same',
    outcome: 'pass',
    why: () =>
      pairs.length === 0
        ? "Green's signature accepts everything blue's does."
        : `The ${inputs}answers to ${rowsOf(pairs.length)} have the same form.`,
  };
}

export const contract: ReplayGate<'contract', Settings> = {
  id: 'contract',
  title: 'contract',
  defaults: { mode: 'enforce' },
  schema: {},
  needs: 'signature',
  describe: 'Callers of blue would not understand what green takes or answers.',
  judge: contractFinding,
};
