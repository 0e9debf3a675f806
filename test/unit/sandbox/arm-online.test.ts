import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ArmClient, deployment, endpoint } from '../../support/arm.js';
import { type TestSandbox, startSandbox } from '../../support/sandbox.js';

const PREVIEW = '2022-02-01-preview';
let sandbox: TestSandbox;
let arm: ArmClient;
let modelId: string;

/** An endpoint with blue and green; each test that changes one gets its own. */
async function blueAndGreen(name: string): Promise<void> {
  await arm.createEndpoint(name);
  for (const one of ['blue', 'green']) {
    const answer = await arm.put(
      `onlineEndpoints/${name}/deployments/${one}`,
      deployment(modelId, { instanceType: 'Standard_F2s_v2' }),
    );
    expect((await arm.finished(answer)).status).toBe('Succeeded');
  }
}

const detail = (answer: Answer) => [answer.status, answer.body.error.details[0]?.message];
const fault = (body: unknown) => sandbox.control('POST', '/_sandbox/faults', body);

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  modelId = await arm.registerSample('heart', '1', 'v1');
});

afterEach(async () => {
  await sandbox.control('DELETE', '/_sandbox/faults');
});

afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
});

describe('an endpoint', () => {
  it('is created by an operation that is polled', async () => {
    const path = 'onlineEndpoints/heart-one';
    await fault({ match: { path: 'heart-one' }, action: { slowOperationMs: 150 } });
    const answer = await arm.put(path, endpoint({}, { tags: { a: 'b' } }), '2022-10-01');
    expect(answer.status).toBe(201);
    const operation = answer.headers['azure-asyncoperation'] ?? '';
    expect(operation).toMatch(
      /^https:\/\/management\.azure\.com\/subscriptions\/.+\/locations\/westeurope\/mfeOperationsStatus\/oeidp:[^?]+\?api-version=2022-10-01$/,
    );
    expect(answer.headers).toMatchObject({ 'x-ms-async-operation-timeout': 'PT30M' });
    expect(answer.headers['location']).toContain(`${path}?api-version=2022-10-01`);
    expect(answer.headers).not.toHaveProperty('retry-after');
    expect(answer.body).toMatchObject({
      name: 'heart-one',
      kind: 'Managed',
      tags: { a: 'b' },
      identity: { type: 'SystemAssigned', principalId: expect.any(String) as string },
      properties: {
        provisioningState: 'Creating',
        scoringUri: null,
        traffic: {},
        properties: { AzureAsyncOperationUri: operation },
      },
    });
    const running = await arm.get(operation);
    expect(running.body).toMatchObject({ status: 'Updating', percentComplete: 0 });
    expect(running.body).not.toHaveProperty('endTime');
    const done = await arm.finished(answer);
    expect(done).toMatchObject({ status: 'Succeeded', percentComplete: 100 });
    const { properties } = (await arm.get(path.toUpperCase())).body;
    expect(properties).toMatchObject({
      provisioningState: 'Succeeded',
      scoringUri: 'https://heart-one.westeurope.inference.ml.azure.com/score',
      swaggerUri: 'https://heart-one.westeurope.inference.ml.azure.com/swagger.json',
    });
    const result = await arm.get(operation.replace('mfeOperationsStatus', 'mfeOperationResults'));
    expect(result.body.name).toBe('heart-one');
  });

  it.each([
    ['x1', endpoint(), /3 to 32 characters/],
    ['ends-with-', endpoint(), /3 to 32 characters/],
    ['1-begins', endpoint(), /3 to 32 characters/],
    ['taken-in-region', endpoint(), /unique within a region/],
    ['no-identity', { ...endpoint(), identity: undefined }, /identity/],
    ['no-auth', endpoint({ authMode: 'none' }), /authMode/],
    [
      'unknown',
      endpoint({ trafic: {} }),
      /Could not find member 'trafic' .* 'OnlineEndpointProperties'/,
    ],
    ['outer', { ...endpoint(), owner: 'me' }, /Could not find member 'owner' .* 'OnlineEndpoint'/],
    ['early-traffic', endpoint({ traffic: { blue: 100 } }), /does not exist/],
  ])('is refused: %s', async (name, body, sentence) => {
    const answer = await arm.put(`onlineEndpoints/${name}`, body);
    expect(detail(answer)).toEqual([400, expect.stringMatching(sentence)]);
    expect((await arm.get(`onlineEndpoints/${name}`)).status).toBe(404);
  });

  it('needs a location, as ARM says', async () => {
    const answer = await arm.put('onlineEndpoints/nowhere', { ...endpoint(), location: undefined });
    expect([answer.status, answer.body.error.code]).toEqual([400, 'LocationRequired']);
  });

  it('that failed at first cannot be used, only deleted', async () => {
    const error = { code: 'SubscriptionNotRegistered', message: 'Resource provider [N/A] …' };
    await fault({ match: { path: 'broken' }, action: { operationError: error } });
    const answer = await arm.put('onlineEndpoints/broken', endpoint());
    expect(await arm.finished(answer)).toMatchObject({ status: 'Failed', error });
    const state = await arm.get('onlineEndpoints/broken');
    expect(state.body.properties.provisioningState).toBe('Failed');
    const broken = [400, expect.stringContaining('has not been created successfully')];
    expect(detail(await arm.put('onlineEndpoints/broken', endpoint()))).toEqual(broken);
    const green = await arm.put('onlineEndpoints/broken/deployments/green', deployment(modelId));
    expect(detail(green)).toEqual(broken);
    await arm.finished(await arm.send('DELETE', 'onlineEndpoints/broken'));
    expect((await arm.get('onlineEndpoints/broken')).status).toBe(404);
  });

  it('hands out keys or tokens, by its auth mode', async () => {
    await arm.createEndpoint('by-key');
    const post = (path: string, body?: unknown) =>
      arm.send('POST', `onlineEndpoints/${path}`, body === undefined ? {} : { body });
    const keys = (await post('by-key/listkeys')).body;
    expect((await post('by-key/token')).status).toBe(400);
    const regenerated = await post('by-key/regenerateKeys', { keyType: 'Primary' });
    expect(regenerated.status).toBe(202);
    await arm.finished(regenerated);
    const after = (await post('by-key/listKeys')).body;
    expect(after.primaryKey).not.toBe(keys.primaryKey);
    expect(after.secondaryKey).toBe(keys.secondaryKey);

    await arm.finished(
      await arm.put('onlineEndpoints/by-token', endpoint({ authMode: 'AMLToken' })),
    );
    const { body: token } = await post('by-token/token');
    expect(token.expiryTimeUtc - token.refreshAfterTimeUtc).toBe(12 * 3_600);
    expect(token.accessToken.split('.')).toHaveLength(3);
    expect((await post('by-token/listKeys')).status).toBe(400);
  });
});

describe('traffic', () => {
  const path = 'onlineEndpoints/heart-traffic';
  const write = (properties: Record<string, unknown>, version?: string) =>
    arm.put(path, endpoint(properties), version);
  const read = async () => {
    const { traffic, mirrorTraffic } = (await arm.get(path)).body.properties;
    return { traffic, mirrorTraffic };
  };
  beforeAll(() => blueAndGreen('heart-traffic'));

  it('is the old one until the operation has succeeded', async () => {
    await arm.finished(await write({ traffic: { blue: 100 } }));
    await fault({ match: { method: 'PUT' }, action: { slowOperationMs: 150 } });
    const answer = await write({ traffic: { blue: 90, green: 10 } });
    expect(answer.status).toBe(201);
    expect(answer.body.properties).toMatchObject({
      provisioningState: 'Updating',
      traffic: { blue: 100 },
    });
    expect((await read()).traffic).toEqual({ blue: 100 });
    const busy = await write({ traffic: { blue: 80, green: 20 } });
    expect([busy.status, busy.body.error.code]).toEqual([409, 'Conflict']);
    const early = await arm.put(`${path}/deployments/third`, deployment(modelId));
    expect(detail(early)).toEqual([
      409,
      'Cannot create a deployment in endpoint heart-traffic because it is in Updating provisioning state.',
    ]);
    await arm.finished(answer);
    expect((await read()).traffic).toEqual({ blue: 90, green: 10 });
  });

  it('stays when the operation fails, and can be written again', async () => {
    await arm.finished(await write({ traffic: { blue: 100 } }));
    await fault({
      // Path and query, as the README has it.
      match: { method: 'PUT', path: 'onlineEndpoints/[^/?]+\\?api-version=' },
      action: { operationError: { code: 'InternalServerError', message: 'no' } },
    });
    const answer = await write({ traffic: { green: 100 } });
    expect((await arm.finished(answer)).error.code).toBe('InternalServerError');
    expect((await read()).traffic).toEqual({ blue: 100 });
    expect((await arm.finished(await write({ traffic: { green: 100 } }))).status).toBe('Succeeded');
    expect((await read()).traffic).toEqual({ green: 100 });
  });

  it.each([
    [{ traffic: { blue: 60, green: 30 } }, /sum to 0 or 100/],
    [{ traffic: { blue: 99.5, green: 0.5 } }, /whole number/],
    [{ traffic: { blue: 150, green: -50 } }, /whole number/],
    [{ traffic: { purple: 100 } }, /does not exist/],
    [{ traffic: { blue: 100 }, mirrorTraffic: { green: 51 } }, /must not exceed 50/],
    [{ traffic: { blue: 100 }, mirrorTraffic: { blue: 10 } }, /live traffic/],
    [
      { traffic: { blue: 0, green: 0 }, mirrorTraffic: { blue: 10, green: 10 } },
      /one deployment only/,
    ],
  ])('is refused: %j', async (properties, sentence) => {
    const before = await read();
    expect(detail(await write(properties))).toEqual([400, expect.stringMatching(sentence)]);
    expect(await read()).toEqual(before);
  });

  it('may be nobody’s, and takes names without case', async () => {
    await arm.finished(await write({ traffic: { BLUE: 100 } }));
    expect((await read()).traffic).toEqual({ blue: 100 });
    await arm.finished(await write({ traffic: {} }));
    expect((await read()).traffic).toEqual({});
  });

  it('loses its mirror to a write that does not know mirrors', async () => {
    const mirrored = { traffic: { blue: 100 }, mirrorTraffic: { green: 10 } };
    await arm.finished(await write(mirrored));
    expect((await read()).mirrorTraffic).toEqual({ green: 10 });
    await arm.finished(await write(mirrored, PREVIEW));
    expect((await read()).mirrorTraffic).toEqual({ green: 10 });
    const late = await write(mirrored, '2022-10-01');
    expect(detail(late)[1]).toContain("Could not find member 'mirrorTraffic'");
    await arm.finished(await write({ traffic: { blue: 100 } }, '2022-10-01'));
    expect(await read()).toEqual({ traffic: { blue: 100 }, mirrorTraffic: {} });
  });

  it('is patched at the one api-version that can, tags at all', async () => {
    await arm.finished(await write({ traffic: { blue: 100 } }));
    const body = { tags: { x: 'y' }, properties: { traffic: { blue: 70, green: 30 } } };
    const late = await arm.send('PATCH', path, { body, apiVersion: '2023-10-01' });
    expect(late.status).toBe(202);
    await arm.finished(late);
    expect((await read()).traffic).toEqual({ blue: 100 });
    expect((await arm.get(path)).body.tags).toEqual({ x: 'y' });
    await arm.finished(await arm.send('PATCH', path, { body, apiVersion: PREVIEW }));
    expect((await read()).traffic).toEqual({ blue: 70, green: 30 });
    expect((await arm.get(path)).body.tags).toEqual({ x: 'y' });
    await arm.finished(await write({ traffic: { blue: 100 } }));
    expect((await arm.get(path)).body.tags).toEqual({});
  });

  it('can be moved by someone else', async () => {
    await sandbox.control('POST', '/_sandbox/traffic', {
      endpoint: 'heart-traffic',
      traffic: { blue: 40, green: 60 },
    });
    expect((await read()).traffic).toEqual({ blue: 40, green: 60 });
  });

  it('keeps a deployment from being deleted', async () => {
    await arm.finished(await write({ traffic: { blue: 100 }, mirrorTraffic: { green: 5 } }));
    for (const name of ['blue', 'green']) {
      const refused = await arm.send('DELETE', `${path}/deployments/${name}`);
      expect(detail(refused)).toEqual([400, expect.stringContaining('cannot be deleted')]);
    }
    await arm.finished(await write({ traffic: { green: 100 } }));
    const deleted = await arm.send('DELETE', `${path}/deployments/blue`);
    expect([deleted.status, deleted.body]).toEqual([202, null]);
    expect(deleted.headers['location']).toContain('/mfeOperationResults/odidp:');
    await arm.finished(deleted);
    expect((await arm.get(deleted.headers['location'] ?? '')).status).toBe(204);
    expect((await arm.send('DELETE', `${path}/deployments/blue`)).status).toBe(204);
    expect((await arm.get(`${path}/deployments/blue`)).status).toBe(404);
    await arm.finished(await arm.send('DELETE', path));
    expect((await arm.send('DELETE', path)).status).toBe(204);
  });
});

describe('a deployment', () => {
  const path = 'onlineEndpoints/heart-deploy/deployments';
  beforeAll(async () => {
    await arm.createEndpoint('heart-deploy');
  });

  it('starts its model and comes back with defaults', async () => {
    const answer = await arm.put(`${path}/one`, deployment(modelId, {}, { tags: { a: 'b' } }));
    expect(answer.status).toBe(201);
    expect(answer.headers['azure-asyncoperation']).toContain('/odidp:');
    expect(answer.body.properties).toMatchObject({
      scaleSettings: { scaleType: 'Default' },
      requestSettings: { requestTimeout: 'PT0S' },
      livenessProbe: null,
      readinessProbe: null,
    });
    expect((await arm.finished(answer)).status).toBe('Succeeded');
    const { body } = await arm.get(`${path}/one`);
    expect(body).toMatchObject({
      tags: { a: 'b' },
      sku: { name: 'Default', tier: 'Standard', capacity: 1 },
      properties: {
        provisioningState: 'Succeeded',
        model: modelId,
        codeConfiguration: null,
        environmentId: null,
        scaleSettings: { scaleType: 'Default' },
        requestSettings: {
          requestTimeout: 'PT5S',
          maxConcurrentRequestsPerInstance: 1,
          maxQueueWait: 'PT0S',
        },
        livenessProbe: { initialDelay: 'PT10S', failureThreshold: 30 },
        egressPublicNetworkAccess: 'Enabled',
      },
    });
    const logs = await arm.send('POST', `${path}/one/getLogs`, { body: { tail: 100 } });
    expect(logs.body.content).toContain('UserContainerStart: Succeeded');
    const skus = await arm.get(`${path}/one/skus`);
    expect(skus.body.value[0]).toMatchObject({
      sku: { name: 'Default' },
      capacity: { minimum: 1, maximum: 50 },
    });
    const endpointNow = await arm.get('onlineEndpoints/heart-deploy');
    expect(endpointNow.body.properties.traffic).toEqual({});
  });

  it('is answered without members newer than the api-version', async () => {
    const body = deployment(modelId, {
      instanceType: 'Standard_F2s_v2',
      dataCollector: { collections: {} },
    });
    await arm.finished(await arm.put(`${path}/collects`, body, '2024-04-01'));
    const at = async (version: string) =>
      Object.keys((await arm.get(`${path}/collects`, version)).body.properties as object);
    expect(await at('2024-04-01')).toContain('dataCollector');
    expect(await at('2023-10-01')).not.toContain('dataCollector');
    expect(await at('2024-04-01')).not.toContain('startupProbe');
    expect(await at('2025-12-01')).toContain('startupProbe');
    const connected = { instanceType: 'Standard_F2s_v2', privateNetworkConnection: false };
    const preview = '2022-02-01-preview';
    expect(
      detail(await arm.put(`${path}/connects`, deployment(modelId, connected), '2023-04-01')),
    ).toEqual([
      400,
      expect.stringContaining("Could not find member 'privateNetworkConnection' on object of type"),
    ]);
    await arm.finished(await arm.put(`${path}/collects`, deployment(modelId, connected), preview));
    expect(await at(preview)).toContain('privateNetworkConnection');
    expect(await at('2025-12-01')).not.toContain('privateNetworkConnection');
    const renamed = await arm.send('PATCH', `${path}/collects`, { body: { sku: {}, label: 'x' } });
    expect(detail(renamed)).toEqual([
      400,
      expect.stringContaining("Could not find member 'label'"),
    ]);
    await arm.finished(await arm.send('DELETE', `${path}/collects`));
  });

  it('is scaled by PATCH, which keeps its tags, and by PUT, which replaces them', async () => {
    const scaled = await arm.send('PATCH', `${path}/one`, { body: { sku: { capacity: 2 } } });
    expect(scaled.status).toBe(202);
    expect((await arm.finished(scaled)).status).toBe('Succeeded');
    let { body } = await arm.get(`${path}/one`);
    expect([body.sku.capacity, body.tags]).toEqual([2, { a: 'b' }]);
    await arm.finished(await arm.put(`${path}/one`, deployment(modelId)));
    body = (await arm.get(`${path}/one`)).body;
    expect([body.sku.capacity, body.tags]).toEqual([1, {}]);
    const usages = await arm.get(`${arm.location}/usages`);
    expect(usages.body.value).toContainEqual(
      expect.objectContaining({
        currentValue: 8,
        name: expect.objectContaining({ value: 'standardDSv2Family' }) as unknown,
      }),
    );
  });

  it('whose first start fails holds its quota and cannot be repaired', async () => {
    const missing = `${modelId.replace(/\/[^/]+$/, '')}/99`;
    const answer = await arm.put(
      `${path}/lost`,
      deployment(missing, { instanceType: 'Standard_E4s_v3' }),
    );
    const status = await arm.finished(answer);
    expect(status).toMatchObject({
      status: 'Failed',
      error: { code: 'ModelRegistryError', details: [], additionalInfo: [] },
    });
    expect((await arm.get(`${path}/lost`)).body.properties.provisioningState).toBe('Failed');
    const unrecoverable = [400, expect.stringContaining('is in an unrecoverable state')];
    const again = await arm.put(`${path}/lost`, deployment(modelId));
    expect(detail(again)).toEqual(unrecoverable);
    const served = await arm.put(
      'onlineEndpoints/heart-deploy',
      endpoint({ traffic: { lost: 100 } }),
    );
    expect(detail(served)).toEqual(unrecoverable);
    const family = async () => {
      const { body } = await arm.get(`${arm.location}/usages`);
      return body.value.find(
        ({ name }: { name: { value: string } }) => name.value === 'standardESv3Family',
      ).currentValue as number;
    };
    expect(await family()).toBe(8);
    await arm.finished(await arm.send('DELETE', `${path}/lost`));
    expect(await family()).toBe(0);
  });

  it('that crashes says so in its operation and its log', async () => {
    await fault({ match: { deployment: 'crash' }, action: { crash: 'Segmentation fault' } });
    const answer = await arm.put(
      `${path}/crash`,
      deployment(modelId, { instanceType: 'Standard_E2s_v3' }),
    );
    const status = await arm.finished(answer);
    expect(status.error.message).toContain('User container has crashed or terminated');
    const logs = await arm.send('POST', `${path}/crash/getLogs`, { body: {} });
    expect(logs.body.content).toContain('Segmentation fault');
    await arm.finished(await arm.send('DELETE', `${path}/crash`));
  });

  it('is refused for want of quota, in JSON inside a string', async () => {
    const huge = deployment(
      modelId,
      { instanceType: 'Standard_DS5_v2' },
      { sku: { name: 'Default', capacity: 2 } },
    );
    const answer = await arm.put(`${path}/huge`, huge);
    expect(answer.status).toBe(400);
    const [first] = answer.body.error.details;
    expect(first.code).toBe('InferencingClientCreateDeploymentFailed');
    const inner = JSON.parse(first.message.slice(first.message.indexOf('{')));
    expect(inner.errors.VmSize[0]).toMatch(
      /^Not enough quota available for Standard_DS5_v2 in SubscriptionId .+\. Current usage\/limit: 8\/40\. Additional needed: 48 /,
    );
    expect((await arm.get(`${path}/huge`)).status).toBe(404);
    await fault({ match: { deployment: 'small' }, action: { quota: true } });
    const forced = await arm.put(`${path}/small`, deployment(modelId));
    expect(forced.body.error.details[0].message).toContain('Not enough quota');
  });

  it.each([
    ['bad_name', deployment('m'), /3 to 32 characters/],
    ['kubernetes', deployment('m', { endpointComputeType: 'Kubernetes' }), /Managed/],
    ['clusters', deployment('m', { instanceType: 'Standard_DS12_v2' }), /not supported/],
    [
      'newer',
      deployment('m', { dataCollector: { collections: {} } }),
      /Could not find member 'dataCollector' on object of type 'ManagedOnlineDeployment'/,
    ],
    [
      'unknown',
      deployment('m', { instance_type: 'x' }),
      /Could not find member 'instance_type' on object of type 'ManagedOnlineDeployment'. Path 'properties.instance_type'/,
    ],
    [
      'deep',
      deployment('m', { livenessProbe: { path: '/' } }),
      /Could not find member 'path' .* Path 'properties.livenessProbe.path'/,
    ],
    [
      'outer',
      { ...deployment('m'), scale: 2 },
      /Could not find member 'scale' .*'OnlineDeployment'/,
    ],
    ['odd-size', deployment('m', { instanceType: 'Standard_X1' }), /not supported/],
    ['zero', deployment('m', {}, { sku: { capacity: 0 } }), /from 1 to 50/],
    ['many', deployment('m', {}, { sku: { capacity: 51 } }), /from 1 to 50/],
    ['no-model', deployment('m', { model: null }), /needs a model/],
    ['slow', deployment('m', { requestSettings: { requestTimeout: 'PT181S' } }), /180 seconds/],
    ['millis', deployment('m', { requestSettings: { requestTimeout: 5000 } }), /ISO 8601/],
    ['auto', deployment('m', { scaleSettings: { scaleType: 'TargetUtilization' } }), /Default/],
  ])('is refused: %s', async (name, body, sentence) => {
    const answer = await arm.put(`${path}/${name}`, body);
    expect(detail(answer)).toEqual([400, expect.stringMatching(sentence)]);
  });

  it('of an unknown endpoint is not found', async () => {
    const answer = await arm.put('onlineEndpoints/nope/deployments/blue', deployment('m'));
    expect(answer.status).toBe(404);
  });
});
