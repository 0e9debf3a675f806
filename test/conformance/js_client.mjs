// The JavaScript client of Azure ML as anyone installs it: nothing but the environment that the sandbox prints
// leads it here, and none of our pipeline is in it. Prints as JSON what it saw, also of a rollout that broke off;
// test_js_client.py runs it and judges.
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { DefaultAzureCredential } from '@azure/identity';
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const { SUBSCRIPTION, GROUP, WORKSPACE, LOCATION, MODELS } = process.env;
const NAME = 'heart-js';
const client = new AzureMachineLearningWorkspaces(new DefaultAzureCredential(), SUBSCRIPTION);
const { onlineEndpoints: endpoints, onlineDeployments: deployments } = client;
const at = [GROUP, WORKSPACE];
const on = [...at, 'from-js'];
const quick = { updateIntervalInMs: 50 };
const seen = {};
const refused = async (work) => {
  try {
    await work();
    return 'done';
  } catch (error) {
    return [
      error.name,
      error.statusCode,
      error.code,
      error.message,
      error.details?.error?.details?.[0]?.message,
    ];
  }
};
const all = async (list) => {
  const names = [];
  for await (const one of list) names.push(one.name);
  return names;
};

try {
  seen.workspace = (await client.workspaces.get(...at)).name;
  const { secretsType, key } = await client.datastores.listSecrets(...at, 'workspaceblobstore');
  seen.stores = [secretsType];
  for await (const one of client.datastores.list(...at, { isDefault: true }))
    seen.stores.push(one.properties.credentials.credentialsType);
  const store = (await client.datastores.get(...at, 'workspaceblobstore')).properties;
  const container = new ContainerClient(
    `${store.protocol}://${store.accountName}.blob.${store.endpoint}/${store.containerName}`,
    new StorageSharedKeyCredential(store.accountName, key),
  );
  const register = async (version, folder) => {
    for (const file of readdirSync(join(MODELS, folder))) {
      const bytes = readFileSync(join(MODELS, folder, file));
      await container.getBlockBlobClient(`js/${folder}/${file}`).uploadData(bytes);
    }
    const modelUri = `azureml://datastores/workspaceblobstore/paths/js/${folder}`;
    const properties = { modelUri, modelType: 'mlflow_model' };
    return client.modelVersions.createOrUpdate(...at, NAME, version, { properties });
  };
  const [first, second] = [await register('1', 'v1'), await register('2', 'v2')];
  seen.models = await all(client.modelVersions.list(...at, NAME));

  const written = {
    location: LOCATION,
    identity: { type: 'SystemAssigned' },
    tags: { team: 'heart' },
    properties: { authMode: 'Key', traffic: {} },
  };
  const made = await endpoints.beginCreateOrUpdateAndWait(...on, written, quick);
  seen.made = [made.properties.provisioningState, made.properties.scoringUri];
  const spec = (model) => ({
    location: LOCATION,
    sku: { name: 'Default', capacity: 1 },
    properties: {
      endpointComputeType: 'Managed',
      instanceType: 'Standard_DS3_v2',
      model,
      properties: {},
    },
  });
  const blue = await deployments.beginCreateOrUpdateAndWait(...on, 'blue', spec(first.id), quick);
  seen.blue = [
    blue.properties.provisioningState,
    blue.properties.requestSettings.requestTimeout,
    blue.sku.capacity,
  ];
  seen.missingModel = first.id.replace(/1$/, '77');
  seen.failed = await refused(() =>
    deployments.beginCreateOrUpdateAndWait(...on, 'bad', spec(first.id.replace(/1$/, '77')), quick),
  );
  const split = async (traffic) => {
    await endpoints.beginCreateOrUpdateAndWait(
      ...on,
      { ...written, properties: { authMode: 'Key', traffic } },
      quick,
    );
    return (await endpoints.get(...on)).properties.traffic;
  };
  seen.live = await split({ blue: 100 });
  const scaled = await deployments.beginUpdateAndWait(
    ...on,
    'blue',
    { sku: { capacity: 2 } },
    quick,
  );
  seen.scaled = scaled.sku.capacity;
  const tagged = await endpoints.beginUpdateAndWait(...on, { tags: { a: 'b' } }, quick);
  seen.tagged = [tagged.tags, tagged.properties.traffic];
  seen.log = (
    await deployments.getLogs(...on, 'blue', { containerType: 'InferenceServer', tail: 20 })
  ).content.split('\n')[1];
  const keys = await endpoints.listKeys(...on);
  await endpoints.beginRegenerateKeysAndWait(...on, { keyType: 'Primary' }, quick);
  const after = await endpoints.listKeys(...on);
  seen.keys = [keys.primaryKey === after.primaryKey, keys.secondaryKey === after.secondaryKey];
  seen.noToken = (await refused(() => endpoints.getToken(...on)))[1];
  seen.liveDeletion = await refused(() => deployments.beginDeleteAndWait(...on, 'blue', quick));
  seen.missing = await refused(() => endpoints.get(...at, 'nope'));
  seen.badName = (
    await refused(() => endpoints.beginCreateOrUpdateAndWait(...at, 'bad name!', written, quick))
  )[1];
  seen.listed = [await all(endpoints.list(...at)), await all(deployments.list(...on))];
  const green = await deployments.beginCreateOrUpdateAndWait(
    ...on,
    'green',
    spec(second.id),
    quick,
  );
  seen.green = [green.properties.provisioningState, green.properties.model === second.id];
  seen.splits = [await split({ blue: 90, green: 10 }), await split({ blue: 0, green: 100 })];
  await deployments.beginDeleteAndWait(...on, 'blue', quick);
  seen.left = await all(deployments.list(...on));
  const workspaceKeys = await client.workspaces.listKeys(...at);
  seen.surrounding = [
    workspaceKeys.userStorageKey ===
      (await client.workspaces.listStorageAccountKeys(...at)).userStorageKey,
    await all(client.computeOperations.list(...at)),
    await all(client.workspaceConnections.list(...at)),
    await all(client.workspaceFeatures.list(...at)),
    await all(client.batchEndpoints.list(...at)),
    await all(client.privateEndpointConnections.list(...at)),
    (await client.privateLinkResources.list(...at)).value.length,
    (await all(client.operations.list())).length > 0,
  ];
  seen.network = await refused(() =>
    client.privateEndpointConnections.createOrUpdate(...at, 'one', {
      properties: { privateLinkServiceConnectionState: { status: 'Approved' } },
    }),
  );
  await endpoints.beginDeleteAndWait(...on, quick);
  seen.gone = await all(endpoints.list(...at));
} finally {
  console.log(JSON.stringify(seen));
}
