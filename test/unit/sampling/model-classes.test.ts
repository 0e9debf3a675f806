/**
 * The classes of a model, read from its files. The files were written by scikit-learn, LightGBM and skl2onnx:
 * test/fixtures/classes/make.py.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesInMemory } from '../../../src/sampling/file-bytes.js';
import { classesOfPickle } from '../../../src/sampling/estimator-classes.js';
import { readModelFolder } from '../../../src/sampling/model-folder.js';
import { readOnnx } from '../../../src/sampling/onnx-file.js';
import { readPickle } from '../../../src/sampling/pickle.js';
import { PickledGlobal, PickledObject } from '../../../src/sampling/pickled.js';
import { scratch } from './support.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/classes/', import.meta.url));
const file = (name: string): Buffer => readFileSync(join(FIXTURES, name));
const EXPECTED = Object.entries(
  JSON.parse(file('expected.json').toString()) as Record<string, string[] | null>,
);
const folder = scratch();

const pickle = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat([
    Buffer.from([0x80, 4]),
    ...parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
    ),
    Buffer.from('.'),
  ]);

async function classesOf(name: string): Promise<string[] | undefined> {
  if (name.endsWith('.pkl')) return classesOfPickle(file(name));
  return (await readOnnx(bytesInMemory(file(name))))?.classes?.names;
}

describe('the classes that real files have', () => {
  it.each(EXPECTED)('%s', async (name, classes) => {
    expect(await classesOf(name)).toEqual(classes ?? undefined);
  });

  it('of a model cut short none are read, wherever it is cut', async () => {
    for (const [name] of EXPECTED) {
      const whole = file(name);
      for (let end = 0; end < whole.length; end += Math.ceil(whole.length / 150)) {
        const part = whole.subarray(0, end);
        if (name.endsWith('.pkl')) expect(classesOfPickle(part)).toBeUndefined();
        else await readOnnx(bytesInMemory(part));
      }
    }
  });
});

describe('a pickle is data', () => {
  it('a call is kept as a record, and nothing is imported or run', () => {
    const call = readPickle(pickle('cposix\nsystem\n', [0x8c, 6], 'echo 1', [0x85], 'R'));
    expect(call).toBeInstanceOf(PickledObject);
    const { of, args } = call as PickledObject;
    expect(of).toEqual(new PickledGlobal('posix', 'system'));
    expect(args).toEqual(['echo 1']);
  });

  it('names of JavaScript are names', () => {
    const hostile = pickle('}', [0x8c, 9], '__proto__}', [0x8c, 5], 'admin', [0x88], 's', 's');
    readPickle(hostile);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(classesOfPickle(hostile)).toBeUndefined();
  });

  it('lists of lists of lists are not unfolded', () => {
    // Each of 30 tuples has the one before it twice: 2^30 members, if anyone walked them.
    const laughs = Array.from({ length: 30 }, () => '2\x86').join('');
    expect(readPickle(pickle(')', laughs))).toHaveLength(2);
    expect(classesOfPickle(pickle(')', laughs))).toBeUndefined();
  });

  it('an estimator that holds itself ends', () => {
    const self = pickle(
      'csklearn.pipeline\nGridSearchCV\n)\x81',
      'q\x00}',
      [0x8c, 15],
      'best_estimator_h\x00sb',
    );
    expect(classesOfPickle(self)).toBeUndefined();
  });

  it('of more steps than a model needs nothing is read', () => {
    expect(() => readPickle(pickle('N0'.repeat(3_000_000), 'N'))).toThrow('too long');
  });

  it('an array that claims more than it has is not read', () => {
    const integers = Buffer.from(file('protocol-5.pkl'));
    // Its length, after the dtype: BININT1 3, TUPLE1.
    const shape = integers.indexOf(Buffer.from([0x4b, 3, 0x85]));
    integers[shape + 1] = 200;
    expect(classesOfPickle(integers)).toBeUndefined();
  });

  it('no bytes at all make it throw', () => {
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(noise, (bytes) => {
        expect(classesOfPickle(bytes)).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
    const known = EXPECTED.filter(([name]) => name.endsWith('.pkl')).map(([name]) => file(name));
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat(), fc.nat(255), (whole, at, byte) => {
        const changed = Buffer.from(whole);
        changed[at % changed.length] = byte;
        const found = classesOfPickle(changed);
        expect(found === undefined || found.every((each) => typeof each === 'string')).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('an ONNX file', () => {
  it('no bytes make it throw', async () => {
    const known = EXPECTED.filter(([name]) => name.endsWith('.onnx')).map(([name]) => file(name));
    const changed = fc
      .tuple(fc.constantFrom(...known), fc.nat(), fc.nat(255))
      .map(([whole, at, byte]) => {
        const copy = Buffer.from(whole);
        copy[at % copy.length] = byte;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), async (bytes) => {
        const found = await readOnnx(bytesInMemory(bytes));
        expect(found === undefined || Array.isArray(found.inputs)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('what is not asked for is passed over, not read', async () => {
    const bytes = file('trees.onnx');
    const most = 3 * 1024 ** 3;
    // A field of 3 GB, as weights are, before all others.
    const head = [0xa2, 0x06, 0x80, 0x80, 0x80, 0x80, 0x0c];
    const before = head.length + most;
    let read = 0;
    const huge = {
      size: before + bytes.length,
      close: () => Promise.resolve(),
      read: (offset: number, length: number) => {
        read += length;
        const one = (at: number) => (at < before ? (head[at] ?? 0) : (bytes[at - before] ?? 0));
        return Promise.resolve(Uint8Array.from({ length }, (_, index) => one(offset + index)));
      },
    };
    const { classes } = (await readOnnx(huge)) ?? {};
    expect(classes?.names).toEqual(['setosa', 'versicolor', 'virginica']);
    expect(read).toBeLessThan(1024 * 1024);
  });

  it('the inputs have their ranks', async () => {
    expect((await readOnnx(bytesInMemory(file('columns.onnx'))))?.inputs).toEqual([
      { name: 'x1', rank: 2 },
      { name: 'x2', rank: 2 },
    ]);
  });
});

describe('the signature of a folder', () => {
  const save = (name: string, pyfunc: string, flavor: string, files: string[], metadata = '') => {
    const path = join(folder.path, name);
    mkdirSync(path);
    const inputs = `[{"type":"double","name":"x1"},{"type":"double","name":"x2"}]`;
    const outputs = `[{"type":"tensor","tensor-spec":{"dtype":"float64","shape":[-1,3]}}]`;
    writeFileSync(
      join(path, 'MLmodel'),
      `flavors:\n  python_function: {${pyfunc}, env: {conda: conda.yaml}}\n  ${flavor}\n` +
        `${metadata}signature:\n  inputs: '${inputs}'\n  outputs: '${outputs}'\n`,
    );
    for (const each of files) {
      cpSync(join(FIXTURES, each), join(path, each.endsWith('.pkl') ? 'model.pkl' : 'model.onnx'));
    }
    return path;
  };
  const signature = async (path: string) => {
    const { classes, classesFrom } = (await readModelFolder(path)).model.signature ?? {};
    return { classes, classesFrom };
  };
  const sklearn = 'sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle}';
  const proba = 'loader_module: mlflow.sklearn, model_path: model.pkl, predict_fn: predict_proba';

  it('has the classes of the estimator where the model answers scores', async () => {
    const path = save('proba', proba, sklearn, ['pipeline.pkl']);
    expect(await signature(path)).toEqual({
      classes: ['setosa', 'versicolor', 'virginica'],
      classesFrom: 'classes_ in model.pkl',
    });
  });

  it('has none where the model answers labels, which are the classes', async () => {
    const labels = 'loader_module: mlflow.sklearn, model_path: model.pkl, predict_fn: predict';
    const path = save('labels', labels, sklearn, ['pipeline.pkl']);
    expect(await signature(path)).toEqual({});
  });

  it('what the metadata says comes first', async () => {
    const path = save('told', proba, sklearn, ['integers.pkl'], 'metadata: {classes: [c, a, b]}\n');
    expect(await signature(path)).toEqual({
      classes: ['c', 'a', 'b'],
      classesFrom: 'metadata in MLmodel',
    });
  });

  it('the ONNX flavor tells what a compressed pickle does not', async () => {
    const both = `${sklearn}\n  onnx: {data: model.onnx}`;
    const path = save('both', proba, both, ['joblib-compressed.pkl', 'zipmap.onnx']);
    expect(await signature(path)).toEqual({
      classes: ['setosa', 'versicolor', 'virginica'],
      classesFrom: 'the class labels in model.onnx',
    });
  });

  it('of an ONNX model the labels of its classifier, unless its answers name them', async () => {
    const pyfunc = 'loader_module: mlflow.onnx, data: model.onnx';
    const onnx = 'onnx: {data: model.onnx}';
    expect(await signature(save('linear', pyfunc, onnx, ['linear.onnx']))).toEqual({
      classes: ['1', '2', '3'],
      classesFrom: 'the class labels in model.onnx',
    });
    expect(await signature(save('zipmap', pyfunc, onnx, ['zipmap.onnx']))).toEqual({});
  });

  it('no file outside of the folder is read', async () => {
    const outside = join(folder.path, 'outside.pkl');
    cpSync(join(FIXTURES, 'pipeline.pkl'), outside);
    for (const place of ['../outside.pkl', outside]) {
      const path = save(
        `away-${place.length}`,
        proba.replace('model.pkl', place),
        sklearn.replace('model.pkl', place),
        [],
      );
      expect(await signature(path)).toEqual({});
    }
  });
});
