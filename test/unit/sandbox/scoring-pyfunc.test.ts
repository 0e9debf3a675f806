/**
 * A deployment answers what mlflow.pyfunc answers for the same folder, from its ONNX file too; where the
 * file can't, it does not serve. The folders and pyfunc's answers are made by test/fixtures/pyfunc/make.py.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, type Host, openHost } from './scoring-support.js';

const FIXTURES = new URL('../../fixtures/pyfunc/', import.meta.url);
interface Expected {
  input: { columns: string[]; index: number[]; data: unknown[][] };
  answer: unknown;
}

let host: Host;
beforeEach(async () => {
  host = await openHost();
});
afterEach(async () => {
  await host.close();
});

function expected(folder: string): Expected {
  return JSON.parse(readFileSync(new URL(`${folder}/expected.json`, FIXTURES), 'utf8')) as Expected;
}

async function deploy(folder: string): Promise<void> {
  const at = new URL(`${folder}/`, FIXTURES);
  for (const name of readdirSync(at))
    host.files[`${folder}/${name}`] = readFileSync(new URL(name, at));
  host.model('1', folder);
  await host.deploy('blue');
}

const score = (input: unknown) => call(host, { deployment: 'blue', body: { input_data: input } });

/** Numbers of float32, as ONNX has them, against those of float64. */
function close(given: unknown, wanted: unknown): void {
  if (typeof wanted === 'number') {
    expect(Math.abs((given as number) - wanted)).toBeLessThan(1e-4 * Math.max(1, Math.abs(wanted)));
  } else if (Array.isArray(wanted)) {
    expect(given).toHaveLength(wanted.length);
    for (const [at, one] of wanted.entries()) close((given as unknown[])[at], one);
  } else {
    expect(Object.keys(given as object)).toEqual(Object.keys(wanted as object));
    for (const [key, one] of Object.entries(wanted as object))
      close((given as Record<string, unknown>)[key], one);
  }
}

describe('answers equal those of mlflow.pyfunc', () => {
  it.each(['predict', 'predict-proba', 'regressor', 'onnx-regressor'])('%s', async (folder) => {
    const { input, answer } = expected(folder);
    await deploy(folder);
    const answered = await score(input);
    expect(answered.statusCode).toBe(200);
    close(answered.json(), answer);
  });

  it('for records and for a dict of lists', async () => {
    const { input, answer } = expected('predict-proba');
    await deploy('predict-proba');
    const records = input.data.map((row) =>
      Object.fromEntries(input.columns.map((name, at) => [name, row[at]])),
    );
    const lists = Object.fromEntries(
      input.columns.map((name, at) => [name, input.data.map((row) => row[at])]),
    );
    for (const given of [records, lists]) close((await score(given)).json(), answer);
  });

  it.each(['onnx-many-inputs', 'onnx-two-outputs'])('errors too: %s', async (folder) => {
    const { input, answer } = expected(folder);
    expect(answer).toHaveProperty('error');
    await deploy(folder);
    expect((await score(input)).statusCode).toBe(424);
  });
});

describe('an ONNX file that does not answer as mlflow.pyfunc', () => {
  it.each([
    ['zipmap-proba', "convert the model with options={'zipmap': False}"],
    ['log-proba', 'The model answers with predict_log_proba, which its ONNX flavor does not.'],
  ])('does not serve where no Python is found to: %s', async (folder, why) => {
    await expect(deploy(folder)).rejects.toThrow('User container has crashed');
    const log = host.context.runtime.logs('heart', 'blue', 'InferenceServer', 100);
    expect(log).toContain(why);
    expect(log).toContain('No Python with mlflow was found');
  });
});
