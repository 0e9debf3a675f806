/**
 * What an ONNX file says of its inputs, and of the classes whose scores it answers. Numbers of fields are
 * those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, and the operators with class labels
 * those of https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md.
 */
import type { FileBytes } from './file-bytes.js';
import { ProtobufReader, type ProtobufField, type Span } from './protobuf.js';

interface OnnxInput {
  name: string;
  /** Absent: of any rank. */
  rank?: number;
}

interface OnnxFile {
  /** Without those that are weights. */
  inputs: OnnxInput[];
  /** `byName`: the scores are answered with the names of their classes. */
  classes?: { names: string[]; byName: boolean };
}

/** `undefined`: no ONNX file, or one too large to be looked through. */
export async function readOnnx(file: FileBytes): Promise<OnnxFile | undefined> {
  const reader = new ProtobufReader(file);
  try {
    for await (const { number, span } of reader.fields(reader.whole)) {
      if (number === 7 && span) return await readGraph(reader, span);
    }
  } catch {
    // Whatever a file holds, it names its inputs in a way that can be read, or is not read.
  }
  return undefined;
}

interface Node {
  /** With its domain, such as `ai.onnx.ml.ZipMap`. */
  operator: string;
  inputs: string[];
  outputs: string[];
  labels?: string[];
}

interface Value extends OnnxInput {
  /** TensorProto.DataType; absent for a map or a sequence. */
  element?: number;
}

async function readGraph(reader: ProtobufReader, graph: Span): Promise<OnnxFile> {
  const nodes: Node[] = [];
  const weights = new Set<string>();
  const inputs: Value[] = [];
  const outputs: Value[] = [];
  for await (const { number, span } of reader.fields(graph)) {
    if (!span) continue;
    if (number === 1) nodes.push(await readNode(reader, span));
    // Until IR version 4 weights were inputs as well.
    else if (number === 5) weights.add(await textIn(reader, span, 8));
    else if (number === 11) inputs.push(await readValue(reader, span));
    else if (number === 12) outputs.push(await readValue(reader, span));
  }
  const classes = classesOf(nodes, outputs);
  return {
    inputs: inputs
      .filter(({ name }) => !weights.has(name))
      .map(({ name, rank }) => ({ name, ...(rank !== undefined && { rank }) })),
    ...(classes && { classes }),
  };
}

/** A message's field of text. */
async function textIn(reader: ProtobufReader, message: Span, wanted: number): Promise<string> {
  for await (const { number, span } of reader.fields(message)) {
    if (number === wanted) return reader.text(span);
  }
  return '';
}

async function readNode(reader: ProtobufReader, message: Span): Promise<Node> {
  const node: Node = { operator: '', inputs: [], outputs: [] };
  let domain = '';
  const attributes: Span[] = [];
  for await (const { number, span } of reader.fields(message)) {
    if (!span) continue;
    if (number === 1) node.inputs.push(await reader.text(span));
    else if (number === 2) node.outputs.push(await reader.text(span));
    else if (number === 4) node.operator = await reader.text(span);
    else if (number === 5) attributes.push(span);
    else if (number === 7) domain = await reader.text(span);
  }
  if (domain === ML) {
    node.operator = `${ML}.${node.operator}`;
    for (const attribute of attributes) {
      const labels = await readLabels(reader, attribute);
      if (labels && labels.length > 0) node.labels = labels;
    }
  }
  return node;
}

const ML = 'ai.onnx.ml';
/** Each operator spells its own. */
const LABELS = /^classlabels_(strings|ints|int64s)$/;

async function readLabels(reader: ProtobufReader, attribute: Span): Promise<string[] | undefined> {
  const lists: ProtobufField[] = [];
  for await (const field of reader.fields(attribute)) {
    // The name comes first, and the nodes of a forest are passed over.
    if (field.number === 1 && !LABELS.test(await reader.text(field.span))) return undefined;
    if (field.number === 8 || field.number === 9) lists.push(field);
  }
  const labels: string[] = [];
  for (const field of lists) {
    if (field.number === 9) labels.push(await reader.text(field.span));
    else labels.push(...(await reader.wholes(field)).map(String));
  }
  return labels;
}

async function readValue(reader: ProtobufReader, message: Span): Promise<Value> {
  const value: Value = { name: '' };
  for await (const { number, span } of reader.fields(message)) {
    if (!span) continue;
    if (number === 1) value.name = await reader.text(span);
    // TypeProto.tensor_type
    else if (number === 2) {
      for await (const type of reader.fields(span)) {
        if (type.number === 1 && type.span)
          Object.assign(value, await readTensor(reader, type.span));
      }
    }
  }
  return value;
}

async function readTensor(
  reader: ProtobufReader,
  message: Span,
): Promise<Pick<Value, 'element' | 'rank'>> {
  const tensor: Pick<Value, 'element' | 'rank'> = {};
  for await (const { number, value, span } of reader.fields(message)) {
    if (number === 1 && value !== undefined) tensor.element = Number(value);
    if (number !== 2 || !span) continue;
    tensor.rank = 0;
    for await (const dimension of reader.fields(span)) if (dimension.number === 1) tensor.rank += 1;
  }
  return tensor;
}

/** FLOAT, FLOAT16, DOUBLE and BFLOAT16 of TensorProto.DataType. */
const FLOATS = new Set([1, 10, 11, 16]);
const CLASSIFIERS = new Set(
  ['TreeEnsembleClassifier', 'LinearClassifier', 'SVMClassifier'].map((name) => `${ML}.${name}`),
);
/** Operators that leave each score at its place. */
const IN_PLACE = new Set(['Identity', 'Cast', 'Softmax', `${ML}.Normalizer`]);

/**
 * The labels of the operator from which all scores of the graph come, and nothing else may have moved
 * them: in an ensemble the classifiers inside have other labels than the model.
 */
function classesOf(nodes: readonly Node[], outputs: readonly Value[]): OnnxFile['classes'] {
  const madeBy = new Map(
    nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)),
  );
  const scores = outputs.filter(({ element }) => element === undefined || FLOATS.has(element));
  const found = scores.map(({ name }) => sourceOf(name, madeBy));
  const [first] = found;
  const names = first?.labels;
  if (!names || names.length < 2) return undefined;
  const alike = found.every((each) => each?.labels?.join('\0') === names.join('\0'));
  if (!alike) return undefined;
  return { names, byName: found.every((each) => each?.operator === ZIP_MAP) };
}

/** Between a classifier and the output there are one or two. */
const MOST_STEPS = 20;
const ZIP_MAP = `${ML}.ZipMap`;

function sourceOf(output: string, madeBy: ReadonlyMap<string, Node>): Node | undefined {
  let name = output;
  // A graph has no circle, but a file may.
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    const node = madeBy.get(name);
    if (!node || node.operator === ZIP_MAP) return node;
    // The first output of a classifier is the label, the second has the scores.
    if (CLASSIFIERS.has(node.operator)) return node.outputs[1] === name ? node : undefined;
    const [input] = node.inputs;
    if (!IN_PLACE.has(node.operator) || input === undefined) return undefined;
    name = input;
  }
  return undefined;
}
