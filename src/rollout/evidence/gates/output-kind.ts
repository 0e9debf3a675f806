/** What kind of prediction a model gives, and the label in it. */
import type { Common } from './gate.js';

export type OutputKind = 'labels' | 'scores' | 'numbers' | 'other';

/** A number with more different values than this is measured, not a class. */
const MOST_CLASSES = 20;
const SUM_TOLERANCE = 1e-3;

export const isNumberList = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'number');

export const sumsToOne = (list: readonly number[]): boolean =>
  Math.abs(list.reduce((sum, each) => sum + each, 0) - 1) <= SUM_TOLERANCE;

/** @param predictions of the deployment that serves: it defines what callers expect */
export function outputKind(predictions: readonly unknown[], told: Common['output']): OutputKind {
  if (told !== 'auto') return told;
  const known = predictions.filter((each) => each !== null && each !== undefined);
  if (known.length === 0) return 'other';
  if (known.every((each) => typeof each === 'string' || typeof each === 'boolean')) return 'labels';
  if (known.every((each) => typeof each === 'number')) {
    if (known.every(Number.isInteger) && new Set(known).size <= MOST_CLASSES) return 'labels';
    return known.every((each) => each >= 0 && each <= 1) ? 'scores' : 'numbers';
  }
  return known.every((each) => isNumberList(each) && sumsToOne(each)) ? 'scores' : 'other';
}

/** The class that a prediction stands for; of a lone score, whether it is one half or more. */
export function labelOf(prediction: unknown, kind: OutputKind): unknown {
  if (kind !== 'scores') return prediction;
  if (typeof prediction === 'number') return prediction >= 0.5 ? 1 : 0;
  return isNumberList(prediction) ? prediction.indexOf(Math.max(...prediction)) : prediction;
}

/** One name for `1` and `1.0`, which JSON does not tell apart, and another for the text "1". */
export const labelName = (label: unknown): string =>
  typeof label === 'string' ? label : (JSON.stringify(label) ?? 'nothing');
