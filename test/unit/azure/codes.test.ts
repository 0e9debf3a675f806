/** A folder of code becomes a code version when a deployment is made, as azure-ai-ml does it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { CodeConfiguration, DeploymentSpec, Workspace } from '../../../src/azure/types.js';
import { greenSpec } from '../../../src/rollout/planned-spec.js';
import { ArmClient } from '../../support/arm.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const ENDPOINT = 'scripted';
/** By azure-ai-ml 1.35.2, `get_content_hash`. */
const HASH = '6db8e3ec2e35b6791731ef3e4a1d422454ab4ebde5976ba24d02b69aefb4da4c';
const FILES = {
  'score.py': 'import os\n',
  'Sub/B.py': 'x',
  'Sub/a.py': 'yy',
  '.hid/q': 'z',
  'Über.txt': 'u',
  Zero: '',
};

const samples = new URL('../../../samples/', import.meta.url);
const rows: unknown = JSON.parse(readFileSync(new URL('sample.json', samples), 'utf8'));

let root: string;
let folder: string;
let sandbox: TestSandbox;
let arm: ArmClient;
let workspace: Workspace;
let models: string[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'code-'));
  folder = join(root, 'src');
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  workspace = await connect(connectionTo(sandbox));
  models = [
    await arm.registerSample('heart', '1', 'v1'),
    await arm.registerSample('heart', '2', 'v2'),
  ];
  await arm.put('environments/sklearn/versions/3', { properties: { image: 'x' } });
  await arm.createEndpoint(ENDPOINT);
});
afterAll(async () => {
  await workspace?.close();
  await arm?.close();
  await sandbox?.stop();
  rmSync(root, { recursive: true, force: true });
});

const spec = (codeConfiguration: CodeConfiguration): DeploymentSpec => ({
  model: models[0]!,
  instanceType: 'Standard_F4s_v2',
  instanceCount: 1,
  environment: 'azureml:sklearn:3',
  modelMountPath: '/var/models',
  codeConfiguration,
});

/** The quota has room for five. */
async function remove(name: string): Promise<void> {
  const operation = await workspace.deleteDeployment(ENDPOINT, name);
  if (operation) await workspace.wait(operation);
}

async function create(name: string, asked: DeploymentSpec) {
  await workspace.wait(await workspace.createDeployment(ENDPOINT, name, asked));
  return (await workspace.listDeployments(ENDPOINT)).find((each) => each.name === name)!;
}

const codes = async () => (await arm.get('codes')).body.value as { name: string }[];

test('the folder is registered once, and green inherits its version', async () => {
  const blue = await create('blue', spec({ folder, scoringScript: 'score.py' }));
  const [code, ...others] = await codes();
  expect(others).toEqual([]);
  const codeId = `${arm.workspace}/codes/${code!.name}/versions/1`;
  expect(blue).toMatchObject({
    codeConfiguration: { codeId, scoringScript: 'score.py' },
    environment: `${arm.workspace}/environments/sklearn/versions/3`,
    modelMountPath: '/var/models',
  });
  expect((await arm.get(`codes/${code!.name}/versions/1`)).body.properties).toMatchObject({
    codeUri: expect.stringMatching(/^https:\/\/.*\/LocalUpload\/[0-9a-f]{64}\/src$/) as string,
    isAnonymous: true,
    properties: { hash_sha256: HASH, hash_version: '202208' },
  });

  const planned = { name: 'green', model: { name: 'heart', version: '2' } };
  const green = await create('green', greenSpec(planned, models[1]!, blue));
  expect(green.codeConfiguration).toEqual({ codeId, scoringScript: 'score.py' });

  const again = await create('again', spec({ folder, scoringScript: 'Sub/a.py' }));
  expect(again.codeConfiguration).toEqual({ codeId, scoringScript: 'Sub/a.py' });
  expect(await codes()).toHaveLength(1);

  writeFileSync(join(folder, 'Zero'), 'now not');
  const changed = await create('changed', spec({ folder, scoringScript: 'score.py' }));
  expect(changed.codeConfiguration?.codeId).not.toBe(codeId);
  expect(await codes()).toHaveLength(2);
  for (const name of ['green', 'again', 'changed']) await remove(name);
});

test('a registered version is named in short', async () => {
  await arm.put('codes/score/versions/2', { properties: { codeUri: 'https://x/y' } });
  const code = { codeId: 'azureml:score:2', scoringScript: 'score.py' };
  await workspace.checkCode(code);
  expect((await create('short', spec(code))).codeConfiguration?.codeId).toBe(
    `${arm.workspace}/codes/score/versions/2`,
  );
});

test('the log begins with what the sandbox leaves out, and the model answers', async () => {
  const lines = (await workspace.deploymentLogs(ENDPOINT, 'blue')).split('\n');
  expect(lines[lines.indexOf('Container logs:') + 1]).toContain(
    'The sandbox does not run scoring scripts: it skips score.py, and the MLflow model itself answers.',
  );
  const endpoint = (await workspace.getEndpoint(ENDPOINT))!;
  const scored = await workspace.score(endpoint, rows, { deployment: 'blue' });
  expect(scored).toMatchObject({ status: 200, deployment: 'blue' });
  expect(scored.body).toHaveLength(5);
});

test.each<[CodeConfiguration, RegExp]>([
  [{ folder: 'src', scoringScript: 'run.py' }, /has no file run\.py/],
  [{ folder: 'not-there', scoringScript: 'score.py' }, /can't be read/],
  [{ codeId: 'azureml:none:1', scoringScript: 'score.py' }, /no version 1 of code none/],
])('%j is refused before anything is sent', async (code, sentence) => {
  const at = code.folder === undefined ? {} : { folder: join(root, code.folder) };
  await expect(workspace.checkCode({ ...code, ...at })).rejects.toThrow(sentence);
});

test('a code version that is not there fails the deployment', async () => {
  const missing = spec({ codeId: `${arm.workspace}/codes/none/versions/1`, scoringScript: 's.py' });
  await expect(create('missing', missing)).rejects.toThrow(/Could not find asset/);
});
