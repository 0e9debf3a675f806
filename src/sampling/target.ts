/** Which column of a CSV tells the truth: the one the model predicts, not one it is given. */
import { isUnnamed, normalisedName } from './column-names.js';

export type TargetGuess =
  | { kind: 'found'; column: string; because: string }
  /** Several columns could be it; the first is the likeliest. */
  | { kind: 'ask'; candidates: string[]; because: string }
  | { kind: 'none'; because: string };

// Names under which data sets keep what is to be predicted.
const targetNames = new Set(
  'target label labels y ytrue class classlabel outcome groundtruth truth actual'.split(' '),
);
// Names of columns that only number or name the rows.
const rowNames = /^(unnamed\d*|id|index|idx|rowid|rownumber|rownum|row|key|uuid|guid)$/;

/**
 * @param inputs names of the model's inputs; `undefined` when the model has no named signature.
 * @param takes how many columns a model without named inputs takes, where it says so.
 */
export function guessTarget(
  columns: readonly string[],
  inputs: readonly string[] | undefined,
  takes?: number,
): TargetGuess {
  const wanted = new Set(inputs);
  const wantedLoosely = new Set(inputs?.map(normalisedName));
  const extra = columns.filter(
    (column) => !wanted.has(column) && !wantedLoosely.has(normalisedName(column)),
  );
  const named = extra.filter(
    (column) => targetNames.has(normalisedName(column)) && !isAxis(column, extra),
  );
  const [first] = named;
  if (named.length === 1 && first !== undefined) {
    return { kind: 'found', column: first, because: 'it has the usual name of a target' };
  }
  if (named.length > 1) {
    return {
      kind: 'ask',
      candidates: named,
      because: 'several columns have the usual name of a target',
    };
  }
  if (takes !== undefined && columns.filter((one) => !isUnnamed(one)).length === takes) {
    return { kind: 'none', because: 'the model takes every column of this file' };
  }
  // The last column is where most tables keep it.
  const candidates = extra.filter((column) => !isRowName(column)).reverse();
  const [only] = candidates;
  if (inputs && candidates.length === 1 && only !== undefined) {
    return { kind: 'found', column: only, because: 'the model takes every other column' };
  }
  if (candidates.length > 0) {
    const because = inputs
      ? 'several columns are not inputs of the model'
      : 'the model does not name its inputs';
    return { kind: 'ask', candidates, because };
  }
  return { kind: 'none', because: 'the model takes every column of this file' };
}

/** `y` beside `z`, or beside `x` and others: one of several measures of a thing, hardly the truth. */
function isAxis(column: string, columns: readonly string[]): boolean {
  const names = new Set(columns.map(normalisedName));
  const besideX = names.has('x') && columns.length > 2;
  return normalisedName(column) === 'y' && (names.has('z') || besideX);
}

/** Whether a column only numbers or names the rows. */
export const isRowName = (column: string): boolean => rowNames.test(normalisedName(column));
