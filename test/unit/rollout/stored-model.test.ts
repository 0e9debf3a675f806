/** A model in Azure: its classes come from its own files, as far as they are small. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { signatureOf } from '../../../src/rollout/evidence/model-signatures.js';
import { readStoredModel } from '../../../src/rollout/stored-model.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/classes/', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'aml-rollout-test-'));
let sandbox: TestSandbox;
let workspace: Workspace;

beforeAll(async () => {
  sandbox = await startSandbox();
  workspace = await connect(connectionTo(sandbox));
});
afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** @param pickle where the MLmodel says that it is */
async function register(name: string, pickle: string) {
  const folder = join(home, name);
  mkdirSync(folder);
  cpSync(join(FIXTURES, 'pipeline.pkl'), join(folder, 'model.pkl'));
  writeFileSync(
    join(folder, 'MLmodel'),
    `flavors:
  python_function: {loader_module: mlflow.sklearn, predict_fn: predict_proba, env: conda.yaml}
  sklearn: {pickled_model: ${pickle}, serialization_format: cloudpickle}
signature: {inputs: '[{"type":"double","name":"x1"}]'}
`,
  );
  const { uri } = await workspace.uploadFolder(folder, name);
  return workspace.putModelVersion(name, '1', uri);
}

it('its classes are those of the estimator in its pickle', async () => {
  const { uri } = await register('proba', 'model.pkl');
  expect(await signatureOf({ name: 'proba', version: '1' }, workspace)).toMatchObject({
    classes: ['setosa', 'versicolor', 'virginica'],
    classesFrom: 'classes_ in model.pkl',
  });
  expect((await workspace.readModelBytes({ uri }, 'model.pkl', 10_000))?.length).toBeGreaterThan(0);
  expect(await workspace.readModelBytes({ uri }, 'model.pkl', 10)).toBeUndefined();
  expect(await workspace.readModelBytes({ uri }, 'none.pkl', 10)).toBeUndefined();
});

it('and no other model’s file is read for them', async () => {
  const { uri } = await register('away', '../proba/model.pkl');
  const stored = await readStoredModel(workspace, { uri }, 'away 1', undefined);
  expect(stored?.model.signature).toEqual({
    inputs: [{ name: 'x1', type: 'double', typeText: 'double', required: true }],
    outputs: [],
  });
  expect(await stored?.open('../proba/model.pkl')).toBeUndefined();
});
