/** What a model takes and gives, in MLflow's terms. */
import { printable } from './input-error.js';

export type ColumnType =
  | 'boolean'
  | 'integer'
  | 'long'
  | 'float'
  | 'double'
  | 'string'
  | 'binary'
  | 'datetime'
  /** An array, object, map, vector or tensor that no CSV cell can hold. */
  | 'other';

export interface SignatureColumn {
  /** Absent: known by its position only. */
  name?: string;
  /** Set where MLflow kept the name as a number: a request must name the column by it. */
  numberName?: number;
  type: ColumnType;
  /** As the MLmodel says it, e.g. `long` or `tensor(float32, [-1, 13])`. */
  typeText: string;
  required: boolean;
  /** Not the model's word, which has no signature: the type that the cells have. */
  guessed?: boolean;
  /** Set for a tensor: its shape, -1 where any length goes. */
  shape?: number[];
}

export interface Signature {
  /** The model's classes in the order of its scores, where its folder names them. */
  classes?: string[];
  /** Where it does, e.g. `classes_ in model.pkl`. */
  classesFrom?: string;
  inputs: SignatureColumn[];
  outputs: SignatureColumn[];
}

export interface ColumnChange {
  change: 'added' | 'dropped' | 'retyped' | 'now-required' | 'now-optional';
  name: string;
  before?: string;
  after?: string;
  /** Requests made for the old model no longer fit the new one. */
  breaks: boolean;
}

export interface SignatureDiff {
  inputs: ColumnChange[];
  outputs: ColumnChange[];
  same: boolean;
  /** One side has no signature: nothing can be said. */
  unknown: boolean;
  /** Callers of the old model would fail on the new one. */
  breaks: boolean;
  /** Of the old model, where its folder names them. */
  classes?: string[];
  classesFrom?: string;
}

/** What callers notice when the model with signature `after` answers in place of `before`. */
export function diffSignatures(
  before: Signature | undefined,
  after: Signature | undefined,
): SignatureDiff {
  if (!before || !after) {
    const same = !before && !after;
    return { inputs: [], outputs: [], same, unknown: true, breaks: false };
  }
  const inputs = diffColumns(before.inputs, after.inputs, 'input');
  const outputs = [
    ...diffColumns(before.outputs, after.outputs, 'output'),
    ...diffClasses(before.classes, after.classes),
  ];
  return {
    inputs,
    outputs,
    ...(before.classes && { classes: before.classes }),
    ...(before.classesFrom !== undefined && { classesFrom: before.classesFrom }),
    same: inputs.length + outputs.length === 0,
    unknown: false,
    breaks: [...inputs, ...outputs].some((change) => change.breaks),
  };
}

/** Whoever reads a score by its position would take it for another class. */
function diffClasses(before?: readonly string[], after?: readonly string[]): ColumnChange[] {
  const [old, young] = [before?.join(', '), after?.join(', ')];
  if (old === undefined || young === undefined || old === young) return [];
  const shown = { before: printable(old, 200), after: printable(young, 200) };
  return [{ change: 'retyped', name: 'classes', ...shown, breaks: true }];
}

function diffColumns(
  before: readonly SignatureColumn[],
  after: readonly SignatureColumn[],
  side: 'input' | 'output',
): ColumnChange[] {
  const old = byName(before);
  const young = byName(after);
  const changes: ColumnChange[] = [];
  for (const [name, column] of old) {
    const now = young.get(name);
    if (!now) {
      // A caller that still sends a dropped input is served; one that reads a dropped output is not.
      const breaks = side === 'output';
      changes.push({ change: 'dropped', name, before: column.typeText, breaks });
      continue;
    }
    const types = { name, before: column.typeText, after: now.typeText };
    if (column.typeText !== now.typeText) {
      changes.push({ change: 'retyped', ...types, breaks: !widens(column, now, side) });
    }
    if (side === 'input' && column.required !== now.required) {
      const change = now.required ? 'now-required' : 'now-optional';
      changes.push({ change, ...types, breaks: now.required });
    }
  }
  for (const [name, column] of young) {
    if (old.has(name)) continue;
    const breaks = side === 'input' && column.required;
    changes.push({ change: 'added', name, after: column.typeText, breaks });
  }
  return changes;
}

// What MLflow's schema enforcement converts without loss.
const wider: Partial<Record<ColumnType, readonly ColumnType[]>> = {
  integer: ['long', 'double'],
  float: ['double'],
};

function widens(from: SignatureColumn, to: SignatureColumn, side: 'input' | 'output'): boolean {
  return side === 'input' && !from.shape && !to.shape && !!wider[from.type]?.includes(to.type);
}

function byName(columns: readonly SignatureColumn[]): Map<string, SignatureColumn> {
  // A request that names a column "0" does not fit a model that takes 0.
  const nameOf = ({ name, numberName }: SignatureColumn): string | undefined =>
    numberName === undefined ? name : `${numberName} (a number)`;
  return new Map(columns.map((column, index) => [nameOf(column) ?? `(${index + 1})`, column]));
}
