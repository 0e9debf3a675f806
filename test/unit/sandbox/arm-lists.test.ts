/** Filters, orders and existence checks of Resource Manager's lists, and the registry. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArmClient, deployment, endpoint, model } from '../../support/arm.js';
import { type TestSandbox, startSandbox } from '../../support/sandbox.js';

let sandbox: TestSandbox;
let arm: ArmClient;
const names = async (path: string): Promise<string[]> =>
  (await arm.get(path)).body.value.map(({ name }: { name: string }) => name);

beforeAll(async () => {
  sandbox = await startSandbox({ timeScale: 0 });
  arm = await ArmClient.connect(sandbox.info);
});

afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
});

describe('endpoints', () => {
  beforeAll(async () => {
    await arm.createEndpoint('first-one', { tags: { team: 'a', live: 'yes' } });
    await arm.createEndpoint('other-one', {
      tags: { team: 'b=c' },
      properties: { authMode: 'Key', properties: { origin: 'test' } },
    });
    const { body } = await arm.get('onlineEndpoints/first-one');
    await arm.finished(await arm.put('onlineEndpoints/first-one', body));
  });

  it.each([
    ['tags=team', ['first-one', 'other-one']],
    ['tags=team%3Da', ['first-one']],
    ['tags=team%3Da,live', ['first-one']],
    ['tags=team%3Da,nope', []],
    ['tags=team%3Db%3Dc', ['other-one']],
    ['properties=origin%3Dtest', ['other-one']],
    ['name=Other-One', ['other-one']],
    ['computeType=Kubernetes', []],
    ['orderBy=CreatedAtDesc', ['other-one', 'first-one']],
    ['orderBy=CreatedAtAsc', ['first-one', 'other-one']],
    ['orderBy=UpdatedAtDesc', ['first-one', 'other-one']],
    ['$skip=1', ['other-one']],
  ])('?%s', async (query, expected) => {
    expect(await names(`onlineEndpoints?${query}`)).toEqual(expected);
  });

  it('come page by page', async () => {
    const { body } = await arm.get('onlineEndpoints?count=1&tags=team');
    expect(body.value).toHaveLength(1);
    expect(await names(body.nextLink as string)).toEqual(['other-one']);
  });

  it('refuse an order that is none', async () => {
    expect((await arm.get('onlineEndpoints?orderBy=Sideways')).status).toBe(400);
  });

  it.each(['a--b', 'ab-', '-ab', '1ab', 'ab', 'a_b', 'a'.repeat(33)])(
    'can not be named %s',
    async (name) => {
      expect((await arm.put(`onlineEndpoints/${name}`, endpoint())).status).toBe(400);
    },
  );
});

describe('HEAD', () => {
  it('tells whether a resource is there, without a body', async () => {
    for (const path of ['', 'onlineEndpoints/first-one', 'datastores/workspaceblobstore']) {
      const { status, body } = await arm.send('HEAD', path);
      expect([path, status, body]).toEqual([path, 204, undefined]);
    }
    const { status, body } = await arm.send('HEAD', 'onlineEndpoints/nope');
    expect([status, body]).toEqual([404, undefined]);
  });
});

describe('versions of a model', () => {
  const uri = 'azureml://datastores/workspaceblobstore/paths/a';

  beforeAll(async () => {
    await arm.put('models/m/versions/1', model(uri, { tags: { q: '1' }, stage: 'Production' }));
    await arm.put('models/m/versions/2', model(uri, { properties: { p: 'x' }, description: 'd' }));
    await arm.put('models/m/versions/3', model(uri, { isArchived: true }));
  });

  it.each([
    ['', ['2', '1']],
    ['listViewType=ArchivedOnly', ['3']],
    ['listViewType=All&$orderBy=version asc', ['1', '2', '3']],
    ['tags=q%3D1', ['1']],
    ['properties=p', ['2']],
    ['description=d', ['2']],
    ['stage=Production', ['1']],
    ['stage=None', ['2']],
    ['version=1', ['1']],
    ['$orderBy=createdtime desc&$top=1', ['2']],
  ])('?%s', async (query, expected) => {
    expect(await names(`models/m/versions?${query}`)).toEqual(expected);
  });

  it('refuse an order that is none', async () => {
    expect((await arm.get('models/m/versions?$orderBy=sideways')).status).toBe(400);
  });
});

describe('models', () => {
  it('that are archived are hidden', async () => {
    await arm.put('models/hidden', { properties: { isArchived: true } });
    expect(await names('models')).toEqual(['m']);
    expect(await names('models?listViewType=ArchivedOnly')).toEqual(['hidden']);
  });
});

describe.each(['codes', 'environments', 'data'])('containers of %s', (kind) => {
  it('that are archived are hidden, and come back', async () => {
    const properties =
      kind === 'data' ? { dataType: 'uri_file', dataUri: 'azureml://datastores/d/paths/p' } : {};
    await arm.put(`${kind}/shown/versions/1`, { properties });
    await arm.put(`${kind}/kept/versions/1`, { properties });
    const seen = (await arm.get(`${kind}/kept`)).body;
    // As azure-ai-ml archives: what was read, with the mark.
    const archived = await arm.put(`${kind}/kept`, {
      properties: { ...seen.properties, tags: { a: 'b' }, isArchived: true },
    });
    expect([archived.status, archived.body.properties]).toMatchObject([
      200,
      { isArchived: true, tags: { a: 'b' }, latestVersion: '1', nextVersion: '2' },
    ]);
    expect(await names(kind)).toEqual(['shown']);
    expect(await names(`${kind}?listViewType=ArchivedOnly`)).toEqual(['kept']);
    await arm.put(`${kind}/kept`, { properties: { ...seen.properties, isArchived: false } });
    expect(await names(kind)).toEqual(['shown', 'kept']);
    const made = await arm.put(`${kind}/new`, { properties: {} });
    expect([made.status, (await arm.get(`${kind}/new`)).status]).toEqual([201, 200]);
  });
});

describe('datastores', () => {
  it('are that of the workspace and that of its jobs', async () => {
    expect(await names('datastores')).toEqual(['workspaceblobstore', 'workspaceartifactstore']);
    expect(await names('datastores?isDefault=true')).toEqual(['workspaceblobstore']);
    expect(await names('datastores?isDefault=false')).toEqual(['workspaceartifactstore']);
    expect(await names('datastores?names=workspaceartifactstore,x')).toEqual([
      'workspaceartifactstore',
    ]);
    const { body } = await arm.get('datastores/workspaceartifactstore');
    expect(body.properties).toMatchObject({ containerName: 'azureml', isDefault: false });
  });
});

describe('the registry', () => {
  const path = () => arm.workspace.replace(/\/workspaces\/[^/]+$/, '/registries/sandbox-registry');

  it('is listed; another is not found', async () => {
    const group = arm.workspace.replace(/\/workspaces\/[^/]+$/, '');
    expect(await names(`${group}/registries`)).toEqual(['sandbox-registry']);
    expect((await arm.get(path())).body.properties.discoveryUrl).toContain('/discovery');
    const other = await arm.get(`${group}/registries/other`);
    expect([other.status, other.body.error.code]).toEqual([404, 'ResourceNotFound']);
  });

  it('takes an upload, once for a version, and gives the model an address of its own', async () => {
    const version = `${path()}/models/shared/versions/1`;
    const { body } = await arm.send('POST', `${version}/startPendingUpload`, {
      body: { pendingUploadType: 'TemporaryBlobReference' },
    });
    const { blobUri, credential } = body.blobReferenceForConsumption;
    await arm.putFiles('v1', `${blobUri}/v1`, (credential.sasUri as string).split('?')[1]!);
    const created = await arm.put(version, model(`${blobUri}/v1`));
    expect([created.status, created.body.id]).toEqual([
      201,
      'azureml://registries/sandbox-registry/models/shared/versions/1',
    ]);
    expect((await arm.send('POST', `${version}/startPendingUpload`)).status).toBe(409);
    expect((await arm.get(`${path()}/models/shared`)).body.properties.nextVersion).toBe('2');
    expect(await names(`${path()}/models/unknown/versions`)).toEqual([]);
    // The workspace has no such model.
    expect((await arm.get('models/shared')).status).toBe(404);
  });

  it('is where a deployment may take its model from', async () => {
    await arm.createEndpoint('of-registry');
    const deploy = async (name: string, id: string) =>
      arm.finished(
        await arm.put(`onlineEndpoints/of-registry/deployments/${name}`, deployment(id)),
      );
    const known = await deploy(
      'blue',
      'azureml://registries/sandbox-registry/models/shared/versions/1',
    );
    expect(known.status).toBe('Succeeded');
    for (const [name, id] of [
      ['green', 'azureml://registries/other/models/shared/versions/1'],
      ['gray', 'azureml://registries/sandbox-registry/models/shared/versions/2'],
    ] as const) {
      const { status, error } = await deploy(name, id);
      expect([status, error.code, error.message]).toEqual([
        'Failed',
        'ModelRegistryError',
        `Could not find asset with ID: ${id}`,
      ]);
    }
  });
});
