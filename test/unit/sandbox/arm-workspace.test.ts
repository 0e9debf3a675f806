import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ArmClient, model } from '../../support/arm.js';
import { type TestSandbox, startSandbox } from '../../support/sandbox.js';

let sandbox: TestSandbox;
let arm: ArmClient;

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
});

afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
});

describe('the envelope of ARM', () => {
  it('refuses a call without a token, with a broken one, and for another audience', async () => {
    const missing = await arm.send('GET', '', { token: null });
    expect(missing.status).toBe(401);
    expect(missing.body.error.code).toBe('AuthenticationFailed');
    expect(missing.headers['www-authenticate']).toContain('authorization_uri=');
    const broken = await arm.send('GET', '', { token: 'a.b.c' });
    expect(broken.body.error.code).toBe('InvalidAuthenticationToken');
  });

  it('says without a token which clouds there are, as a list', async () => {
    const { status, body } = await arm.send('GET', '/metadata/endpoints', {
      token: null,
      apiVersion: '2019-05-01',
    });
    expect(status).toBe(200);
    expect(body.map((cloud: { name: string }) => cloud.name)).toEqual([
      'AzureCloud',
      'AzureChinaCloud',
      'AzureUSGovernment',
    ]);
    expect(body[0]).toMatchObject({
      resourceManager: 'https://management.azure.com/',
      authentication: { loginEndpoint: 'https://login.microsoftonline.com/' },
      suffixes: { storage: 'core.windows.net' },
    });
  });

  it('wants an api-version, and takes any', async () => {
    const missing = await arm.send('GET', '', { apiVersion: null });
    expect([missing.status, missing.body.error.code]).toEqual([400, 'MissingApiVersionParameter']);
    for (const version of ['2020-01-01', '2022-02-01-preview', '2031-12-31'])
      expect((await arm.get('', version)).status).toBe(200);
  });

  it('says which scope is unknown', async () => {
    const { subscriptionId, resourceGroup } = sandbox.info;
    const code = async (path: string) => {
      const { status, body } = await arm.get(path);
      return [status, body.error.code, Object.keys(body.error)];
    };
    const plain = ['code', 'message'];
    expect(await code('/subscriptions/nope')).toEqual([404, 'SubscriptionNotFound', plain]);
    expect(await code(`/subscriptions/${subscriptionId}/resourceGroups/nope`)).toEqual([
      404,
      'ResourceGroupNotFound',
      plain,
    ]);
    expect(await code(arm.workspace.replace(/[^/]+$/, 'nope'))).toEqual([
      404,
      'ResourceNotFound',
      plain,
    ]);
    expect((await arm.get(arm.workspace.toUpperCase())).body.properties.friendlyName).toBe(
      sandbox.info.workspaceName,
    );
    expect((await arm.get(`/subscriptions/${subscriptionId}/resourcegroups`)).body.value).toEqual([
      expect.objectContaining({ name: resourceGroup }),
    ]);
  });

  it('sends the headers of the front end', async () => {
    const { headers } = await arm.get('');
    expect(headers).toMatchObject({
      'cache-control': 'no-cache',
      expires: '-1',
      'x-ms-response-type': 'standard',
      'content-type': 'application/json; charset=utf-8',
    });
    expect(headers['x-ms-correlation-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(headers['x-ms-ratelimit-remaining-subscription-reads'])).toBeGreaterThan(0);
    expect((await arm.get('models/nope')).headers['x-ms-response-type']).toBe('error');
  });

  it('sends the envelope of the front end for its own resources', async () => {
    const { status, body } = await arm.get('models/nope');
    expect(status).toBe(404);
    expect(body.error).toMatchObject({
      code: 'UserError',
      message: 'The specified resource was not found.',
      details: [
        {
          code: 'ModelNotFound',
          message: 'Model container with name: nope not found.',
          details: [],
          additionalInfo: [],
        },
      ],
    });
    const types = body.error.additionalInfo.map(({ type }: { type: string }) => type);
    expect(types).toEqual(['ComponentName', 'Correlation', 'Environment', 'Location', 'Time']);
    expect((await arm.get('onlineEndpoints/nope')).body.error.details[0]).toMatchObject({
      code: 'InferencingClientCallFailed',
      message: '{{"title":"Not Found"}}',
    });
  });

  it('compares fixed segments without case and keeps parameters as written', async () => {
    await arm.put('models/My.Thing/versions/1', model('azureml://datastores/x/paths/a'));
    const { body } = await arm.get('MODELS/My%2EThing/Versions//1/');
    expect(body.id).toMatch(/\/models\/My\.Thing\/versions\/1$/);
  });

  it('tells an unknown path from a wrong method, and survives bad escapes', async () => {
    const code = async (method: string, path: string) => {
      const { status, body } = await arm.send(method, path);
      return [status, body.error.code];
    };
    expect(await code('PUT', 'datastores/workspaceblobstore')).toEqual([405, 'MethodNotAllowed']);
    expect(await code('PATCH', 'Datastores//any/')).toEqual([405, 'MethodNotAllowed']);
    expect(await code('GET', 'nothings')).toEqual([404, 'InvalidResourceType']);
    expect(await code('GET', 'models/%E0%A4')).toEqual([404, 'InvalidResourceType']);
  });

  it('refuses a body that is not JSON', async () => {
    // A string body arrives as a JSON text, which is no object.
    expect((await arm.put('models/m/versions/1', 'text')).status).toBe(400);
  });
});

describe('the default datastore', () => {
  it('is found by its filter and gives its key', async () => {
    const list = await arm.get('datastores?count=30&isDefault=true&orderByAsc=false');
    expect(list.body.value).toHaveLength(1);
    expect(list.body.value[0].properties).toMatchObject({
      isDefault: true,
      datastoreType: 'AzureBlob',
      credentials: { credentialsType: 'AccountKey' },
    });
    const secrets = await arm.send('POST', 'datastores/workspaceblobstore/listsecrets');
    expect(secrets.body).toEqual({ secretsType: 'AccountKey', key: expect.any(String) as string });
    expect((await arm.get('datastores/nope')).status).toBe(404);
  });
});

describe('models', () => {
  const uri = (path: string) =>
    `azureml://subscriptions/s/resourcegroups/r/workspaces/w/datastores/workspaceblobstore/paths/${path}`;

  it('are numbered by the caller, listed newest first, and keep their path', async () => {
    const first = await arm.put(
      'models/alpha/versions/1',
      model(uri('a'), { tags: { k: 'v' }, description: 'one' }),
    );
    expect(first.status).toBe(201);
    expect(first.headers['location']).toContain('/models/alpha/versions/1?api-version=2023-04-01');
    expect(first.body).toMatchObject({
      name: '1',
      type: 'Microsoft.MachineLearningServices/workspaces/models/versions',
      properties: {
        modelUri: uri('a').replace('resourcegroups', 'resourceGroups'),
        modelType: 'mlflow_model',
        tags: { k: 'v' },
        flavors: {},
        jobName: null,
      },
    });
    expect((await arm.put('models/alpha/versions/2', model(uri('b')))).status).toBe(201);
    expect((await arm.put('models/alpha/versions/10', model(uri('b')))).status).toBe(201);
    expect((await arm.get('models/ALPHA')).body.properties).toMatchObject({
      latestVersion: '10',
      nextVersion: '11',
    });
    const versions = (body: Answer['body']) =>
      body.value.map(({ name }: { name: string }) => name) as string[];
    const newest = await arm.get('models/alpha/versions?$orderBy=createdtime desc&$top=1');
    expect(versions(newest.body)).toEqual(['10']);
    expect(versions((await arm.get('models/alpha/versions')).body)).toEqual(['10', '2', '1']);

    const again = await arm.put('models/alpha/versions/1', model(uri('a'), { description: 'uno' }));
    expect([again.status, again.body.properties.description]).toEqual([200, 'uno']);
    const moved = await arm.put('models/alpha/versions/1', model(uri('c')));
    expect([moved.status, moved.body.error.message]).toEqual([
      400,
      'Asset paths cannot be updated.',
    ]);

    await arm.put('models/alpha/versions/2', model(uri('b'), { isArchived: true }));
    expect(versions((await arm.get('models/alpha/versions')).body)).toEqual(['10', '1']);
    const archived = await arm.get('models/alpha/versions?listViewType=ArchivedOnly');
    expect(versions(archived.body)).toEqual(['2']);

    expect((await arm.send('DELETE', 'models/alpha/versions/10')).status).toBe(200);
    expect((await arm.send('DELETE', 'models/alpha/versions/10')).status).toBe(204);
    expect((await arm.get('models/alpha/versions/10')).status).toBe(404);
  });

  it('come in pages that follow nextLink', async () => {
    for (let index = 1; index <= 5; index += 1)
      await arm.put(`models/beta-${index}/versions/1`, model(uri('p')));
    const names: string[] = [];
    let url: string | undefined = 'models?count=2';
    let pages = 0;
    while (url !== undefined) {
      const { body }: Answer = await arm.get(url);
      names.push(...body.value.map(({ name }: { name: string }) => name));
      url = body.nextLink as string | undefined;
      pages += 1;
    }
    expect(names.filter((name) => name.startsWith('beta-'))).toHaveLength(5);
    expect(new Set(names).size).toBe(names.length);
    expect(pages).toBe(Math.ceil(names.length / 2));
  });

  it('take no name from the prototype of objects', async () => {
    expect((await arm.get('models/constructor')).status).toBe(404);
    expect((await arm.put('models/constructor/versions/toString', model(uri('p')))).status).toBe(
      201,
    );
  });

  it('give a folder to upload to', async () => {
    const { body } = await arm.send('POST', 'models/new/versions/1/startPendingUpload', {
      body: { pendingUploadId: null, pendingUploadType: 'TemporaryBlobReference' },
    });
    expect(body.blobReferenceForConsumption.credential.sasUri).toMatch(
      /^https:\/\/.+\.blob\.core\.windows\.net\/.+\?.*sig=/,
    );
  });
});

describe('codes and environments', () => {
  it.each([
    ['codes', { codeUri: 'https://x', unknownLater: { a: 1 } }],
    ['environments', { image: 'x', condaFile: 'channels: []\n', isAnonymous: true }],
  ])('%s are kept and given back', async (kind, properties) => {
    const path = `${kind}/Mine/versions/1`;
    const body = { properties };
    expect((await arm.get(path)).status).toBe(404);
    expect((await arm.put(path, body)).status).toBe(201);
    expect((await arm.put(path, body)).status).toBe(200);
    expect((await arm.get(path.toLowerCase())).body.properties).toMatchObject(body.properties);
    expect((await arm.get(`${kind}/Mine`)).body.properties.nextVersion).toBe('2');
    expect((await arm.get(`${kind}/Mine/versions`)).body.value).toHaveLength(1);
  });
});

describe('data assets', () => {
  it('are kept under their version, whose path never changes', async () => {
    const path = 'data/Rows/versions/1';
    const data = (dataUri: string, dataType = 'uri_file') => ({
      properties: { dataType, dataUri, isAnonymous: false },
    });
    const uri = 'azureml://datastores/workspaceblobstore/paths/rows/heart.csv';
    expect((await arm.get('data/Rows')).status).toBe(404);
    expect((await arm.put(path, data(uri, 'table'))).status).toBe(400);
    const put = await arm.put(path, data(uri));
    expect(put.status).toBe(201);
    expect(put.body.properties.dataUri).toMatch(
      /^azureml:\/\/subscriptions\/.+\/datastores\/workspaceblobstore\/paths\/rows\/heart\.csv$/,
    );
    expect((await arm.put(path, data(put.body.properties.dataUri as string))).status).toBe(200);
    expect((await arm.put(path, data(`${uri}.gz`))).status).toBe(400);
    expect((await arm.get('data/rows')).body.properties).toMatchObject({
      dataType: 'uri_file',
      latestVersion: '1',
      nextVersion: '2',
    });
  });
});

describe('the subscription', () => {
  it('has sizes, usages, providers and permissions', async () => {
    const sizes = await arm.get(`${arm.location}/vmSizes`);
    expect(sizes.body.value).toContainEqual(
      expect.objectContaining({
        name: 'Standard_DS3_v2',
        family: 'standardDSv2Family',
        vCPUs: 4,
        memoryGB: 14,
      }),
    );
    const forEndpoints = (wanted: string) =>
      sizes.body.value
        .find(({ name }: { name: string }) => name === wanted)
        .supportedComputeTypes.includes('MIR') as boolean;
    expect(forEndpoints('Standard_DS3_v2')).toBe(true);
    expect(forEndpoints('Standard_DS12_v2')).toBe(false);
    const usages = await arm.get(`${arm.location}/usages`);
    expect(usages.body.value).toContainEqual(
      expect.objectContaining({
        currentValue: 0,
        limit: 40,
        name: expect.objectContaining({ value: 'standardDSv2Family' }) as unknown,
      }),
    );
    const { subscriptionId } = sandbox.info;
    for (const name of ['Microsoft.MachineLearningServices', 'Microsoft.PolicyInsights']) {
      const provider = await arm.get(`/subscriptions/${subscriptionId}/providers/${name}`);
      expect(provider.body.registrationState).toBe('Registered');
    }
    const allowed = await arm.get('providers/Microsoft.Authorization/permissions', '2022-04-01');
    expect(allowed.body.value[0].actions).toEqual(['*']);
  });
});

describe('Azure Monitor', () => {
  it.each(['metricAlerts', 'scheduledQueryRules', 'diagnosticSettings'])(
    'keeps %s, and gives them back',
    async (kind) => {
      const scope =
        kind === 'diagnosticSettings' ? arm.workspace : arm.workspace.split('/providers/')[0]!;
      const list = `${scope}/providers/Microsoft.Insights/${kind}`;
      const body = {
        location: 'westeurope',
        properties: { targetResourceUri: '/some/deployment' },
      };
      const put = await arm.put(`${list}/mine`, body);
      expect([put.status, put.body]).toEqual([
        201,
        { ...body, id: `${list}/mine`, name: 'mine', type: `Microsoft.Insights/${kind}` },
      ]);
      expect((await arm.get(list.toLowerCase())).body.value).toEqual([put.body]);
      expect((await arm.get(`${list}/MINE`)).body).toEqual(put.body);
      if (kind !== 'diagnosticSettings') {
        const ofSubscription = list.replace(/\/resourceGroups\/[^/]+/, '');
        expect((await arm.get(ofSubscription)).body.value).toEqual([put.body]);
      }
      expect((await arm.put(`${list}/mine`, body)).status).toBe(200);
      expect((await arm.send('DELETE', `${list}/mine`)).status).toBe(200);
      expect((await arm.send('DELETE', `${list}/mine`)).status).toBe(204);
      expect((await arm.get(`${list}/mine`)).status).toBe(404);
      expect((await arm.get(list)).body.value).toEqual([]);
    },
  );
});

describe('faults', () => {
  it('throttle, break and drop, as often as asked', async () => {
    const fault = (action: unknown) =>
      sandbox.control('POST', '/_sandbox/faults', { match: { path: '/models' }, action });
    await fault({ status: 429, headers: { 'Retry-After': '3' } });
    const throttled = await arm.get('models');
    expect([throttled.status, throttled.headers['retry-after']]).toEqual([429, '3']);
    expect(throttled.body.error.code).toBe('SubscriptionRequestsThrottled');
    await fault({ status: 500 });
    expect((await arm.get('')).status).toBe(200);
    expect((await arm.get('models')).body.error.code).toBe('ServiceError');
    await fault({ drop: true });
    await expect(arm.get('models')).rejects.toThrow();
    await fault({ status: 503 });
    expect((await sandbox.control('DELETE', '/_sandbox/faults')).status).toBe(200);
    expect((await arm.get('models')).status).toBe(200);
    const wrong = await sandbox.control('POST', '/_sandbox/faults', { action: { boom: 1 } });
    expect(wrong.status).toBe(400);
  });

  it('come with a view of the state that holds no secret', async () => {
    const secrets = await arm.send('POST', 'datastores/workspaceblobstore/listSecrets');
    const { body } = await sandbox.control('GET', '/_sandbox/state');
    expect(JSON.stringify(body)).not.toContain(secrets.body.key);
    expect(JSON.stringify(body)).toContain(sandbox.info.subscriptionId);
  });
});
