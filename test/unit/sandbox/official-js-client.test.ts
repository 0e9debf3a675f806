/**
 * The JavaScript client of Azure ML as anyone installs it, in a process of its own: nothing but
 * the environment that the sandbox prints leads it here, and none of our pipeline is in it.
 */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ArmClient } from '../../support/arm.js';
import { type TestSandbox, startSandbox } from '../../support/sandbox.js';

let sandbox: TestSandbox;
let modelId: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  const arm = await ArmClient.connect(sandbox.info);
  modelId = await arm.registerSample('heart', '1', 'v1');
  await arm.registerSample('heart-of-green', '1', 'v2');
  await arm.close();
});

afterAll(() => sandbox?.stop());

const SCRIPT = `
  import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
  import { DefaultAzureCredential } from '@azure/identity';
  const { SUBSCRIPTION, GROUP, WORKSPACE, LOCATION, MODEL } = process.env;
  const client = new AzureMachineLearningWorkspaces(new DefaultAzureCredential(), SUBSCRIPTION);
  const { onlineEndpoints: endpoints, onlineDeployments: deployments } = client;
  const at = [GROUP, WORKSPACE];
  const on = [...at, 'from-js'];
  const quick = { updateIntervalInMs: 50 };
  const seen = {};
  const refused = async (work) => {
    try { await work(); return 'done'; }
    catch (error) { return [error.name, error.statusCode, error.code, error.message, error.details?.error?.details?.[0]?.message]; }
  };
  const all = async (list) => { const names = []; for await (const one of list) names.push(one.name); return names; };

  seen.workspace = (await client.workspaces.get(...at)).name;
  seen.stores = [(await client.datastores.listSecrets(...at, 'workspaceblobstore')).secretsType];
  for await (const one of client.datastores.list(...at, { isDefault: true })) seen.stores.push(one.properties.credentials.credentialsType);
  const { modelUri, modelType } = (await client.modelVersions.get(...at, 'heart-of-green', '1')).properties;
  const second = await client.modelVersions.createOrUpdate(...at, 'heart', '2', { properties: { modelUri, modelType } });
  seen.models = await all(client.modelVersions.list(...at, 'heart'));

  const written = { location: LOCATION, identity: { type: 'SystemAssigned' }, tags: { team: 'heart' }, properties: { authMode: 'Key', traffic: {} } };
  const made = await endpoints.beginCreateOrUpdateAndWait(...on, written, quick);
  seen.made = [made.properties.provisioningState, made.properties.scoringUri];
  const spec = (model) => ({
    location: LOCATION, sku: { name: 'Default', capacity: 1 },
    properties: { endpointComputeType: 'Managed', instanceType: 'Standard_DS3_v2', model, properties: {} },
  });
  const blue = await deployments.beginCreateOrUpdateAndWait(...on, 'blue', spec(MODEL), quick);
  seen.blue = [blue.properties.provisioningState, blue.properties.requestSettings.requestTimeout, blue.sku.capacity];
  seen.failed = await refused(() => deployments.beginCreateOrUpdateAndWait(...on, 'bad', spec(MODEL.replace(/1$/, '77')), quick));
  const split = async (traffic) => {
    await endpoints.beginCreateOrUpdateAndWait(...on, { ...written, properties: { authMode: 'Key', traffic } }, quick);
    return (await endpoints.get(...on)).properties.traffic;
  };
  seen.live = await split({ blue: 100 });
  const scaled = await deployments.beginUpdateAndWait(...on, 'blue', { sku: { capacity: 2 } }, quick);
  seen.scaled = scaled.sku.capacity;
  const tagged = await endpoints.beginUpdateAndWait(...on, { tags: { a: 'b' } }, quick);
  seen.tagged = [tagged.tags, tagged.properties.traffic];
  seen.log = (await deployments.getLogs(...on, 'blue', { containerType: 'InferenceServer', tail: 20 })).content.split('\\n')[1];
  const keys = await endpoints.listKeys(...on);
  await endpoints.beginRegenerateKeysAndWait(...on, { keyType: 'Primary' }, quick);
  const after = await endpoints.listKeys(...on);
  seen.keys = [keys.primaryKey === after.primaryKey, keys.secondaryKey === after.secondaryKey];
  seen.noToken = (await refused(() => endpoints.getToken(...on)))[1];
  seen.liveDeletion = await refused(() => deployments.beginDeleteAndWait(...on, 'blue', quick));
  seen.missing = await refused(() => endpoints.get(...at, 'nope'));
  seen.badName = (await refused(() => endpoints.beginCreateOrUpdateAndWait(...at, 'bad name!', written, quick)))[1];
  seen.listed = [await all(endpoints.list(...at)), await all(deployments.list(...on))];
  const green = await deployments.beginCreateOrUpdateAndWait(...on, 'green', spec(second.id), quick);
  seen.green = [green.properties.provisioningState, green.properties.model === second.id];
  seen.splits = [await split({ blue: 90, green: 10 }), await split({ blue: 0, green: 100 })];
  await deployments.beginDeleteAndWait(...on, 'blue', quick);
  seen.left = await all(deployments.list(...on));
  const workspaceKeys = await client.workspaces.listKeys(...at);
  seen.surrounding = [
    workspaceKeys.userStorageKey === (await client.workspaces.listStorageAccountKeys(...at)).userStorageKey,
    await all(client.computeOperations.list(...at)),
    await all(client.workspaceConnections.list(...at)),
    await all(client.workspaceFeatures.list(...at)),
    await all(client.batchEndpoints.list(...at)),
    await all(client.privateEndpointConnections.list(...at)),
    (await client.privateLinkResources.list(...at)).value.length,
    (await all(client.operations.list())).length > 0,
  ];
  await endpoints.beginDeleteAndWait(...on, quick);
  seen.gone = await all(endpoints.list(...at));
  console.log(JSON.stringify(seen));`;

it('carries a rollout through', async () => {
  const { info } = sandbox;
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      ...info.env,
      SUBSCRIPTION: info.subscriptionId,
      GROUP: info.resourceGroup,
      WORKSPACE: info.workspaceName,
      LOCATION: info.location,
      MODEL: modelId,
    },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  await new Promise((resolve) => child.once('close', resolve));
  expect(said.stderr).toBe('');
  const missing = modelId.replace(/1$/, '77');
  expect(JSON.parse(said.stdout)).toEqual({
    workspace: info.workspaceName,
    stores: ['AccountKey', 'AccountKey'],
    models: ['2', '1'],
    made: ['Succeeded', `https://from-js.${info.location}.inference.ml.azure.com/score`],
    blue: ['Succeeded', 'PT5S', 1],
    // The client's own way to tell of a failed operation: a plain error, without a code.
    failed: [
      'Error',
      null,
      null,
      expect.stringContaining(`ModelRegistryError. Could not find asset with ID: ${missing}`),
      null,
    ],
    live: { blue: 100 },
    scaled: 2,
    tagged: [{ a: 'b' }, { blue: 100 }],
    log: 'SystemSetup: Succeeded',
    keys: [false, true],
    noToken: 400,
    liveDeletion: [
      'RestError',
      400,
      'BadRequest',
      expect.any(String),
      expect.stringContaining('live traffic'),
    ],
    missing: [
      'RestError',
      404,
      'NotFound',
      'The specified resource was not found.',
      '{{"title":"Not Found"}}',
    ],
    badName: 400,
    listed: [['from-js'], ['blue', 'bad']],
    green: ['Succeeded', true],
    splits: [
      { blue: 90, green: 10 },
      { blue: 0, green: 100 },
    ],
    left: ['bad', 'green'],
    surrounding: [true, [], [], [], [], [], 1, true],
    gone: [],
  });
});
