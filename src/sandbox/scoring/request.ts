/** From the body of a scoring request to the model's input, or to the sentence that refuses it. */
import { isNumeric, parseJson } from '../../common/exact-numbers.js';
import type { ColumnName, ColumnSpec, Schema } from './signature.js';

/** What a worker is given. Rows and tensors are as JSON had them, checked against the signature. */
export type ModelInput = (
  | {
      kind: 'table';
      columns: ColumnName[];
      rows: unknown[][];
      /** Optional columns of the signature that the request does not have. */
      absent?: ColumnName[];
    }
  | { kind: 'tensor'; value: unknown[] }
  | { kind: 'named'; tensors: Record<string, unknown[]> }
) & {
  /** Given beside the input, for models whose signature has parameters. */
  params?: Record<string, unknown>;
};

/** The container's 400. */
export class BadInput extends Error {
  override name = 'BadInput';
}

export function parseRequest(body: Uint8Array, inputs: Schema | undefined): ModelInput {
  let request: unknown;
  try {
    request = parseJson(Buffer.from(body).toString('utf8'));
  } catch {
    throw new BadInput('The request body is not valid JSON.');
  }
  if (!isObject(request) || !Object.hasOwn(request, 'input_data'))
    throw new BadInput("Request must contain a top level key named 'input_data'.");
  const input = parseInput(request['input_data'], inputs);
  const { params } = request;
  if (params === undefined || params === null) return input;
  if (!isObject(params)) throw new BadInput("'params' must be an object.");
  return { ...input, params };
}

function parseInput(data: unknown, inputs: Schema | undefined): ModelInput {
  if (isObject(data) && (Object.hasOwn(data, 'columns') || Object.hasOwn(data, 'data')))
    return enforce(splitTable(data), inputs);
  if (Array.isArray(data))
    return enforce(
      data.length > 0 && data.every(isObject)
        ? recordsTable(data)
        : { kind: 'tensor', value: data },
      inputs,
    );
  if (isObject(data)) return enforce(named(data), inputs);
  throw new BadInput(
    "'input_data' must be an object with 'columns', 'index' and 'data', an array, or an object of arrays.",
  );
}

function splitTable(data: Record<string, unknown>): Extract<ModelInput, { kind: 'table' }> {
  const { columns, index, data: rows } = data;
  if (!Array.isArray(columns) || !Array.isArray(rows))
    throw new BadInput("'input_data' needs both 'columns' and 'data', and both must be arrays.");
  const names = columns.map((name) => (typeof name === 'number' ? name : String(name)));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new BadInput(`Column '${twice}' is given more than once.`);
  if (Array.isArray(index) && index.length !== rows.length)
    throw new BadInput(
      `Length mismatch: 'index' has ${index.length} entries and 'data' has ${rows.length} rows.`,
    );
  for (const [at, row] of rows.entries()) {
    if (!Array.isArray(row)) throw new BadInput(`Row ${at} of 'data' is not an array.`);
    if (row.length !== names.length)
      throw new BadInput(
        `${names.length} columns are named, but row ${at} of 'data' has ${row.length} values.`,
      );
  }
  return { kind: 'table', columns: names, rows: rows as unknown[][] };
}

/** Rows by column name, as pandas reads a list of dicts: columns in order of appearance. */
function recordsTable(rows: Record<string, unknown>[]): Extract<ModelInput, { kind: 'table' }> {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    kind: 'table',
    columns,
    rows: rows.map((row) => columns.map((name) => row[name] ?? null)),
  };
}

function named(data: Record<string, unknown>): Extract<ModelInput, { kind: 'named' }> {
  for (const [name, value] of Object.entries(data))
    if (!Array.isArray(value)) throw new BadInput(`Input '${name}' is not an array.`);
  return { kind: 'named', tensors: data as Record<string, unknown[]> };
}

function enforce(input: ModelInput, inputs: Schema | undefined): ModelInput {
  if (inputs === undefined) return input;
  if (inputs.kind === 'columns') {
    const table = asTable(input);
    return enforceColumns(inputs.unnamed ? renamed(table, inputs.columns) : table, inputs.columns);
  }
  const [only] = inputs.tensors;
  if (inputs.tensors.length === 1 && only?.name === undefined) {
    if (input.kind === 'named')
      throw new BadInput('The model expects one unnamed tensor, and was given named ones.');
    return input.kind === 'table' ? { kind: 'tensor', value: input.rows } : input;
  }
  const tensors = input.kind === 'named' ? input.tensors : columnsOf(asTable(input));
  const missing = inputs.tensors
    .map((tensor) => tensor.name ?? '')
    .filter((name) => !Object.hasOwn(tensors, name));
  if (missing.length > 0) throw new BadInput(missingInputs(missing, Object.keys(tensors)));
  return { kind: 'named', tensors };
}

/** Named arrays and plain rows make a table too, as a data frame would be built of them. */
function asTable(input: ModelInput): Extract<ModelInput, { kind: 'table' }> {
  if (input.kind === 'table') return input;
  if (input.kind === 'tensor') {
    const rows = input.value.map((row) => (Array.isArray(row) ? (row as unknown[]) : [row]));
    const width = Math.max(0, ...rows.map((row) => row.length));
    const columns = Array.from({ length: width }, (_, at) => String(at));
    return { kind: 'table', columns, rows };
  }
  const columns = Object.keys(input.tensors);
  const lengths = new Set(Object.values(input.tensors).map((values) => values.length));
  if (lengths.size > 1) throw new BadInput('All named arrays must be of the same length.');
  const [length = 0] = lengths;
  const rows = Array.from({ length }, (_, at) => columns.map((name) => input.tensors[name]?.[at]));
  return { kind: 'table', columns, rows };
}

function columnsOf(table: Extract<ModelInput, { kind: 'table' }>): Record<string, unknown[]> {
  return Object.fromEntries(
    table.columns.map((name, at) => [name, table.rows.map((row) => row[at])]),
  );
}

/** By position, as MLflow fills inputs without names; columns beyond them are ignored. */
function renamed(
  table: Extract<ModelInput, { kind: 'table' }>,
  specs: readonly ColumnSpec[],
): Extract<ModelInput, { kind: 'table' }> {
  if (table.columns.length < specs.length)
    throw new BadInput(
      'Model inference is missing inputs. The model signature declares ' +
        `${specs.length} inputs but the provided value only has ${table.columns.length} inputs. ` +
        'Note: the inputs were not named in the signature so we can only verify their count.',
    );
  return {
    kind: 'table',
    columns: specs.map(({ name }) => name),
    rows: table.rows.map((row) => row.slice(0, specs.length)),
  };
}

/** Keeps the signature's columns in its order; others are ignored, as MLflow ignores them. */
function enforceColumns(
  table: Extract<ModelInput, { kind: 'table' }>,
  specs: readonly ColumnSpec[],
): ModelInput {
  const position = new Map(table.columns.map((name, at) => [name, at]));
  const present = specs.filter((spec) => position.has(spec.name));
  const missing = specs.filter((spec) => spec.required && !position.has(spec.name));
  const absent = specs.filter((spec) => !position.has(spec.name)).map(({ name }) => name);
  if (missing.length > 0) {
    const wanted = new Set(specs.map((spec) => spec.name));
    const extra = table.columns.filter((name) => !wanted.has(name));
    throw new BadInput(
      missingInputs(
        missing.map((spec) => spec.name),
        extra,
      ),
    );
  }
  for (const spec of present) {
    const at = position.get(spec.name) ?? -1;
    const problem = columnProblem(
      table.rows.map((row) => row[at]),
      spec,
    );
    if (problem !== undefined)
      throw new BadInput(`Incompatible input types for column ${spec.name}: ${problem}`);
  }
  return {
    kind: 'table',
    // An optional column that the request does not have is not there for the model either.
    columns: present.map((spec) => spec.name),
    ...(absent.length > 0 && { absent }),
    rows: table.rows.map((row) =>
      present.map((spec) => row[position.get(spec.name) ?? -1] ?? null),
    ),
  };
}

function missingInputs(missing: readonly ColumnName[], extra: readonly ColumnName[]): string {
  const shown = (name: ColumnName) => (typeof name === 'number' ? String(name) : `'${name}'`);
  const list = (names: readonly ColumnName[]) => names.map(shown).join(', ');
  const also = extra.length === 0 ? '' : ` The request has other inputs: ${list(extra)}.`;
  return `Failed to enforce the model's signature: inputs are missing: ${list(missing)}.${also}`;
}

/** JSON does not tell 2 from 2.0, so a whole number passes for a double; the reverse is refused. */
function columnProblem(values: readonly unknown[], { type }: ColumnSpec): string | undefined {
  const wrong = values.find((value) => value !== null && !fits(value, type));
  if (wrong !== undefined) {
    const given = typeof wrong === 'number' && !Number.isInteger(wrong) ? 'double' : typeof wrong;
    return `a ${given} can not safely be converted to ${type}.`;
  }
  if (values.includes(null) && (type === 'long' || type === 'integer'))
    return (
      `missing values can not safely be converted to ${type}. An integer column can not hold missing ` +
      'values; declare it as double in the signature where values may be missing.'
    );
  if (values.includes(null) && type === 'boolean')
    return 'missing values can not safely be converted to boolean.';
  return undefined;
}

function fits(value: unknown, type: ColumnSpec['type']): boolean {
  switch (type) {
    case 'long':
      return isLong(value);
    case 'integer':
      return Number.isInteger(value) && Math.abs(value as number) <= 0x7fffffff;
    case 'float':
    case 'double':
      return isNumeric(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'datetime':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value));
    case 'string':
    case 'binary':
      return typeof value === 'string';
  }
}

const isLong = (value: unknown): boolean =>
  typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
