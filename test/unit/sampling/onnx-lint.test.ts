/** An ONNX model whose inputs MLflow's own scoring can't fill; the files are of skl2onnx. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lintModelFolder } from '../../../src/sampling/folder-lint.js';
import { readModelFolder } from '../../../src/sampling/model-folder.js';
import { scratch } from './support.js';

const CLASSES = fileURLToPath(new URL('../../fixtures/classes/', import.meta.url));
const PYFUNC = fileURLToPath(new URL('../../fixtures/pyfunc/', import.meta.url));
const folder = scratch();
const COLUMNS = '[{"type":"double","name":"x1"},{"type":"double","name":"x2"}]';
const TENSORS = ['x1', 'x2'].map((name) => ({
  name,
  type: 'tensor',
  'tensor-spec': { dtype: 'float32', shape: [-1, 1] },
}));
let count = 0;

async function findings(
  onnx: string,
  { inputs, loader = 'mlflow.onnx' }: { inputs?: string; loader?: string },
) {
  count += 1;
  const path = join(folder.path, `model-${count}`);
  mkdirSync(path);
  cpSync(join(CLASSES, onnx), join(path, 'model.onnx'));
  const signature = inputs === undefined ? '' : `signature: {inputs: '${inputs}'}\n`;
  writeFileSync(
    join(path, 'MLmodel'),
    `flavors:\n  onnx: {data: model.onnx}\n  python_function: {loader_module: ${loader}, env: conda.yaml}\n${signature}`,
  );
  const found = await lintModelFolder(await readModelFolder(path));
  return found.filter(({ file }) => file === 'model.onnx');
}

describe('an ONNX model with an input for each column', () => {
  it('is an error where the signature makes a data frame of every request', async () => {
    const [found, ...more] = await findings('columns.onnx', { inputs: COLUMNS });
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      level: 'error',
      what: 'Its inputs x1 and x2 have more than one dimension, but to a model with 2 inputs MLflow passes each column as an array of one dimension. Every request of columns fails with "Invalid rank for input".',
    });
    expect(found?.advice).toMatch(/^Convert the model with one input/);
  });

  it('is a warning without a signature: a caller may send arrays', async () => {
    expect(await findings('columns.onnx', {})).toMatchObject([{ level: 'warning' }]);
  });

  it('is fine where the signature is of arrays, and where another library answers', async () => {
    expect(await findings('columns.onnx', { inputs: JSON.stringify(TENSORS) })).toEqual([]);
    expect(await findings('columns.onnx', { inputs: COLUMNS, loader: 'mlflow.sklearn' })).toEqual(
      [],
    );
  });
});

it('an ONNX model with one input for all columns is fine', async () => {
  expect(await findings('linear.onnx', { inputs: COLUMNS })).toEqual([]);
});

it('what is found is what mlflow.pyfunc answers with', async () => {
  for (const [name, fails] of [
    ['onnx-many-inputs', true],
    ['onnx-regressor', false],
  ] as const) {
    const path = join(PYFUNC, name);
    const { answer } = JSON.parse(readFileSync(join(path, 'expected.json'), 'utf8')) as {
      answer: { error?: string };
    };
    const found = await lintModelFolder(await readModelFolder(path));
    expect(found.some(({ file }) => file === 'model.onnx')).toBe(fails);
    expect(answer.error?.includes('Invalid rank for input') ?? false).toBe(fails);
  }
});
