/** Models that are not registered, packages, and what is asked before something is paid for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import { specToWire, toDeployment } from '../../../src/azure/deployment-wire.js';
import { toStatus } from '../../../src/azure/operations.js';
import { allows } from '../../../src/azure/permissions.js';
import type { Workspace } from '../../../src/azure/types.js';
import { ArmClient } from '../../support/arm.js';
import { connectionTo } from '../../support/connection.js';
import { logRun } from '../../support/job-model.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

let sandbox: TestSandbox;
let workspace: Workspace;
let arm: ArmClient;

beforeAll(async () => {
  sandbox = await startSandbox();
  workspace = await connect(connectionTo(sandbox));
  arm = await ArmClient.connect(sandbox.info);
});
afterAll(async () => {
  await arm?.close();
  await workspace?.close();
  await sandbox?.stop();
});

describe('a run that logged a model', () => {
  test('is among the models of jobs, and its files can be read', async () => {
    const id = await logRun(arm, sandbox, 'v1');
    const uri = `azureml://jobs/${id}/outputs/artifacts/paths/model`;
    expect(await workspace.listJobModels()).toEqual([
      expect.objectContaining({ job: id, displayName: 'train-v1', uri }),
    ]);
    for (const place of [
      uri,
      `runs:/${id}/model`,
      `azureml://jobs/${id}/outputs/default/paths/model`,
    ])
      expect(await workspace.readModelFile({ uri: place }, 'MLmodel')).toContain('python_function');
    expect(await workspace.readModelFile({ uri: `runs:/${id}/other` }, 'MLmodel')).toBeUndefined();
    const registry = 'azureml://registries/r/models/m/versions/1';
    expect(await workspace.readModelFile({ uri: registry }, 'MLmodel')).toBeUndefined();
  });
});

test('where the storage account takes no keys, the files of a model are read by identity', async () => {
  const id = await logRun(arm, sandbox, 'v1');
  const uri = `runs:/${id}/model`;
  const set = (sharedKeyAccess: boolean) =>
    sandbox.control('POST', '/_sandbox/conditions', { sharedKeyAccess });
  await set(false);
  try {
    expect(await workspace.readModelFile({ uri }, 'MLmodel')).toContain('python_function');
  } finally {
    await set(true);
  }
});

describe('a package', () => {
  test('is built once, and names the environment that was asked for', async () => {
    await arm.registerSample('heart-package', '1', 'v1');
    const model = { name: 'heart-package', version: '1' };
    const environment = { name: 'packaged_heart', version: '1' };
    expect(await workspace.environmentVersion('packaged_heart', '1')).toBeUndefined();
    const operation = await workspace.packageModel(model, environment);
    if (operation) await workspace.wait(operation);
    expect(await workspace.environmentVersion('packaged_heart', '1')).toMatchObject({
      ...environment,
      id: expect.stringMatching(/\/environments\/packaged_heart\/versions\/1$/) as string,
    });
    await expect(
      workspace.packageModel({ ...model, version: '9' }, environment),
    ).rejects.toMatchObject({ failure: { kind: 'not-found' } });
  });

  test('goes on the wire in place of the model, which a tag remembers', () => {
    const workspaceId = '/subscriptions/s/resourceGroups/g/providers/p/workspaces/w';
    const environment = `${workspaceId}/environments/packaged_m_2/versions/1`;
    const model = `${workspaceId}/models/m/versions/2`;
    const body = specToWire('westeurope', {
      model,
      instanceType: 't',
      instanceCount: 1,
      packagedEnvironment: environment,
    });
    expect(body['properties']).toMatchObject({ environmentId: environment });
    expect(body['properties']).not.toHaveProperty('model');
    const id = `${workspaceId}/onlineEndpoints/e/deployments/d`;
    const state = { provisioningState: 'Succeeded' };
    const properties = { ...(body['properties'] as object), ...state };
    expect(toDeployment({ ...body, properties, id, name: 'd' }, 'e')).toMatchObject({
      model,
      packagedEnvironment: environment,
    });
    // An environment of one's own beside a model is no package.
    const own = { ...state, model, environmentId: environment };
    expect(toDeployment({ id, properties: own }, 'e')).not.toHaveProperty('packagedEnvironment');
  });

  test('whose build failed says where the log is', () => {
    expect(toStatus({ buildState: 'Running' }, 'x')).toMatchObject({ status: 'running' });
    expect(toStatus({ buildState: 'Succeeded' }, 'x')).toMatchObject({ status: 'succeeded' });
    expect(toStatus({ buildState: 'Failed', logUrl: 'https://logs/1' }, 'x')).toMatchObject({
      status: 'failed',
      error: { kind: 'provisioning', message: expect.stringContaining('https://logs/1') as string },
    });
  });
});

describe('before something is paid for', () => {
  test('an endpoint’s name is looked for here and in the region', async () => {
    await arm.createEndpoint('heart-named');
    expect(await workspace.endpointNameUse('heart-named')).toMatchObject({ by: 'this-workspace' });
    expect(await workspace.endpointNameUse('taken-in-region')).toEqual({ by: 'someone' });
    expect(await workspace.endpointNameUse('heart-nobody')).toEqual({ by: 'nobody-seen' });
  });

  test('a workspace of the subscription that has the name is named', async () => {
    const id = arm.workspace.replace(/\/workspaces\/.*/, '/workspaces/ml-other');
    const answer = (path: string, body: object) =>
      sandbox.control('POST', '/_sandbox/faults', {
        match: { method: 'GET', path },
        action: { status: 200, body },
      });
    await answer('^/subscriptions/[^/]+/providers/Microsoft.MachineLearningServices/workspaces', {
      value: [
        { id, location: sandbox.info.location },
        { id: `${id}-far`, location: 'farawayland' },
      ],
    });
    await answer('workspaces/ml-other/onlineEndpoints/heart-away', { name: 'heart-away' });
    expect(await workspace.endpointNameUse('heart-away')).toEqual({
      by: 'another-workspace',
      workspace: 'ml-other',
    });
  });

  test('storage says how it lets one in', async () => {
    expect(await workspace.defaultDatastore()).toMatchObject({
      name: 'workspaceblobstore',
      credentials: 'account-key',
    });
    const { storageAccountId } = await workspace.info();
    const write = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write';
    expect(await workspace.missingOnStorage(storageAccountId!, [write])).toEqual([]);
  });

  test('data actions are told from actions', () => {
    const role = { actions: ['*'], notActions: [], dataActions: ['a/*'], notDataActions: ['a/b'] };
    expect(allows(role, 'a/b')).toBe(true);
    expect(allows(role, 'a/b', 'data')).toBe(false);
    expect(allows(role, 'a/c', 'data')).toBe(true);
    expect(allows(role, 'c', 'data')).toBe(false);
  });
});
