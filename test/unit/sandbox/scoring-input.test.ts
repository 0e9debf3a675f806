import { Tensor, type InferenceSession } from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { BadInput, parseRequest } from '../../../src/sandbox/scoring/request.js';
import { readSignature } from '../../../src/sandbox/scoring/signature.js';
import { swaggerOf } from '../../../src/sandbox/scoring/swagger.js';
import { fromTensor, toFeeds } from '../../../src/sandbox/scoring/tensors.js';

const parse = (input: unknown, inputs?: unknown) =>
  parseRequest(
    Buffer.from(JSON.stringify({ input_data: input })),
    readSignature({ inputs: inputs === undefined ? null : JSON.stringify(inputs) })?.inputs,
  );
const tensorSpec = (dtype: string, shape: number[], name?: string) => ({
  type: 'tensor',
  'tensor-spec': { dtype, shape },
  ...(name === undefined ? {} : { name }),
});

describe('a request', () => {
  it('passes as it is where the model has no signature', () => {
    expect(parse({ columns: ['a'], data: [[1], ['x']] })).toEqual({
      kind: 'table',
      columns: ['a'],
      rows: [[1], ['x']],
    });
    expect(parse([[1, 2]])).toEqual({ kind: 'tensor', value: [[1, 2]] });
    expect(parse({ a: [1] })).toEqual({ kind: 'named', tensors: { a: [1] } });
  });

  it.each([
    ['text', 'must be an object'],
    [{ columns: ['a'] }, "both 'columns' and 'data'"],
    [{ columns: ['a', 'a'], data: [] }, 'more than once'],
    [{ columns: ['a'], index: [0, 1], data: [[1]] }, 'Length mismatch'],
    [{ columns: ['a'], data: [[1, 2]] }, 'row 0'],
    [{ columns: ['a'], data: [1] }, 'Row 0'],
    [{ a: 1 }, "'a' is not an array"],
  ])('of %j is refused', (input, words) => {
    expect(() => parse(input)).toThrow(BadInput);
    expect(() => parse(input)).toThrow(words);
  });

  it('that is no JSON is refused', () => {
    expect(() => parseRequest(Buffer.from('{'), undefined)).toThrow('not valid JSON');
  });

  it.each([
    ['long', [1, -3], [[1.5], ['1'], [true], [null], [2 ** 70]]],
    ['integer', [1], [[2 ** 31], [null]]],
    ['double', [1, 2.5, null], [['1'], [true]]],
    ['string', ['a', null], [[1], [true]]],
    ['boolean', [true, false], [[1], [null], ['true']]],
    ['datetime', ['2026-01-01T00:00:00Z', null], [['soon'], [5]]],
  ])('enforces %s', (type, good, bad) => {
    const inputs = [{ name: 'a', type }];
    expect(parse({ columns: ['a'], data: good.map((one) => [one]) }, inputs)).toMatchObject({
      rows: good.map((one) => [one]),
    });
    for (const values of bad)
      expect(() => parse({ columns: ['a'], data: [values] }, inputs)).toThrow(/column a: /);
  });

  it('may leave out an optional column', () => {
    const inputs = [
      { name: 'a', type: 'double' },
      { name: 'b', type: 'double', required: false },
    ];
    expect(parse({ columns: ['a'], data: [[1]] }, inputs)).toEqual({
      kind: 'table',
      columns: ['a'],
      rows: [[1]],
      absent: ['b'],
    });
    expect(parse({ columns: ['b', 'a'], data: [[null, 1]] }, inputs)).toMatchObject({
      columns: ['a', 'b'],
      rows: [[1, null]],
    });
  });

  it('names columns by number where the signature does, as MLflow 3.17', () => {
    const inputs = [
      { name: 0, type: 'double' },
      { name: 1, type: 'double' },
    ];
    expect(parse({ columns: [1, 0], data: [[2, 1]] }, inputs)).toMatchObject({
      columns: [0, 1],
      rows: [[1, 2]],
    });
    expect(() => parse({ columns: ['0', '1'], data: [[1, 2]] }, inputs)).toThrow(
      "inputs are missing: 0, 1. The request has other inputs: '0', '1'.",
    );
    const texts = [{ name: '0', type: 'double' }];
    expect(() => parse({ columns: [0], data: [[1]] }, texts)).toThrow("missing: '0'");
  });

  it('fills inputs without names by position, as MLflow 3.17', () => {
    const inputs = [{ type: 'string' }, { type: 'long' }];
    for (const columns of [
      ['text', 'n'],
      [0, 1],
      ['text', 'n', 'more'],
    ])
      expect(
        parse({ columns, data: [columns.map((_, at) => (at === 0 ? 'a' : at))] }, inputs),
      ).toMatchObject({ rows: [['a', 1]] });
    expect(() => parse({ columns: ['text'], data: [['a']] }, inputs)).toThrow(
      'declares 2 inputs but the provided value only has 1 inputs',
    );
  });

  it('enforces tensors, one unnamed or several by name', () => {
    expect(parse([[1, 2]], [tensorSpec('float64', [-1, 2])])).toEqual({
      kind: 'tensor',
      value: [[1, 2]],
    });
    expect(
      parse({ columns: ['x', 'y'], data: [[1, 2]] }, [tensorSpec('float64', [-1, 2])]),
    ).toEqual({
      kind: 'tensor',
      value: [[1, 2]],
    });
    expect(() => parse({ x: [1] }, [tensorSpec('float64', [-1])])).toThrow('unnamed tensor');
    expect(() =>
      parse({ x: [1] }, [tensorSpec('float64', [-1], 'x'), tensorSpec('float64', [-1], 'y')]),
    ).toThrow("missing: 'y'");
  });
});

describe('tensors', () => {
  const input = (
    name: string,
    type: Tensor.Type,
    shape: number[],
  ): InferenceSession.ValueMetadata => ({
    name,
    isTensor: true,
    type,
    shape,
  });

  it('of an optional column that is not there are what ONNX has for missing', () => {
    const table = { kind: 'table' as const, columns: ['a'], rows: [[1]] };
    const inputs = [input('a', 'float32', [-1, 1]), input('b', 'float32', [-1, 1])];
    const feeds = toFeeds(Tensor, inputs, { ...table, absent: ['b'] });
    expect([...(feeds['b']!.data as Float32Array)]).toEqual([Number.NaN]);
    expect(() => toFeeds(Tensor, inputs, table)).toThrow("The model's input b is missing.");
  });

  it('are one a column, by the model’s own types', () => {
    const feeds = toFeeds(
      Tensor,
      [
        input('n', 'int64', [-1, 1]),
        input('f', 'float32', [-1, 1]),
        input('s', 'string', [-1]),
        input('b', 'bool', [-1]),
      ],
      {
        kind: 'table',
        columns: ['b', 's', 'f', 'n'],
        rows: [
          [true, 'x', null, 7],
          [false, null, 0.5, 8],
        ],
      },
    );
    expect([...(feeds['n']!.data as BigInt64Array)]).toEqual([7n, 8n]);
    expect(feeds['n']!.dims).toEqual([2, 1]);
    expect([...(feeds['f']!.data as Float32Array)]).toEqual([NaN, 0.5]);
    expect(feeds['s']!.data).toEqual(['x', '']);
    expect(feeds['s']!.dims).toEqual([2]);
    expect([...(feeds['b']!.data as Uint8Array)].map(Boolean)).toEqual([true, false]);
  });

  it('hold whole numbers to the last digit, in and out', () => {
    const body =
      '{"input_data": {"columns": ["n"], "data": [[9007199254740993], [-9223372036854775808]]}}';
    const read = parseRequest(Buffer.from(body), {
      kind: 'columns',
      columns: [{ name: 'n', type: 'long', required: true }],
    } as never);
    expect(read).toMatchObject({ rows: [[9007199254740993n], [-9223372036854775808n]] });
    const feeds = toFeeds(Tensor, [input('n', 'int64', [-1, 1])], read);
    expect([...(feeds['n']!.data as BigInt64Array)]).toEqual([
      9007199254740993n,
      -9223372036854775808n,
    ]);
    expect(fromTensor(feeds['n']!)).toEqual([[9007199254740993n], [-9223372036854775808n]]);
    const doubles = toFeeds(Tensor, [input('n', 'float64', [-1, 1])], read);
    expect([...(doubles['n']!.data as Float64Array)]).toEqual([2 ** 53, -(2 ** 63)]);
  });

  it('are one matrix where the model has one input of its own name', () => {
    const feeds = toFeeds(Tensor, [input('X', 'float32', [-1, 2])], {
      kind: 'table',
      columns: ['a', 'b'],
      rows: [
        [1, 2],
        [3, 4],
      ],
    });
    expect(feeds['X']!.dims).toEqual([2, 2]);
  });

  it('are refused when ragged, missing or of the wrong kind', () => {
    const X = [input('X', 'float32', [-1, 2])];
    expect(() => toFeeds(Tensor, X, { kind: 'tensor', value: [[1, 2], [3]] })).toThrow(
      'same length',
    );
    expect(() => toFeeds(Tensor, X, { kind: 'tensor', value: [['a', 'b']] })).toThrow(
      'numbers only',
    );
    expect(() => toFeeds(Tensor, X, { kind: 'named', tensors: {} })).toThrow('X is missing');
  });

  it('come back nested by their shape', () => {
    expect(fromTensor(new Tensor('int64', [1n, 0n], [2]))).toEqual([1, 0]);
    expect(fromTensor(new Tensor('float32', [1, 2, 3, 4], [2, 2]))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(fromTensor(new Tensor('string', ['a'], [1]))).toEqual(['a']);
  });
});

describe('the description of a model with tensors', () => {
  it('is an array, which azureml-mlflow then reads as one', () => {
    const signature = readSignature({
      inputs: JSON.stringify([tensorSpec('float64', [-1, 2])]),
      outputs: JSON.stringify([tensorSpec('int64', [-1])]),
    });
    expect(swaggerOf(signature, undefined, 'host', 3)).toMatchObject({
      components: {
        schemas: {
          ServiceOutput: { type: 'array', items: { type: 'integer' }, format: 'numpy.ndarray' },
          ServiceInput: {
            properties: {
              input_data: { type: 'array', items: { type: 'array' }, format: 'numpy.ndarray' },
            },
          },
        },
      },
    });
    expect(swaggerOf(undefined, undefined, 'host', 3)).toMatchObject({
      components: { schemas: { ServiceOutput: { type: 'object' } } },
    });
  });
});
