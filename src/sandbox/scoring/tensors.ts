/** Between a request's JSON values and the tensors of an ONNX model. */
import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-web';
import { isNumeric } from '../../common/exact-numbers.js';
import type { ModelInput } from './request.js';

type TensorConstructor = typeof Tensor;
type ElementType = Tensor.Type;
type Metadata = Extract<InferenceSession.ValueMetadata, { isTensor: true }>;

/**
 * @param likeMlflow as MLflow's own ONNX flavor fills a model's inputs: by name and flat, one with all
 * @throws Error with a sentence, when the input does not fit the model
 */
export function toFeeds(
  Make: TensorConstructor,
  inputs: readonly InferenceSession.ValueMetadata[],
  input: ModelInput,
  likeMlflow = false,
): Record<string, Tensor> {
  const expected = inputs.filter((one): one is Metadata => one.isTensor);
  if (input.kind === 'tensor') {
    const [only, ...others] = expected;
    if (only === undefined || others.length > 0)
      throw new Error(`The model has ${expected.length} inputs; one unnamed tensor was given.`);
    return { [only.name]: tensor(Make, only, input.value) };
  }
  if (input.kind === 'named')
    return Object.fromEntries(
      expected.map((one) => {
        const value = input.tensors[one.name];
        if (value === undefined) throw new Error(`The model's input ${one.name} is missing.`);
        return [one.name, tensor(Make, one, value)];
      }),
    );
  const [only] = expected;
  const columns = input.columns.map(String);
  const hasColumn = only !== undefined && columnOf(columns, only.name) >= 0;
  if (expected.length === 1 && only !== undefined && (likeMlflow || !hasColumn))
    return { [only.name]: tensor(Make, only, input.rows) };
  return Object.fromEntries(
    expected.map((one) => {
      const at = likeMlflow ? columns.indexOf(one.name) : columnOf(columns, one.name);
      // Of an optional column, what ONNX has for a missing value.
      if (at < 0 && !input.absent?.map(String).includes(one.name))
        throw new Error(`The model's input ${one.name} is missing.`);
      const values = input.rows.map((row) => row[at]);
      const isColumn = one.shape.length > 1 && !likeMlflow;
      const column = isColumn ? values.map((value) => [value]) : values;
      return [one.name, tensor(Make, one, column)];
    }),
  );
}

/** skl2onnx names an input for its column, with `_` for what no name may have (`_generate_unique_name`). */
function columnOf(columns: readonly string[], input: string): number {
  const exact = columns.indexOf(input);
  if (exact >= 0) return exact;
  const renamed = columns.map((name) => name.replaceAll(/[^\w+]/g, '_').replace(/^(?=\d)/, '_'));
  const at = renamed.indexOf(input);
  // Of two columns with one such name, the second has a number that is not told from a name.
  return renamed.indexOf(input, at + 1) < 0 ? at : -1;
}

/** Nested arrays by the tensor's shape; 64-bit integers become numbers where those hold them. */
export function fromTensor(result: Tensor): unknown {
  const data = (result as TypedTensor<ElementType>).data as ArrayLike<unknown>;
  const values = Array.from(data, (value) => (typeof value === 'bigint' ? narrowed(value) : value));
  return nest(values, result.dims);
}

const narrowed = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

function nest(values: unknown[], dims: readonly number[]): unknown {
  if (dims.length === 0) return values[0];
  if (dims.length === 1) return values;
  const [rows = 0, ...inner] = dims;
  const size = inner.reduce((product, dim) => product * dim, 1);
  return Array.from({ length: rows }, (_, at) =>
    nest(values.slice(at * size, (at + 1) * size), inner),
  );
}

function tensor(Make: TensorConstructor, expected: Metadata, value: unknown[]): Tensor {
  const dims = shapeOf(value);
  const flat = value.flat(dims.length - 1);
  if (flat.length !== dims.reduce((product, dim) => product * dim, 1) || flat.some(Array.isArray))
    throw new Error(`The rows of input ${expected.name} are not all of the same length.`);
  const data = flat.map((one) => element(one, expected.type, expected.name));
  switch (expected.type) {
    case 'int64':
      return new Make('int64', BigInt64Array.from(data as bigint[]), dims);
    case 'int32':
      return new Make('int32', Int32Array.from(data as number[]), dims);
    case 'float64':
      return new Make('float64', Float64Array.from(data as number[]), dims);
    case 'float32':
      return new Make('float32', Float32Array.from(data as number[]), dims);
    case 'bool':
      return new Make('bool', data as boolean[], dims);
    case 'string':
      return new Make('string', data as string[], dims);
    default:
      throw new Error(`Input ${expected.name} is of type ${expected.type}, which is not served.`);
  }
}

function shapeOf(value: unknown): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf((value as unknown[])[0])] : [];
}

function element(value: unknown, type: ElementType, name: string): unknown {
  const missing = value === null || value === undefined;
  switch (type) {
    case 'int64':
    case 'int32':
      if (!Number.isSafeInteger(value) && typeof value !== 'boolean' && typeof value !== 'bigint')
        throw new Error(`Input ${name} takes whole numbers only.`);
      return type === 'int64' ? BigInt(value as number | bigint) : Number(value);
    case 'float64':
    case 'float32':
      if (missing) return Number.NaN;
      if (!isNumeric(value) && typeof value !== 'boolean')
        throw new Error(`Input ${name} takes numbers only.`);
      return Number(value);
    case 'bool':
      if (typeof value !== 'boolean') throw new Error(`Input ${name} takes true and false only.`);
      return value;
    default:
      // ONNX has no missing string.
      return missing ? '' : String(value);
  }
}
