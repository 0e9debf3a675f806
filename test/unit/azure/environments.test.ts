/** The image of a deployment's file becomes an environment version when the deployment is made. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { EnvironmentDefinition, Workspace } from '../../../src/azure/types.js';
import { withPinnedEnvironment } from '../../../src/rollout/changes/create-deployment.js';
import { ArmClient } from '../../support/arm.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const ENDPOINT = 'own-image';
const ANONYMOUS = 'azureml:CliV2AnonymousEnvironment:0a1b';
const route = { port: 5001, path: '/' };
const DEFINITION: EnvironmentDefinition = {
  image: 'a.azurecr.io/mlflow:v1',
  isAnonymous: true,
  condaFile: 'channels:\n- conda-forge\n',
  condaPath: '/plans/conda.yaml',
  inferenceConfig: { livenessRoute: route, readinessRoute: route, scoringRoute: route },
};
const NAMED: EnvironmentDefinition = { image: 'x:2', isAnonymous: false, tags: { team: 'risk' } };

let sandbox: TestSandbox;
let arm: ArmClient;
let workspace: Workspace;
let model: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  workspace = await connect(connectionTo(sandbox));
  model = await arm.registerSample('heart', '1', 'v1');
  await arm.put('environments/sklearn/versions/3', { properties: { image: 'x:1' } });
  await arm.put('environments/sklearn/versions/7', { properties: { image: 'x:2' } });
  await arm.createEndpoint(ENDPOINT);
});
afterAll(async () => {
  await workspace?.close();
  await arm?.close();
  await sandbox?.stop();
});

async function environmentAfter(
  name: string,
  environment: string,
  environmentDefinition?: EnvironmentDefinition,
): Promise<string | undefined> {
  const size = { instanceType: 'Standard_F4s_v2', instanceCount: 1 };
  const spec = {
    model,
    ...size,
    environment,
    ...(environmentDefinition && { environmentDefinition }),
  };
  await workspace.wait(await workspace.createDeployment(ENDPOINT, name, spec));
  const all = await workspace.listDeployments(ENDPOINT);
  return all.find((each) => each.name === name)?.environment?.replace(`${arm.workspace}/`, '');
}

const versions = async (name: string) =>
  (await arm.get(`environments/${name}/versions`)).body.value as {
    name: string;
    properties: object;
    systemData: object;
  }[];

test('one without a name is registered once, under the version of its content', async () => {
  const id = 'environments/CliV2AnonymousEnvironment/versions/0a1b';
  expect(await environmentAfter('blue', ANONYMOUS, DEFINITION)).toBe(id);
  const [made] = await versions('CliV2AnonymousEnvironment');
  const { condaPath: _, ...properties } = DEFINITION;
  expect(made?.properties).toMatchObject({ ...properties, isArchived: false });
  expect(made?.properties).not.toHaveProperty('condaPath');

  expect(await environmentAfter('green', ANONYMOUS, DEFINITION)).toBe(id);
  expect(await versions('CliV2AnonymousEnvironment')).toEqual([made]);
});

test.each<[string, EnvironmentDefinition | undefined, string]>([
  ['azureml:sklearn@latest', undefined, 'azureml:sklearn:7'],
  ['azureml:sklearn:3', undefined, 'azureml:sklearn:3'],
  ['azureml://registries/r/environments/e/versions/2', undefined, 'the same'],
  ['azureml:sklearn@latest', NAMED, 'azureml:sklearn:7'],
  ['azureml:sklearn@latest', { ...NAMED, image: 'x:3' }, 'azureml:sklearn:8'],
  ['azureml:new@latest', NAMED, 'azureml:new:1'],
  ['azureml:sklearn:7', NAMED, 'azureml:sklearn:7'],
  ['azureml:sklearn:9', NAMED, 'azureml:sklearn:9'],
])('%s with %j is pinned, and nothing is registered', async (asked, definition, pinned) => {
  expect(await workspace.pinEnvironment(asked, definition)).toBe(
    pinned === 'the same' ? asked : pinned,
  );
  expect((await versions('sklearn')).map(({ name }) => name)).toEqual(['7', '3']);
  expect((await arm.get('environments/new')).status).toBe(404);
});

test('what is journaled of a deployment names the version that @latest meant', async () => {
  const change = {
    kind: 'createDeployment' as const,
    endpoint: ENDPOINT,
    deployment: 'pinned',
    role: 'green' as const,
    spec: { model, instanceType: 't', instanceCount: 1, environment: 'azureml:sklearn@latest' },
  };
  expect(await withPinnedEnvironment(change, workspace)).toEqual({
    ...change,
    spec: { ...change.spec, environment: 'azureml:sklearn:7' },
  });
});

test.each<[string, EnvironmentDefinition | undefined, string]>([
  ['azureml:none@latest', undefined, 'The workspace has no environment none.'],
  [
    'azureml:sklearn:3',
    NAMED,
    'Version 3 of environment sklearn is already registered with different content.',
  ],
])('%s with %j is refused', async (asked, definition, sentence) => {
  await expect(workspace.pinEnvironment(asked, definition)).rejects.toThrow(sentence);
});

test('a new version of a name is registered with its tags', async () => {
  const other = { ...NAMED, image: 'x:3' };
  expect(await environmentAfter('named', 'azureml:sklearn@latest', other)).toBe(
    'environments/sklearn/versions/8',
  );
  const [newest] = await versions('sklearn');
  expect(newest).toMatchObject({
    name: '8',
    properties: { image: 'x:3', isAnonymous: false, tags: { team: 'risk' } },
  });
});

test('the sandbox refuses members that the service does not have', async () => {
  const put = (properties: object) => arm.put('environments/odd/versions/1', { properties });
  expect((await put({ image: 'x', condaPath: '/x' })).status).toBe(400);
  expect((await put({ image: 'x', inferenceConfig: { scoreRoute: route } })).status).toBe(400);
  expect((await put({ image: 'x', inferenceConfig: { scoringRoute: route } })).status).toBe(201);
});
