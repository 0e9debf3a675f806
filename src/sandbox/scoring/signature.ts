/** The signature of an MLmodel file: what goes in and what comes out, by columns or by tensors. */

export type ServedColumnType =
  'boolean' | 'integer' | 'long' | 'float' | 'double' | 'string' | 'binary' | 'datetime';

/** MLflow keeps names of a frame without column names as numbers; 0 and "0" are two names to it. */
export type ColumnName = string | number;

export interface ColumnSpec {
  name: ColumnName;
  type: ServedColumnType;
  required: boolean;
}

interface TensorSpec {
  /** Missing for the one tensor of an unnamed signature. */
  name?: string;
  /** NumPy's name, e.g. `float64`. */
  dtype: string;
  /** -1 is any length. */
  shape: number[];
}

export type Schema =
  /** `unnamed`: filled by position; the names are then the positions. */
  | { kind: 'columns'; columns: ColumnSpec[]; unnamed?: boolean }
  | { kind: 'tensors'; tensors: TensorSpec[] };

export interface ServedSignature {
  inputs?: Schema;
  outputs?: Schema;
}

const COLUMN_TYPES: readonly string[] = [
  'boolean',
  'integer',
  'long',
  'float',
  'double',
  'string',
  'binary',
  'datetime',
];

/** Reads the `signature` entry; undefined where there is none or it has no readable side. */
export function readSignature(entry: unknown): ServedSignature | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { inputs, outputs } = entry as Record<string, unknown>;
  const signature: ServedSignature = {};
  const read = { inputs: readSchema(inputs), outputs: readSchema(outputs) };
  if (read.inputs !== undefined) signature.inputs = read.inputs;
  if (read.outputs !== undefined) signature.outputs = read.outputs;
  return signature.inputs === undefined && signature.outputs === undefined ? undefined : signature;
}

/** MLflow writes each side as a JSON text inside the YAML. */
function readSchema(side: unknown): Schema | undefined {
  const list = typeof side === 'string' ? parse(side) : side;
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const specs = list.filter(
    (spec): spec is Record<string, unknown> => typeof spec === 'object' && spec !== null,
  );
  if (specs.length !== list.length) return undefined;
  if (specs.every((spec) => spec['type'] === 'tensor'))
    return { kind: 'tensors', tensors: specs.map(tensorSpec) };
  // Objects and arrays (chat models) are no column of an ONNX model.
  if (!specs.every((spec) => COLUMN_TYPES.includes(String(spec['type'])))) return undefined;
  const named = specs.every((spec) => isName(spec['name']));
  return {
    kind: 'columns',
    ...(!named && { unnamed: true }),
    columns: specs.map((spec, index) => ({
      name: isName(spec['name']) ? spec['name'] : String(index),
      type: spec['type'] as ServedColumnType,
      required: spec['required'] !== false && spec['optional'] !== true,
    })),
  };
}

const isName = (name: unknown): name is ColumnName =>
  typeof name === 'string' || typeof name === 'number';

function tensorSpec(spec: Record<string, unknown>): TensorSpec {
  const inner = (spec['tensor-spec'] ?? {}) as { dtype?: unknown; shape?: unknown };
  return {
    ...(typeof spec['name'] === 'string' ? { name: spec['name'] } : {}),
    dtype: String(inner.dtype ?? 'float64'),
    shape: Array.isArray(inner.shape) ? inner.shape.map(Number) : [-1],
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
