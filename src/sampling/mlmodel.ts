/** Reads the text of an `MLmodel` file, the YAML that MLflow writes beside every model. */
import { isMap } from 'yaml';
import { InputError, listed, printable } from './input-error.js';
import { readYaml } from './yaml-text.js';
import type { ColumnType, Signature, SignatureColumn } from './signature.js';

export interface MlModel {
  /** Names of the flavors, e.g. `python_function`, `sklearn`, `onnx`. */
  flavors: string[];
  /** Each flavor's settings as text, the form in which Azure registers them. */
  flavorData: Record<string, Record<string, string>>;
  /** Absent: logged without a signature, and the scoring server checks nothing. */
  signature?: Signature;
  metadata: Record<string, unknown>;
  /** Python of the training environment. */
  pythonVersion?: string;
  mlflowVersion?: string;
  /** File, relative to the model's folder, from which the environment is built. */
  condaFile?: string;
  modelUuid?: string;
  runId?: string;
  /** ISO-like text as MLflow wrote it, UTC. */
  createdAt?: string;
}

type Json = Record<string, unknown>;

/**
 * @param where names the file in sentences, e.g. its path.
 * @throws InputError with the line for broken YAML; without a `python_function` flavor, which is
 * what Azure serves without code; and for a signature that can't be read.
 */
export function parseMlmodel(text: string, where: string): MlModel {
  const shown = printable(where, 200);
  const root = parseYamlMap(text, shown);
  const flavors = asMap(root.flavors);
  if (!flavors || Object.keys(flavors).length === 0) {
    throw new InputError(
      `${shown} names no flavors. Log the model again with MLflow (mlflow.<library>.log_model).`,
    );
  }
  const pyfunc = asMap(flavors.python_function);
  if (!pyfunc) {
    throw new InputError(
      `${shown} has no python_function flavor, only ${listed(Object.keys(flavors))}. Azure serves ` +
        `MLflow models through python_function: log the model with a library that writes it.`,
    );
  }
  const metadata = asMap(root.metadata) ?? {};
  const columns = readSignature(root.signature, shown);
  const classes = classesIn(metadata);
  const signature = columns && {
    ...columns,
    ...(classes && { classes, classesFrom: 'metadata in MLmodel' }),
  };
  return {
    flavors: Object.keys(flavors),
    flavorData: Object.fromEntries(
      Object.entries(flavors).map(([name, data]) => [name, textValues(asMap(data) ?? {})]),
    ),
    metadata,
    ...(signature && { signature }),
    ...textAt('pythonVersion', pyfunc.python_version),
    ...textAt('mlflowVersion', root.mlflow_version),
    ...textAt('condaFile', condaFileOf(pyfunc.env)),
    ...textAt('modelUuid', root.model_uuid),
    ...textAt('runId', root.run_id),
    ...textAt('createdAt', root.utc_time_created),
  };
}

/** Signatures of thousands of columns have some 100 kB; the text may come from a workspace. */
const longestFile = 10 * 1024 * 1024;

/** A YAML file whose top level is a map; @throws InputError with line and column. */
function parseYamlMap(text: string, shown: string): Json {
  if (text.length > longestFile) {
    throw new InputError(
      `${shown} is longer than 10 MB, so it is not an MLmodel file. Log the model again.`,
    );
  }
  const { document, problems, toJS } = readYaml(text);
  const [broken] = problems;
  if (broken) {
    throw new InputError(
      `${shown}, line ${broken.line}, column ${broken.column}: not valid YAML (${broken.what}).`,
    );
  }
  if (!isMap(document.contents)) {
    throw new InputError(`${shown} is not a YAML map of names and values, as MLflow writes it.`);
  }
  try {
    return toJS() as Json;
  } catch (error) {
    // A few aliases of aliases can unfold to gigabytes; the library stops at the limit.
    throw new InputError(`${shown} can't be read (${printable(String(error), 120)}).`);
  }
}

/** Names under which people keep the classes of a model with it. */
const CLASSES = ['classes', 'classes_', 'class_names', 'labels'];

function classesIn(metadata: Json): string[] | undefined {
  for (const name of CLASSES) {
    const list = metadata[name];
    if (!Array.isArray(list) || list.length < 2) continue;
    const plain = list.every((each) => /^(string|number|boolean)$/.test(typeof each));
    if (plain) return list.map(String);
  }
  return undefined;
}

function condaFileOf(env: unknown): unknown {
  // MLflow 2 and newer: {conda: conda.yaml, virtualenv: python_env.yaml}; older ones: conda.yaml
  return asMap(env)?.conda ?? env;
}

function readSignature(value: unknown, shown: string): Signature | undefined {
  const signature = asMap(value);
  if (!signature) return undefined;
  const inputs = readColumns(signature.inputs, 'inputs', shown);
  const outputs = readColumns(signature.outputs, 'outputs', shown);
  // A signature of outputs or params alone says nothing of what the model wants.
  return inputs && { inputs, outputs: outputs ?? [] };
}

/** MLflow keeps the columns as JSON text inside the YAML. */
function readColumns(value: unknown, side: string, shown: string): SignatureColumn[] | undefined {
  if (value === null || value === undefined) return undefined;
  let list: unknown = value;
  if (typeof value === 'string') {
    try {
      list = JSON.parse(value);
    } catch {
      throw new InputError(`${shown}: the signature's ${side} are not valid JSON. Log it again.`);
    }
  }
  if (!Array.isArray(list)) {
    throw new InputError(`${shown}: the signature's ${side} are not a list. Log the model again.`);
  }
  return list.map((entry) => readColumn(asMap(entry) ?? {}));
}

function readColumn(entry: Json): SignatureColumn {
  const spec = asMap(entry['tensor-spec']);
  // Older releases write `optional: true`, newer ones `required: false`.
  const required = entry.required !== false && entry.optional !== true;
  const name = readName(entry.name);
  if (entry.type === 'tensor' && spec) {
    const shape = Array.isArray(spec.shape) ? spec.shape.map(Number) : [];
    const dtype = String(spec.dtype);
    const typeText = `tensor(${dtype}, [${shape.join(', ')}])`;
    return { ...name, type: tensorType(dtype), typeText, required, shape };
  }
  const typeText = typeof entry.type === 'string' ? entry.type : 'unknown';
  const nested = asMap(entry.items)?.type;
  return {
    ...name,
    type: columnTypes.find((type) => type === typeText) ?? 'other',
    typeText: typeof nested === 'string' ? `${typeText} of ${nested}` : typeText,
    required,
  };
}

function readName(name: unknown): Pick<SignatureColumn, 'name' | 'numberName'> {
  if (typeof name === 'string') return { name };
  // A frame without column names has numbers for them, and MLflow keeps those.
  return typeof name === 'number' ? { name: String(name), numberName: name } : {};
}

const columnTypes: ColumnType[] = [
  'boolean',
  'integer',
  'long',
  'float',
  'double',
  'string',
  'binary',
  'datetime',
];

/** NumPy's names to MLflow's. */
function tensorType(dtype: string): ColumnType {
  if (/^(int64|uint32)$/.test(dtype)) return 'long';
  if (/^(u?int(8|16)|int32)$/.test(dtype)) return 'integer';
  if (/^float(16|32)$/.test(dtype)) return 'float';
  if (dtype === 'float64') return 'double';
  if (dtype === 'bool') return 'boolean';
  if (/^(str|object|<?U\d*)/.test(dtype)) return 'string';
  if (dtype.startsWith('datetime64')) return 'datetime';
  return 'other';
}

function textValues(data: Json): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => [
        key,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
  );
}

function textAt<K extends string>(key: K, value: unknown): { [k in K]?: string } {
  if (typeof value !== 'string' && typeof value !== 'number') return {};
  return { [key]: String(value) } as { [k in K]?: string };
}

function asMap(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}
