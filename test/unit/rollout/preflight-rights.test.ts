/** Rights of the endpoint's identity, autoscale that is to be copied, and the region's limits: before the first write. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { EndpointCreate, Workspace } from '../../../src/azure/types.js';
import type { Plan } from '../../../src/rollout/plan.js';
import { limitFinding } from '../../../src/rollout/preflight/limits.js';
import { preflight } from '../../../src/rollout/preflight/plan.js';
import { RolloutEngine } from '../../../src/rollout/engine.js';
import type { RecordedRequest } from '../../../src/sandbox/recording.js';
import { ArmClient, deployment, endpoint } from '../../support/arm.js';
import { autoscaleBody, autoscalePath } from '../../support/autoscale.js';
import { connectionTo } from '../../support/connection.js';
import { serveBlue } from '../../support/live-endpoint.js';
import { SAMPLES } from '../../support/sample-plan.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const READ_SECRETS = 'Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action';
const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const WRITE_AUTOSCALE = 'Microsoft.Insights/autoscaleSettings/write';
const INJECTS = { enforce_access_to_default_secret_stores: 'enabled' };

let sandbox: TestSandbox;
let arm: ArmClient;
let workspace: Workspace;
let identity: string;
const deny = (...deniedActions: string[]) =>
  sandbox.control('POST', '/_sandbox/conditions', { deniedActions });

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  workspace = await connect(connectionTo(sandbox));
  await serveBlue(arm, 'served');
  const group = arm.workspace.split('/providers/')[0]!;
  identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/heart-id`;
});
afterEach(() => sandbox.control('DELETE', '/_sandbox/conditions'));
afterAll(async () => {
  await workspace?.close();
  await arm?.close();
  await sandbox?.stop();
});

const nameOf = (id: string): string => id.split('/').at(-1) ?? '';
/** What the workspace lies on. */
async function places() {
  const { containerRegistryId: registry = '', storageAccountId: storage = '' } =
    await workspace.info();
  return { registry, storage, group: arm.workspace.split('/providers/')[0] ?? '' };
}

/** Green on an endpoint that serves, or on a new one with these settings. */
const planFor = (name: string, settings?: Partial<EndpointCreate>): Plan => ({
  endpoint: {
    name,
    auth: 'key',
    ...(settings && {
      settings: { identity: { type: 'system_assigned' }, tags: {}, ...settings },
    }),
  },
  green: { name: 'green', model: { name: 'heart-classifier', version: '1' } },
  evidence: { csv: `${SAMPLES}/heart.csv`, rows: 10, seed: 1, target: 'target' },
  weights: [100],
  retire: 'keep',
});
const found = async (plan: Plan, what: string) =>
  (await preflight(plan, workspace, SAMPLES))
    .filter((finding) => finding.what === what)
    .map(({ state, detail }) => `${state}: ${detail}`);
const engineFor = (name: string) =>
  new RolloutEngine({
    workspace,
    journal: { entries: [], append: (event) => ({ ...event, at: '', seq: 1 }) },
    endpoint: name,
  });

/** As `az role assignment create` does it. */
async function assign(role: string, on: string, principalId?: string): Promise<string> {
  const { body: owner } = await arm.send('GET', identity, { apiVersion: '2023-01-31' });
  const { body: definitions } = await arm.send(
    'GET',
    `${arm.workspace.split('/resourceGroups/')[0]}/providers/Microsoft.Authorization/roleDefinitions?$filter=${encodeURIComponent(`roleName eq '${role}'`)}`,
    { apiVersion: '2022-04-01' },
  );
  const id = `${on}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  const made = await arm.send('PUT', id, {
    apiVersion: '2022-04-01',
    body: {
      properties: {
        roleDefinitionId: definitions.value[0].id,
        principalId: principalId ?? owner.properties.principalId,
        principalType: 'ServicePrincipal',
      },
    },
  });
  expect(made.status).toBe(201);
  return id;
}

describe("an endpoint's user-assigned identity", () => {
  const assigned = () => ({
    identity: { type: 'user_assigned' as const, userAssignedIds: [identity] },
  });
  const creating = () =>
    engineFor('assigned').run({
      kind: 'createEndpoint',
      endpoint: 'assigned',
      authMode: 'key',
      tags: {},
      ...assigned(),
    });

  const withRoles = async (...roles: [string, string][]): Promise<string[]> => {
    const ids = [];
    for (const [role, on] of roles) ids.push(await assign(role, on));
    try {
      return await found(planFor('assigned', assigned()), 'identity');
    } finally {
      for (const id of ids) await arm.send('DELETE', id, { apiVersion: '2022-04-01' });
    }
  };
  const MAY_ASSIGN = 'ok: heart-id: this sign-in may assign it';
  const REGISTRY = 'AcrPull on the container registry';
  const MODELS = 'Storage Blob Data Reader on the storage account';

  it('gets no role from Azure, and what it lacks is said', async () => {
    const { registry, storage, group } = await places();
    const lacks = (what: string) =>
      `fail: heart-id lacks ${what}. Azure gives such an identity no role, and its deployments fail without.`;
    const both = `${REGISTRY} ${nameOf(registry)} and ${MODELS} ${nameOf(storage)}`;
    expect(await withRoles()).toEqual([MAY_ASSIGN, lacks(both)]);
    expect(await withRoles(['AcrPull', registry])).toEqual([
      MAY_ASSIGN,
      lacks(`${MODELS} ${nameOf(storage)}`),
    ]);
    // Rights on what is in the account are no rights on the account, and the other way round.
    expect(await withRoles(['AcrPull', registry], ['Contributor', storage])).toEqual([
      MAY_ASSIGN,
      lacks(`${MODELS} ${nameOf(storage)}`),
    ]);
    const all = `ok: heart-id has ${both}`;
    expect(await withRoles(['AcrPull', registry], ['Storage Blob Data Reader', storage])).toEqual([
      MAY_ASSIGN,
      all,
    ]);
    // Of another role that allows as much, higher up, or of one container.
    expect(
      await withRoles(
        ['Contributor', group],
        ['Storage Blob Data Contributor', `${storage}/blobServices/default/containers/models`],
      ),
    ).toEqual([MAY_ASSIGN, all]);
  });

  it('of several, one that has the roles is enough', async () => {
    const { registry, storage } = await places();
    const both = [identity, identity.replace('heart-id', 'other-id')];
    const two = { identity: { type: 'user_assigned' as const, userAssignedIds: both } };
    const states = async () =>
      (await found(planFor('assigned', two), 'identity')).map((each) =>
        each.split(' ', 2).join(' '),
      );
    const assignable = ['ok: heart-id:', 'ok: other-id:'];
    expect(await states()).toEqual([...assignable, 'fail: heart-id', 'fail: other-id']);
    const ids = [
      await assign('AcrPull', registry),
      await assign('Storage Blob Data Reader', storage),
    ];
    expect(await states()).toEqual([...assignable, 'ok: heart-id', 'warn: other-id']);
    for (const id of ids) await arm.send('DELETE', id, { apiVersion: '2022-04-01' });
  });

  it('downloads no model without it, as the sandbox says too', async () => {
    const { storage } = await places();
    const body = endpoint(
      {},
      { identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } } },
    );
    await arm.finished(await arm.put('onlineEndpoints/reads', body));
    const blue = deployment(`${arm.workspace}/models/heart-classifier/versions/1`);
    const deploy = async (name: string) =>
      arm.finished(await arm.put(`onlineEndpoints/reads/deployments/${name}`, blue));
    expect((await deploy('blue')).error.message).toContain('Failed to download the model');
    const { body: log } = await arm.send('POST', 'onlineEndpoints/reads/deployments/blue/getLogs', {
      body: { containerType: 'StorageInitializer' },
    });
    expect(log.content).toContain('AuthorizationPermissionMismatch');
    const role = await assign('Storage Blob Data Reader', storage);
    expect((await deploy('green')).status).toBe('Succeeded');
    await arm.send('DELETE', role, { apiVersion: '2022-04-01' });
    await workspace.wait((await workspace.deleteEndpoint('reads'))!);
  });

  it.each([
    'Microsoft.Authorization/roleAssignments/read',
    'Microsoft.Authorization/roleDefinitions/read',
    'Microsoft.ManagedIdentity/userAssignedIdentities/read',
  ])('is said not to be checked where the caller may not %s', async (action) => {
    const own = await assign('AcrPull', (await places()).registry);
    await deny(action);
    const [, roles = ''] = await found(planFor('assigned', assigned()), 'identity');
    expect(roles).toMatch(
      /^warn: The roles of heart-id can't be read \(.*\): it needs AcrPull on the container registry \S+ and Storage Blob Data Reader on the storage account \S+\.$/,
    );
    await arm.send('DELETE', own, { apiVersion: '2022-04-01' });
  });

  it('has to be one that the caller may assign, and nothing is sent where it is not', async () => {
    await deny(ASSIGN);
    const [finding = ''] = await found(planFor('assigned', assigned()), 'identity');
    expect(finding).toMatch(/^fail: heart-id: this sign-in cannot .*assign\/action\.$/);
    const body = endpoint(
      {},
      { identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } } },
    );
    const refused = await arm.put('onlineEndpoints/assigned', body);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'LinkedAuthorizationFailed']);
    await expect(creating()).rejects.toThrow(/assign\/action.*Nothing was sent/);
  });

  it('has to have its roles, and nothing is sent where it has none', async () => {
    await expect(creating()).rejects.toThrow(
      /lacks AcrPull .* and Storage Blob Data Reader .*Nothing was sent/,
    );
  });
});

describe('secret injection', () => {
  it('asks the same right of whoever creates the endpoint', async () => {
    const plan = planFor('injecting', { properties: INJECTS });
    expect((await found(plan, 'identity'))[0]).toMatch(/^ok: the endpoint may read the secrets/);
    await deny(READ_SECRETS);
    expect((await found(plan, 'identity'))[0]).toContain(`fail: the endpoint may read`);
    const body = endpoint({ properties: INJECTS });
    expect((await arm.put('onlineEndpoints/injecting', body)).status).toBe(403);
    expect(await found(planFor('injecting', { properties: {} }), 'identity')).toEqual([]);
  });

  it('and of whoever creates a deployment of it', async () => {
    await arm.finished(
      await arm.put('onlineEndpoints/injected', endpoint({ properties: INJECTS })),
    );
    await deny(READ_SECRETS);
    expect((await found(planFor('injected'), 'identity'))[0]).toContain('listsecrets/action');
    const model = `${arm.workspace}/models/heart-classifier/versions/1`;
    const refused = await arm.put('onlineEndpoints/injected/deployments/blue', deployment(model));
    expect(refused.status).toBe(403);
    const spec = { model, instanceType: 'Standard_DS3_v2', instanceCount: 1 };
    const create = {
      kind: 'createDeployment',
      endpoint: 'injected',
      deployment: 'blue',
      role: 'blue',
      spec,
    } as const;
    await expect(engineFor('injected').run(create)).rejects.toThrow(
      /listsecrets.*Nothing was sent/,
    );
  });
});

describe('secrets that variables of a deployment name', () => {
  const CONNECTION = '${{azureml://connections/openai/credentials/key}}';
  const VAULT = '${{keyvault:https://kv-sandbox.vault.azure.net/secrets/key/1a2b}}';
  const READER = 'Azure Machine Learning Workspace Connection Secrets Reader';
  const USER = 'Key Vault Secrets User';
  const REFUSES =
    'Azure refuses a deployment whose variables name secrets that the identity cannot read.';
  const openai = {
    properties: {
      authType: 'ApiKey',
      category: 'AzureOpenAI',
      target: 'https://openai.example.com/',
      credentials: { key: 'k-4711' },
      metadata: { ApiType: 'Azure' },
    },
  };
  let vault: string;

  beforeAll(async () => {
    await arm.put('connections/openai', openai, '2024-04-01');
    const subscription = arm.workspace.split('/resourceGroups/')[0]!;
    const path = `${subscription}/providers/Microsoft.KeyVault/vaults`;
    vault = (await arm.get(path, '2023-07-01')).body.value[0].id;
    await arm.finished(await arm.put('onlineEndpoints/names', endpoint()));
  });

  const secrets = (value: string) => value.replace('kv-sandbox', nameOf(vault));
  const naming = (name: string, value: string, settings?: Partial<EndpointCreate>): Plan => {
    const plan = planFor(name, settings);
    const { instanceType, instanceCount } = SIZE;
    const variables = { environmentVariables: { KEY: secrets(value) } };
    const blue = {
      name: 'blue',
      model: plan.green.model,
      instanceType,
      instanceCount,
      settings: {},
    };
    return {
      ...plan,
      blue,
      green: { ...plan.green, instanceType, instanceCount, settings: variables },
    };
  };
  const SIZE = { instanceType: 'Standard_DS3_v2', instanceCount: 1 };
  const said = async (plan: Plan) =>
    (await preflight(plan, workspace, SAMPLES))
      .filter(({ what, detail }) => what === 'secrets' || /Secrets/.test(detail))
      .map(({ state, detail }) => `${state}: ${detail}`);
  const deploys = async (name: string, value: string, to = 'names') => {
    const body = deployment(`${arm.workspace}/models/heart-classifier/versions/1`, {
      environmentVariables: { KEY: secrets(value) },
    });
    const ended = await arm.finished(
      await arm.put(`onlineEndpoints/${to}/deployments/${name}`, body),
    );
    await arm.finished(await arm.send('DELETE', `onlineEndpoints/${to}/deployments/${name}`));
    return ended.error ?? ended.status;
  };
  const injectionError = (words: string) => ({
    code: 'SecretsInjectionError',
    message: expect.stringContaining(words) as string,
  });

  it('a new endpoint of its own identity has no role yet, but the one that its property gives', async () => {
    const { workspaceName } = await workspace.info();
    const reader = `${READER} on the workspace ${workspaceName}`;
    const user = `${USER} on the key vault ${nameOf(vault)}`;
    const lacks = (roles: string) =>
      `fail: Azure makes the new endpoint's identity, which then lacks ${roles}. ${REFUSES}`;
    expect(await said(naming('fresh', CONNECTION))).toEqual([lacks(reader)]);
    expect(await said(naming('fresh', VAULT))).toEqual([lacks(user)]);
    expect(await said(naming('fresh', CONNECTION, { properties: INJECTS }))).toEqual([]);
    expect(await said(naming('fresh', VAULT, { properties: INJECTS }))).toEqual([lacks(user)]);
    expect(await said(naming('fresh', 'as it is'))).toEqual([]);
  });

  it('an endpoint that stands needs the role of each store, as the sandbox says too', async () => {
    const { workspaceName } = await workspace.info();
    const { body } = await arm.get('onlineEndpoints/names');
    const { principalId } = body.identity;
    for (const [value, role, on, words] of [
      [CONNECTION, READER, arm.workspace, `${READER} on the workspace ${workspaceName}`],
      [VAULT, USER, vault, `${USER} on the key vault ${nameOf(vault)}`],
    ] as const) {
      const lacks = `the endpoint's own identity lacks ${words}. ${REFUSES}`;
      expect(await said(naming('names', value))).toEqual([`fail: ${lacks}`]);
      expect(await deploys('early', value)).toMatchObject(injectionError('may not read secrets'));
      const create = {
        kind: 'createDeployment',
        endpoint: 'names',
        deployment: 'early',
        role: 'blue',
        spec: { model: 'm', ...SIZE, environmentVariables: { KEY: secrets(value) } },
      } as const;
      await expect(engineFor('names').run(create)).rejects.toThrow(/lacks .*Nothing was sent/);
      const id = await assign(role, on, principalId);
      expect(await said(naming('names', value))).toEqual([
        `ok: the endpoint's own identity has ${words}`,
      ]);
      expect(await deploys('late', value)).toBe('Succeeded');
      await arm.send('DELETE', id, { apiVersion: '2022-04-01' });
    }
  });

  it('a property at its creation gives the identity of an endpoint the role', async () => {
    await arm.finished(await arm.put('onlineEndpoints/given', endpoint({ properties: INJECTS })));
    expect(await said(naming('given', CONNECTION))).toEqual([
      expect.stringMatching(`^ok: the endpoint's own identity has ${READER}`),
    ]);
    expect(await deploys('gets', CONNECTION, 'given')).toBe('Succeeded');
    expect(
      await deploys('gets', '${{azureml://connections/openai/metadata/None}}', 'given'),
    ).toMatchObject(injectionError('it does not exist'));
  });

  it('a user-assigned identity needs the role, and may not have the property', async () => {
    const assigned = {
      identity: { type: 'user_assigned' as const, userAssignedIds: [identity] },
    };
    expect(await said(naming('fresh', VAULT, assigned))).toEqual([
      expect.stringMatching(/^fail: heart-id lacks Key Vault Secrets User on the key vault /),
    ]);
    const both = { ...assigned, properties: INJECTS };
    expect((await found(planFor('fresh', both), 'identity'))[0]).toMatch(
      /^fail: Azure takes enforce_access_to_default_secret_stores only with a system-assigned/,
    );
    const body = endpoint(
      { properties: INJECTS },
      { identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } } },
    );
    expect((await arm.put('onlineEndpoints/both', body)).status).toBe(400);
  });

  it.each([
    [
      '${{azureml://connections/gone/target}}',
      'fail: Workspace .* has no connection gone, which KEY of green names',
    ],
    [
      '${{keyvault:https://elsewhere.vault.azure.net/secrets/a/1}}',
      "warn: Key vault elsewhere, which KEY of green names, can't be seen in this subscription: .*Key Vault Secrets User",
    ],
    [
      '${{keyvault:https://kv-sandbox.vault.azure.net/secrets/key}}',
      'fail: KEY of green is not a valid reference to a secret',
    ],
    [
      '${{azureml://connections/openai/secret}}',
      'fail: KEY of green is not a valid reference to a secret',
    ],
  ])('%s is said to be wrong, and comes to nothing in the sandbox', async (value, words) => {
    expect((await said(naming('names', value)))[0]).toMatch(new RegExp(`^${words}`));
    expect(await deploys('wrong', value, 'given')).toMatchObject({ code: 'SecretsInjectionError' });
  });

  it('a key vault with access policies gives none', async () => {
    const own = { id: vault, name: nameOf(vault), properties: { enableRbacAuthorization: false } };
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { path: 'Microsoft.KeyVault/vaults' },
      action: { status: 200, body: { value: [own] } },
    });
    expect((await said(naming('names', VAULT)))[0]).toMatch(
      /^fail: Key vault \S+, which KEY of green names, has access policies, and Azure injects/,
    );
  });

  it('a connection shows its secrets only to who lists them', async () => {
    const shown = await arm.get('connections/openai', '2024-04-01');
    expect(shown.body.properties).not.toHaveProperty('credentials');
    const listed = await arm.send('POST', 'connections/openai/listsecrets', {});
    expect(listed.body.properties.credentials).toEqual({ key: 'k-4711' });
    await deny(READ_SECRETS);
    expect((await arm.send('POST', 'connections/openai/listsecrets', {})).status).toBe(403);
  });
});

describe('autoscale that the plan copies', () => {
  const copies = (): Plan => ({ ...planFor('served'), autoscale: 'copy' });

  it('is a warning where blue has none', async () => {
    expect(await found(copies(), 'autoscale')).toEqual([
      'warn: The plan copies autoscale, and default has no autoscale setting.',
    ]);
    expect(await found(planFor('served'), 'autoscale')).toEqual([]);
  });

  it('is found, with the rights to copy it', async () => {
    const target = `${arm.workspace}/onlineEndpoints/served/deployments/default`;
    await arm.put(autoscalePath(arm, 'scale'), autoscaleBody('scale', target), '2022-10-01');
    expect(await found(copies(), 'autoscale')).toEqual([
      'ok: scale of default is copied to green before green gets traffic',
    ]);
    expect(await found(copies(), 'attached')).toEqual([]);
    expect(await found(planFor('served'), 'attached')).toHaveLength(1);
    await deny(WRITE_AUTOSCALE);
    expect((await found(copies(), 'autoscale'))[0]).toMatch(
      /^fail: .*cannot .*autoscaleSettings\/write\./,
    );
    await deny('Microsoft.Insights/autoscaleSettings/read');
    expect((await found(copies(), 'autoscale'))[0]).toMatch(/^fail: The plan copies autoscale: /);
  });
});

it('a workspace that is closed to the public network, or has a managed one, is said to be', async () => {
  const says = () => found(planFor('served'), 'network');
  expect(await says()).toEqual([]);
  await sandbox.control('POST', '/_sandbox/conditions', {
    publicNetworkAccess: 'Disabled',
    managedNetwork: 'AllowOnlyApprovedOutbound',
  });
  expect(await says()).toEqual([
    expect.stringMatching(/^warn: \S+ refuses the public network/),
    expect.stringMatching(
      /^ok: managed network \(AllowOnlyApprovedOutbound\): it governs egress.*, and conda and pip reach only what its outbound rules approve$/,
    ),
  ]);
  const plan = planFor('served');
  expect(await found(plan, 'egress')).toEqual([
    expect.stringMatching(
      /^warn: green installs the packages of its MLflow model when it starts.*without rules for its conda channels and package index, it fails\.$/,
    ),
  ]);
  expect(await found({ ...plan, green: { ...plan.green, package: true } }, 'egress')).toEqual([]);
  await sandbox.control('POST', '/_sandbox/conditions', {
    managedNetwork: 'AllowInternetOutbound',
  });
  expect(await found(plan, 'egress')).toEqual([]);
  expect((await says()).at(-1)).toMatch(/so no deployment gets an egress setting$/);
});

it('a managed network governs egress, and a deployment is sent no setting of its own', async () => {
  await sandbox.control('POST', '/_sandbox/conditions', {
    managedNetwork: 'AllowInternetOutbound',
  });
  const inNetwork = await connect(connectionTo(sandbox));
  await sandbox.control('POST', '/_sandbox/requests', { record: true });
  const spec = {
    model: `${arm.workspace}/models/heart-classifier/versions/1`,
    instanceType: 'Standard_DS3_v2',
    instanceCount: 1,
    egressPublicNetworkAccess: 'disabled' as const,
  };
  await inNetwork.wait(await inNetwork.createDeployment('served', 'quiet', spec));
  await inNetwork.close();
  const { body } = await sandbox.control('GET', '/_sandbox/requests');
  const { requests } = body as { requests: RecordedRequest[] };
  const put = requests.find(({ method, path }) => method === 'PUT' && path.includes('/quiet'));
  expect(JSON.stringify(put)).toContain('instanceType');
  expect(JSON.stringify(put)).not.toContain('egressPublicNetworkAccess');
});

describe('limits of the region', () => {
  it.each([
    [{ endpoints: 99, more: false }, 'ok', 'has 99 of 100 endpoints in westeurope'],
    [{ endpoints: 100, deployments: 300, more: false }, 'warn', 'refuses another endpoint, unless'],
    [
      { endpoints: 30, deployments: 499, more: true },
      'warn',
      'has at least 30 of 100 endpoints and 499 of 500 deployments',
    ],
    [{ endpoints: 30, deployments: 498, more: true }, 'ok', '498 of 500'],
  ])('%o is %s', (counts, state, words) => {
    const finding = limitFinding(counts, 'westeurope', { endpoints: 1, deployments: 2 });
    expect(finding.state).toBe(state);
    expect(finding.detail).toContain(words);
  });

  it('are counted, deployments too once they can matter, and the hundred-and-first is refused', async () => {
    const before = await workspace.regionCounts();
    expect(before).toEqual({ endpoints: before.endpoints, more: false });
    const names = Array.from({ length: 100 - before.endpoints }, (_, at) => `many-${at}`);
    await Promise.all(names.map((name) => arm.put(`onlineEndpoints/${name}`, endpoint())));
    expect(await workspace.regionCounts()).toEqual({ endpoints: 100, deployments: 2, more: false });
    expect((await found(planFor('one-more'), 'limits'))[0]).toMatch(
      /^warn: this subscription has 100 of 100/,
    );
    expect((await arm.put('onlineEndpoints/one-more', endpoint())).status).toBe(400);
    await deny('Microsoft.MachineLearningServices/workspaces/batchEndpoints/read');
    expect(await workspace.regionCounts()).toMatchObject({ endpoints: 100, more: true });
  });
});
