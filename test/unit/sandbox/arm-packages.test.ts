/** Model packages and the environments that deployments name. */
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ArmClient, deployment, model } from '../../support/arm.js';
import { type TestSandbox, startSandbox, temporaryFolder } from '../../support/sandbox.js';
import { ROWS } from './scoring-support.js';

const PREVIEW = '2023-08-01-preview';
const ENDPOINT = 'onlineEndpoints/heart-sealed';
const stateDir = temporaryFolder();
let sandbox: TestSandbox;
let arm: ArmClient;
let modelId: string;

async function start(): Promise<void> {
  sandbox = await startSandbox({ stateDir });
  arm = await ArmClient.connect(sandbox.info);
}

beforeAll(async () => {
  await start();
  modelId = await arm.registerSample('heart', '1', 'v1');
  await arm.createEndpoint('heart-sealed');
});
afterEach(() => sandbox.control('DELETE', '/_sandbox/faults'));
afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const ONLINE = { inferencingServer: { serverType: 'AzureMLOnline' } };
const packageOf = (body: unknown, version = 'heart/versions/1'): Promise<Answer> =>
  arm.send('POST', `models/${version}/package`, { body, apiVersion: PREVIEW });
const environmentId = (name: string, version = '1') =>
  `${arm.workspace}/environments/${name}/versions/${version}`;
const detail = ({ status, body }: Answer) => [status, body.error.details[0]];

/** Deploys and returns how the operation ended. */
async function deployed(
  name: string,
  properties: Record<string, unknown>,
): Promise<Answer['body']> {
  const answer = await arm.put(
    `${ENDPOINT}/deployments/${name}`,
    deployment(modelId, { instanceType: 'Standard_F2s_v2', ...properties }),
  );
  return arm.finished(answer);
}

async function labels(name: string): Promise<unknown> {
  const { scoringUri } = (await arm.get(ENDPOINT)).body.properties;
  const { primaryKey } = (await arm.send('POST', `${ENDPOINT}/listKeys`)).body;
  const answer = await arm.send('POST', scoringUri as string, {
    token: primaryKey as string,
    body: { input_data: ROWS },
    apiVersion: null,
    headers: { 'azureml-model-deployment': name },
  });
  return answer.body;
}

describe('a package', () => {
  it('is made by an operation, whose result names the environment', async () => {
    const { workspaceId } = (await arm.get('')).body.properties;
    const accepted = await packageOf({ targetEnvironmentName: 'packaged-env', ...ONLINE });
    expect([accepted.status, accepted.body]).toEqual([202, null]);
    expect(accepted.headers['location']).toMatch(
      /\/mfeOperationResults\/mp:[^?]+\?api-version=2023/,
    );
    expect((await arm.finished(accepted)).status).toBe('Succeeded');
    const result = await arm.get(accepted.headers['location']!);
    expect(result.status).toBe(200);
    expect(result.body).toMatchObject({
      inferencingServer: { serverType: 'AzureMLOnline' },
      targetEnvironmentId: `azureml://locations/westeurope/workspaces/${workspaceId}/environments/packaged-env/versions/1`,
      buildState: 'Succeeded',
    });
    expect((await arm.get(environmentId('packaged-env'))).body).toMatchObject({
      id: environmentId('packaged-env'),
      name: '1',
      properties: {
        osType: 'Linux',
        isAnonymous: false,
        provisioningState: 'Succeeded',
        image: expect.stringContaining('.azurecr.io/azureml/packaged-env:1') as string,
        inferenceConfig: { scoringRoute: { path: '/score' } },
      },
    });
    expect((await arm.get('environments/packaged-env')).body.properties).toMatchObject({
      latestVersion: '1',
      nextVersion: '2',
    });
  });

  it('gets the next version each time, though others are under way', async () => {
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { path: '/package' },
      action: { slowOperationMs: 100 },
    });
    const both = [
      await packageOf({ targetEnvironmentName: 'counted', ...ONLINE }),
      await packageOf({ targetEnvironmentName: 'Counted', ...ONLINE }),
    ];
    for (const one of both) expect((await arm.finished(one)).status).toBe('Succeeded');
    const { value } = (await arm.get('environments/counted/versions')).body;
    expect((value as { name: string }[]).map(({ name }) => name).sort()).toEqual(['1', '2']);
  });

  it('takes the id of a target with its version, and keeps to it', async () => {
    const targetEnvironmentId =
      'azureml://locations/westeurope/workspaces/w/environments/pinned/versions/7';
    expect((await arm.finished(await packageOf({ targetEnvironmentId, ...ONLINE }))).status).toBe(
      'Succeeded',
    );
    const again = await packageOf({ targetEnvironmentId, ...ONLINE });
    expect([again.status, again.body.targetEnvironmentId]).toEqual([
      200,
      expect.stringContaining('/environments/pinned/versions/7'),
    ]);
    await arm.registerSample('other', '1', 'v2');
    const other = await packageOf({ targetEnvironmentId, ...ONLINE }, 'other/versions/1');
    expect(detail(other)).toEqual([
      409,
      expect.objectContaining({ message: expect.stringContaining('already has a version 7') }),
    ]);
  });

  it.each([
    [
      'of a version that is not there',
      { ...ONLINE },
      'heart/versions/9',
      404,
      'Model with name: heart and version: 9 not found.',
    ],
    [
      'for a server that Azure has not',
      { inferencingServer: { serverType: 'Flask' } },
      undefined,
      400,
      "'inferencingServer.serverType' must be one of",
    ],
    [
      'into a base that is not there',
      {
        ...ONLINE,
        baseEnvironmentSource: {
          baseEnvironmentSourceType: 'EnvironmentAsset',
          resourceId: 'azureml:none:1',
        },
      },
      undefined,
      404,
      'Environment with name: none and version: 1 not found.',
    ],
    [
      'without a name',
      { ...ONLINE, targetEnvironmentName: undefined },
      undefined,
      400,
      'must name an environment',
    ],
    [
      'with a bad name',
      { ...ONLINE, targetEnvironmentName: 'no spaces' },
      undefined,
      400,
      "Environment name 'no spaces' is not valid",
    ],
  ])('%s is refused', async (_what, body, version, status, words) => {
    const answer = await packageOf({ targetEnvironmentName: 'refused', ...body }, version);
    expect(answer.status).toBe(status);
    expect(answer.body.error.details[0].message).toContain(words);
    expect((await arm.get('environments/refused')).status).toBe(404);
  });

  it('may be made of a model in the registry', async () => {
    const registered = `${arm.workspace.replace(/workspaces.*/, 'registries/sandbox-registry')}/models/shared/versions/1`;
    const { modelUri } = (await arm.get('models/heart/versions/1')).body.properties;
    expect((await arm.put(registered, model(modelUri as string))).status).toBe(201);
    const accepted = await arm.send('POST', `${registered}/package`, {
      body: {
        targetEnvironmentId: 'azureml://locations/l/workspaces/w/environments/shared',
        ...ONLINE,
      },
      apiVersion: PREVIEW,
    });
    expect((await arm.finished(accepted)).status).toBe('Succeeded');
    expect((await arm.get(environmentId('shared'))).status).toBe(200);
  });

  it('of a custom model needs code', async () => {
    const { modelUri } = (await arm.get('models/heart/versions/1')).body.properties;
    await arm.put(
      'models/custom/versions/1',
      model(modelUri as string, { modelType: 'custom_model' }),
    );
    const answer = await packageOf({ targetEnvironmentName: 'x', ...ONLINE }, 'custom/versions/1');
    expect(detail(answer)).toEqual([
      400,
      expect.objectContaining({ message: expect.stringContaining('needs a code configuration') }),
    ]);
  });

  it('of a folder that is gone fails, and leaves no environment', async () => {
    const uri = `azureml://datastores/workspaceblobstore/paths/LocalUpload/gone`;
    await arm.put('models/gone/versions/1', model(uri));
    const accepted = await packageOf(
      { targetEnvironmentName: 'lost', ...ONLINE },
      'gone/versions/1',
    );
    expect(await arm.finished(accepted)).toMatchObject({
      status: 'Failed',
      error: { message: expect.stringContaining('Failed to download the model') as string },
    });
    expect((await arm.get(accepted.headers['location']!)).status).toBe(400);
    expect((await arm.get(environmentId('lost'))).status).toBe(404);
  });
});

describe('a deployment without egress', () => {
  const sealed = { egressPublicNetworkAccess: 'Disabled' };

  it('can not install the packages of its model', async () => {
    expect(await deployed('unpackaged', sealed)).toMatchObject({
      status: 'Failed',
      error: { message: expect.stringContaining('User container has crashed') as string },
    });
    const log = await arm.send('POST', `${ENDPOINT}/deployments/unpackaged/getLogs`, { body: {} });
    expect(log.body.content).toContain('CondaHTTPError: HTTP 000 CONNECTION FAILED');
    expect(log.body.content).toContain('Package the model and deploy the package.');
  });

  it('serves a package, and goes on when its model is deleted and the sandbox has restarted', async () => {
    const accepted = await packageOf({ targetEnvironmentName: 'whole', ...ONLINE });
    await arm.finished(accepted);
    const packaged = { model: null, environmentId: environmentId('whole'), ...sealed };
    expect(await deployed('packaged', packaged)).toMatchObject({ status: 'Succeeded' });
    expect((await arm.get(`${ENDPOINT}/deployments/packaged`)).body.properties).toMatchObject(
      packaged,
    );
    expect(await labels('packaged')).toEqual([0, 1, 1, 0, 0]);

    const update = (egressPublicNetworkAccess: string | undefined) =>
      arm.put(
        `${ENDPOINT}/deployments/packaged`,
        deployment(modelId, {
          ...packaged,
          instanceType: 'Standard_F2s_v2',
          egressPublicNetworkAccess,
        }),
      );
    const changed = await update('enabled');
    expect(changed.status).toBe(400);
    expect(changed.body.error.details[0].message).toContain('can not be changed');
    expect((await arm.finished(await update(undefined))).status).toBe('Succeeded');
    expect((await update('no')).status).toBe(400);

    await arm.send('DELETE', 'models/heart/versions/1');
    await arm.close();
    await sandbox.stop();
    await start();
    expect(await labels('packaged')).toEqual([0, 1, 1, 0, 0]);
    modelId = await arm.registerSample('heart', '1', 'v1');
  });

  it('serves no package of another server, and of one with a script its model', async () => {
    const code = { codeConfiguration: { codeId: 'azureml:code:1', scoringScript: 'score.py' } };
    for (const [name, server, status, words] of [
      ['batch', { serverType: 'AzureMLBatch' }, 'Failed', 'no model was packaged'],
      ['script', { serverType: 'AzureMLOnline', ...code }, 'Succeeded', 'not run scoring scripts'],
    ] as const) {
      await arm.finished(
        await packageOf({ targetEnvironmentName: name, inferencingServer: server }),
      );
      const ended = await deployed(name, { model: null, environmentId: environmentId(name) });
      expect(ended.status).toBe(status);
      const log = await arm.send('POST', `${ENDPOINT}/deployments/${name}/getLogs`, { body: {} });
      expect(log.body.content).toContain(words);
    }
  });
});

describe('the environment of a deployment', () => {
  const put = (id: string) =>
    arm.put(`${ENDPOINT}/deployments/strange`, deployment(modelId, { environmentId: id }));

  it.each([
    [() => environmentId('none'), 404, 'Environment with name: none and version: 1 not found.'],
    [() => 'azureml:none:3', 404, 'Environment with name: none and version: 3 not found.'],
    [() => 'none', 400, "'none' is no id of an environment version."],
  ])('has to be there', async (id, status, message) => {
    const answer = await put(id());
    expect([answer.status, answer.body.error.details[0].message]).toEqual([status, message]);
    expect((await arm.get(`${ENDPOINT}/deployments/strange`)).status).toBe(404);
  });

  it("may be a registry's", async () => {
    const answer = await put('azureml://registries/azureml/environments/mlflow/versions/2');
    expect((await arm.finished(answer)).status).toBe('Succeeded');
  });
});
