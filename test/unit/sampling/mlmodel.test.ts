import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/sampling/input-error.js';
import { parseMlmodel } from '../../../src/sampling/mlmodel.js';
import { readModelFolder } from '../../../src/sampling/model-folder.js';
import { diffSignatures, type Signature } from '../../../src/sampling/signature.js';
import { growth, scratch } from './support.js';

const folder = scratch();

const mlmodel = (signature = '') => `artifact_path: model
flavors:
  onnx:
    data: model.onnx
    onnx_version: 1.16.0
    providers:
    - CPUExecutionProvider
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.onnx
    predict_fn: predict
    python_version: 3.11.9
    nothing: null
metadata:
  team: cardio
mlflow_version: 2.22.1
model_uuid: 5bd5f5b3
run_id: 0d1e
utc_time_created: '2026-03-01 10:11:12.131415'
${signature}`;

const signed = (inputs: unknown, outputs?: unknown) =>
  mlmodel(
    `signature:\n  inputs: '${JSON.stringify(inputs)}'\n` +
      `  outputs: ${outputs ? `'${JSON.stringify(outputs)}'` : 'null'}\n  params: null\n`,
  );

describe('parseMlmodel', () => {
  it('reads what MLflow writes', () => {
    expect(parseMlmodel(mlmodel(), 'MLmodel')).toEqual({
      flavors: ['onnx', 'python_function'],
      flavorData: {
        onnx: {
          data: 'model.onnx',
          onnx_version: '1.16.0',
          providers: '["CPUExecutionProvider"]',
        },
        python_function: {
          env: '{"conda":"conda.yaml","virtualenv":"python_env.yaml"}',
          loader_module: 'mlflow.onnx',
          predict_fn: 'predict',
          python_version: '3.11.9',
        },
      },
      metadata: { team: 'cardio' },
      pythonVersion: '3.11.9',
      mlflowVersion: '2.22.1',
      condaFile: 'conda.yaml',
      modelUuid: '5bd5f5b3',
      runId: '0d1e',
      createdAt: '2026-03-01 10:11:12.131415',
    });
  });

  it('reads the environment file of older releases', () => {
    const text = 'flavors:\n  python_function:\n    env: conda_env.yml\n';
    expect(parseMlmodel(text, 'MLmodel').condaFile).toBe('conda_env.yml');
  });

  it('reads a column signature, required and optional in both spellings', () => {
    const { signature } = parseMlmodel(
      signed(
        [
          { type: 'long', name: 'age', required: true },
          { type: 'double', name: 'oldpeak' },
          { type: 'string', name: 'thal', required: false },
          { type: 'datetime', name: 'seen', optional: true },
          { type: 'array', items: { type: 'double' }, name: 'ecg', required: true },
        ],
        [{ type: 'tensor', 'tensor-spec': { dtype: 'int64', shape: [-1] } }],
      ),
      'MLmodel',
    );
    expect(signature?.inputs.map(({ name, type, required }) => [name, type, required])).toEqual([
      ['age', 'long', true],
      ['oldpeak', 'double', true],
      ['thal', 'string', false],
      ['seen', 'datetime', false],
      ['ecg', 'other', true],
    ]);
    expect(signature?.inputs[4]?.typeText).toBe('array of double');
    expect(signature?.outputs).toEqual([
      { type: 'long', typeText: 'tensor(int64, [-1])', required: true, shape: [-1] },
    ]);
  });

  it.each([
    ['float32', 'float'],
    ['float64', 'double'],
    ['int8', 'integer'],
    ['int32', 'integer'],
    ['int64', 'long'],
    ['uint32', 'long'],
    ['bool', 'boolean'],
    ['str', 'string'],
    ['object', 'string'],
    ['datetime64[ns]', 'datetime'],
    ['complex128', 'other'],
  ])('reads the tensor type %s as %s', (dtype, type) => {
    const spec = { type: 'tensor', name: 'x', 'tensor-spec': { dtype, shape: [-1, 1] } };
    expect(parseMlmodel(signed([spec]), 'MLmodel').signature?.inputs[0]).toEqual({
      name: 'x',
      type,
      typeText: `tensor(${dtype}, [-1, 1])`,
      required: true,
      shape: [-1, 1],
    });
  });

  it('has no signature where MLflow wrote none', () => {
    expect(parseMlmodel(mlmodel('signature: null\n'), 'MLmodel').signature).toBeUndefined();
    const paramsOnly = 'signature:\n  inputs: null\n  outputs: null\n  params: null\n';
    expect(parseMlmodel(mlmodel(paramsOnly), 'MLmodel').signature).toBeUndefined();
  });

  it.each([
    [
      'broken YAML',
      'flavors:\n  a: [1,\nb: 2\n',
      /^m\/MLmodel, line \d+, column \d+: not valid YAML/,
    ],
    ['a list', '- a\n', /not a YAML map/],
    ['nothing', '', /not a YAML map/],
    ['no flavors', 'run_id: a\n', /names no flavors/],
    ['no python_function', 'flavors:\n  keras: {}\n  onnx: {}\n', /only keras and onnx/],
    ['a broken signature', mlmodel("signature:\n  inputs: '[{'\n"), /inputs are not valid JSON/],
    ['an odd signature', mlmodel("signature:\n  inputs: '{}'\n"), /inputs are not a list/],
  ])('refuses %s in a sentence', (_, text, sentence) => {
    expect(() => parseMlmodel(text, 'm/MLmodel')).toThrow(InputError);
    expect(() => parseMlmodel(text, 'm/MLmodel')).toThrow(sentence);
  });

  it('refuses aliases that unfold without end', () => {
    const levels = Array.from(
      { length: 9 },
      (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at}, `.repeat(9)}]`,
    );
    const text = `l0: &l0 x\n${levels.join('\n')}\n`;
    expect(() => parseMlmodel(text, 'MLmodel')).toThrow(InputError);
    expect(() => parseMlmodel(text, 'MLmodel')).toThrow(/can't be read/);
  });

  it('says the line of the fault', () => {
    const text = 'flavors:\n  python_function: {}\nrun_id: "open\n';
    expect(() => parseMlmodel(text, 'MLmodel')).toThrow(/line [34],/);
  });
});

describe('readModelFolder', () => {
  it('reads a folder', async () => {
    mkdirSync(join(folder.path, 'v1'));
    folder.file('v1/MLmodel', mlmodel());
    const read = await readModelFolder(join(folder.path, 'v1'));
    expect(read).toMatchObject({ path: join(folder.path, 'v1'), name: 'v1' });
    expect(read.model.runId).toBe('0d1e');
  });

  it('points from the folder above, and from the file, to the folder', async () => {
    mkdirSync(join(folder.path, 'artifacts', 'model'), { recursive: true });
    folder.file('artifacts/model/MLmodel', mlmodel());
    const inside = join(folder.path, 'artifacts', 'model');
    await expect(readModelFolder(join(folder.path, 'artifacts'))).rejects.toThrow(
      `${inside} does: name that folder.`,
    );
    await expect(readModelFolder(join(inside, 'MLmodel'))).rejects.toThrow(
      `Name its folder, ${inside}.`,
    );
  });

  it('refuses what is not there and what is no model', async () => {
    await expect(readModelFolder(join(folder.path, 'none'))).rejects.toThrow(/There is no/);
    mkdirSync(join(folder.path, 'empty'));
    await expect(readModelFolder(join(folder.path, 'empty'))).rejects.toThrow(
      /not an MLflow model/,
    );
  });
});

describe('diffSignatures', () => {
  const of = (inputs: string[], outputs: string[] = ['long']): Signature => {
    const { signature } = parseMlmodel(
      signed(
        inputs.map((input) => {
          const [name, type, optional] = input.split(' ');
          return { name, type, required: !optional };
        }),
        outputs.map((type) => ({ type })),
      ),
      'MLmodel',
    );
    return signature as Signature;
  };

  it('finds nothing between equal ones, in any order', () => {
    const diff = diffSignatures(of(['a long', 'b string']), of(['b string', 'a long']));
    expect(diff).toEqual({ inputs: [], outputs: [], same: true, unknown: false, breaks: false });
  });

  it.each<[string, string[], string[], string, boolean]>([
    ['a required input added', ['a long'], ['a long', 'b long'], 'added', true],
    ['an optional input added', ['a long'], ['a long', 'b long optional'], 'added', false],
    ['an input dropped', ['a long', 'b long'], ['a long'], 'dropped', false],
    ['an input widened', ['a integer'], ['a long'], 'retyped', false],
    ['an input narrowed', ['a long'], ['a integer'], 'retyped', true],
    ['an input made required', ['a long optional'], ['a long'], 'now-required', true],
    ['an input made optional', ['a long'], ['a long optional'], 'now-optional', false],
  ])('says of %s whether it breaks callers', (_, before, after, change, breaks) => {
    const diff = diffSignatures(of(before), of(after));
    expect(diff.inputs.map((one) => [one.change, one.breaks])).toEqual([[change, breaks]]);
    expect(diff).toMatchObject({ same: false, breaks, outputs: [] });
  });

  it('takes a changed output for a break', () => {
    const diff = diffSignatures(of(['a long'], ['long']), of(['a long'], ['double']));
    expect(diff.outputs).toEqual([
      { change: 'retyped', name: '(1)', before: 'long', after: 'double', breaks: true },
    ]);
    expect(diff.breaks).toBe(true);
  });

  it('says when nothing can be said', () => {
    expect(diffSignatures(undefined, of(['a long']))).toMatchObject({ unknown: true, same: false });
    expect(diffSignatures(undefined, undefined)).toMatchObject({ unknown: true, same: true });
  });
});

describe('a large MLmodel', () => {
  const flavors = 'flavors:\n  python_function: {}\n';

  it('of ten times the keys takes about ten times as long', async () => {
    const ratio = await growth(2_000, (keys) => {
      const metadata = Array.from({ length: keys }, (_, at) => `  key${at}: ${at}\n`).join('');
      const model = parseMlmodel(`${flavors}metadata:\n${metadata}`, 'MLmodel');
      expect(Object.keys(model.metadata)).toHaveLength(keys);
    });
    // Quadratic work would be a hundred times as much.
    expect(ratio).toBeLessThan(50);
  });

  it('of more than 10 MB is refused, and a key that stands twice', () => {
    expect(() => parseMlmodel(`${flavors}#${'x'.repeat(11_000_000)}`, 'MLmodel')).toThrow(
      'MLmodel is longer than 10 MB',
    );
    expect(() => parseMlmodel(`${flavors}run_id: a\nrun_id: b\n`, 'MLmodel')).toThrow(
      'MLmodel, line 4, column 1: not valid YAML (the key run_id is listed twice; keep one).',
    );
  });
});
