/** Whole numbers beyond 2^53 from a file to a model and back: the model answers the id that it was given. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { readAnswer } from '../../../src/rollout/evidence/replay.js';
import { replayRows } from '../../../src/rollout/evidence/replay-rows.js';
import { planMapping } from '../../../src/sampling/mapping.js';
import { parseMlmodel } from '../../../src/sampling/mlmodel.js';
import { prepareRows } from '../../../src/sampling/prepare.js';
import { sampleRows } from '../../../src/sampling/sample.js';
import { ArmClient } from '../../support/arm.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const IDS = ['9007199254740993', '-9223372036854775808', '9223372036854775807', '17'];

/** A field of a protocol buffer: bytes, or a small number. */
function field(number: number, value: Buffer | string | number): Buffer {
  if (typeof value === 'number') return Buffer.from([number << 3, value]);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);

/** onnx.proto3: a graph with one node, Identity, from `id` to `same`, both int64, a column each. */
function identityModel(): Buffer {
  const INT64 = 7;
  const shape = message(field(1, message(field(2, 'N'))), field(1, message(field(1, 1))));
  const type = field(1, message(field(1, INT64), field(2, shape)));
  const value = (name: string) => message(field(1, name), field(2, type));
  const node = message(field(1, 'id'), field(2, 'same'), field(4, 'Identity'));
  const graph = message(
    field(1, node),
    field(2, 'identity'),
    field(11, value('id')),
    field(12, value('same')),
  );
  return message(field(1, 8), field(7, graph), field(8, message(field(2, 17))));
}

const MLMODEL = `flavors:
  onnx: {data: model.onnx}
  python_function: {loader_module: mlflow.onnx, data: model.onnx, env: {conda: conda.yaml}}
mlflow_version: 2.22.5
signature:
  inputs: '[{"type": "long", "name": "id", "required": true}]'
`;

let root: string;
let sandbox: TestSandbox;
let arm: ArmClient;
let workspace: Workspace;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'identity-'));
  const folder = join(root, 'identity');
  mkdirSync(folder);
  writeFileSync(join(folder, 'MLmodel'), MLMODEL);
  writeFileSync(join(folder, 'model.onnx'), identityModel());
  const conda = '../../fixtures/pyfunc/onnx-regressor/conda.yaml';
  cpSync(fileURLToPath(new URL(conda, import.meta.url)), join(folder, 'conda.yaml'));
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  workspace = await connect(connectionTo(sandbox));
  const { uri } = await workspace.uploadFolder(folder, 'identity');
  const { id } = await workspace.putModelVersion('identity', '1', uri);
  await arm.createEndpoint('ids');
  await workspace.wait(
    await workspace.createDeployment('ids', 'blue', {
      model: id,
      instanceType: 'Standard_DS3_v2',
      instanceCount: 1,
    }),
  );
});
afterAll(async () => {
  await workspace?.close();
  await arm?.close();
  await sandbox?.stop();
  rmSync(root, { recursive: true, force: true });
});

test.each([
  ['CSV', 'ids.csv', `id\n${IDS.join('\n')}\n`],
  ['JSON lines', 'ids.jsonl', IDS.map((id) => `{"id": ${id}}\n`).join('')],
])('all digits of a %s come back', async (_, name, text) => {
  const path = join(root, name);
  writeFileSync(path, text);
  const sample = await sampleRows(path, { rows: IDS.length, seed: 1 });
  const { signature } = parseMlmodel(MLMODEL, 'MLmodel');
  const prepared = prepareRows(sample, planMapping(signature, sample, { target: null }));
  expect(prepared.failures).toEqual([]);
  const endpoint = (await workspace.getEndpoint('ids'))!;
  const answers = [];
  for (const { body } of replayRows(prepared, prepared.rows)) {
    answers.push(readAnswer(await workspace.score(endpoint, body, { deployment: 'blue' })));
  }
  const sent = prepared.rows.map(({ values: [value] }) => value);
  expect(sent.map(String).sort()).toEqual([...IDS].sort());
  expect(answers.map(({ message }) => message)).toEqual(answers.map(() => undefined));
  expect(answers.map(({ prediction }) => prediction)).toEqual(sent.map((same) => ({ same })));
});
