/** The values of a NumPy array in a pickle, as text. */
import { PickledGlobal, PickledObject, type Pickled } from './pickled.js';

/** More are not classes. */
const MOST_VALUES = 10_000;

/**
 * Of an array of one dimension whose values are whole numbers, floats, booleans or text.
 * `undefined` for any other, and for what is no array.
 */
export function arrayTexts(array: Pickled): string[] | undefined {
  const parts = array instanceof PickledObject ? partsOf(array) : undefined;
  if (!parts) return undefined;
  const { data, dtype, shape } = parts;
  const [length, ...more] = Array.isArray(shape) ? shape : [];
  if (typeof length !== 'number' || more.length > 0 || length > MOST_VALUES) return undefined;
  const bytes = Array.isArray(data) ? data : bytesOf(data);
  const type = dtype instanceof PickledObject ? typeOf(dtype) : undefined;
  if (bytes === undefined || type === undefined) return undefined;
  if (Array.isArray(bytes)) {
    return type.kind === 'O' && bytes.length === length ? all(bytes.map(textOf)) : undefined;
  }
  const read = readers[type.kind]?.(type.size, type.little);
  if (!read || type.size < 1 || bytes.length !== length * type.size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return all(Array.from({ length }, (_, index) => read(view, index * type.size)));
}

const all = (texts: (string | undefined)[]): string[] | undefined =>
  texts.every((each) => each !== undefined) ? texts : undefined;

/** `numpy.core` was renamed to `numpy._core` in NumPy 2. */
const MULTIARRAY = /^numpy\.(_?core)\.multiarray$/;
const NUMERIC = /^numpy\.(_?core)\.numeric$/;

interface Parts {
  data: Pickled;
  dtype: Pickled;
  shape: Pickled;
}

function partsOf({ of, args, states }: PickledObject): Parts | undefined {
  if (!(of instanceof PickledGlobal)) return undefined;
  if (NUMERIC.test(of.module) && of.name === '_frombuffer' && Array.isArray(args)) {
    const [data = null, dtype = null, shape = null] = args;
    return { data, dtype, shape };
  }
  const state = states.at(-1);
  if (MULTIARRAY.test(of.module) && of.name === '_reconstruct' && Array.isArray(state)) {
    // The version, the shape, the type, whether by columns, and the values.
    const [, shape = null, dtype = null, , data = null] = state;
    return { data, dtype, shape };
  }
  return undefined;
}

/** In protocol 2, which has no bytes, they are text of as many characters. */
function bytesOf(data: Pickled): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data;
  if (!(data instanceof PickledObject) || !(data.of instanceof PickledGlobal)) return undefined;
  const { module, name } = data.of;
  const [text, encoding] = Array.isArray(data.args) ? data.args : [];
  const known = module === '_codecs' && name === 'encode' && encoding === 'latin1';
  return known && typeof text === 'string' ? Buffer.from(text, 'latin1') : undefined;
}

interface ElementType {
  /** NumPy's letter: `i`, `u`, `f`, `b`, `U`, `O`. */
  kind: string;
  /** Bytes of one. */
  size: number;
  little: boolean;
}

function typeOf({ of, args, states }: PickledObject): ElementType | undefined {
  if (!(of instanceof PickledGlobal) || of.module !== 'numpy' || of.name !== 'dtype')
    return undefined;
  const [code] = Array.isArray(args) ? args : [];
  const [, kind, count] = /^([a-zA-Z])(\d{1,6})$/.exec(typeof code === 'string' ? code : '') ?? [];
  if (kind === undefined) return undefined;
  const state = states.at(-1);
  const order = Array.isArray(state) ? state[1] : undefined;
  const size = Number(count) * (kind === 'U' ? CHARACTER : 1);
  return { kind, size, little: order !== '>' };
}

const CHARACTER = 4;

type ReadOne = (view: DataView, at: number) => string | undefined;

/** For a size in bytes and an order of bytes. */
const readers: Partial<Record<string, (size: number, little: boolean) => ReadOne | undefined>> = {
  i: (size, little) =>
    ({
      1: (view: DataView, at: number) => String(view.getInt8(at)),
      2: (view: DataView, at: number) => String(view.getInt16(at, little)),
      4: (view: DataView, at: number) => String(view.getInt32(at, little)),
      8: (view: DataView, at: number) => String(view.getBigInt64(at, little)),
    })[size],
  u: (size, little) =>
    ({
      1: (view: DataView, at: number) => String(view.getUint8(at)),
      2: (view: DataView, at: number) => String(view.getUint16(at, little)),
      4: (view: DataView, at: number) => String(view.getUint32(at, little)),
      8: (view: DataView, at: number) => String(view.getBigUint64(at, little)),
    })[size],
  f: (size, little) =>
    ({
      4: (view: DataView, at: number) => textOf(view.getFloat32(at, little)),
      8: (view: DataView, at: number) => textOf(view.getFloat64(at, little)),
    })[size],
  b: () => (view, at) => String(view.getUint8(at) !== 0),
  U: (size, little) => (view, at) => {
    let text = '';
    for (let from = at; from < at + size; from += CHARACTER) {
      const code = view.getUint32(from, little);
      if (code > 0x10ffff) return undefined;
      text += String.fromCodePoint(code);
    }
    // What is shorter than the longest ends with zeros.
    return text.replace(/\0+$/, '');
  },
};

function textOf(value: Pickled): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return ['string', 'boolean', 'bigint'].includes(typeof value) ? String(value) : undefined;
}
