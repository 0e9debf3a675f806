/** What the control route puts in a caller's way, and how each looks from outside. */
import { readFileSync } from 'node:fs';
import { ProxyAgent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { actionOf } from '../../../src/sandbox/arm/checks.js';
import { matchesAction } from '../../../src/sandbox/storage-gate.js';
import { type GateRules, OPEN_GATE, refusalOf } from '../../../src/sandbox/storage-gate.js';
import { type Answer, ArmClient, endpoint } from '../../support/arm.js';
import { type TestSandbox, startSandbox } from '../../support/sandbox.js';

const ML = 'Microsoft.MachineLearningServices/workspaces';
let sandbox: TestSandbox;
let arm: ArmClient;
const set = (body: unknown) => sandbox.control('POST', '/_sandbox/conditions', body);
const code = (answer: Answer) => [answer.status, answer.body?.error.code];

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
});

afterEach(async () => {
  await set({ datastoreCredentials: 'account-key', coreLimit: 40 });
  await sandbox.control('DELETE', '/_sandbox/conditions');
});

afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
});

describe('the control route', () => {
  it('changes what is named, shows it all, and takes it back', async () => {
    await set({ v1LegacyMode: true });
    const { body } = await set({ takenEndpointNames: ['mine'] });
    expect(body).toMatchObject({
      v1LegacyMode: true,
      takenEndpointNames: ['mine'],
      sharedKeyAccess: true,
      datastoreCredentials: 'account-key',
      coreLimit: 40,
    });
    const after = await sandbox.control('DELETE', '/_sandbox/conditions');
    expect(after.body).toMatchObject({ v1LegacyMode: false, takenEndpointNames: [] });
    expect((await sandbox.control('GET', '/_sandbox/conditions')).body).toEqual(after.body);
  });

  it.each([
    [[], 'Conditions are a JSON object.'],
    [{ nope: 1 }, 'there is no "nope"'],
    [{ deniedActions: 'x' }, '"deniedActions" must be a list of strings.'],
    [{ v1LegacyMode: 1 }, '"v1LegacyMode" must be true or false.'],
    [{ publicNetworkAccess: 'no' }, '"publicNetworkAccess" must be Enabled or Disabled.'],
    [{ datastoreCredentials: 'x' }, '"datastoreCredentials" must be account-key, sas or identity.'],
    [{ coreLimit: 1.5 }, '"coreLimit" must be a whole number of 0 or more.'],
  ])('refuses %j', async (body, sentence) => {
    const answer = await set(body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(sentence.replaceAll('"', '\\"'));
  });
});

describe('a denied action', () => {
  it('is refused by name, and missing from the permissions', async () => {
    await set({ deniedActions: [`${ML}/onlineEndpoints/write`] });
    const refused = await arm.put('onlineEndpoints/denied', endpoint());
    expect(code(refused)).toEqual([403, 'AuthorizationFailed']);
    expect(refused.body.error.message).toContain(
      `does not have authorization to perform action '${ML}/onlineEndpoints/write' over scope '`,
    );
    expect((await arm.get('onlineEndpoints')).status).toBe(200);
    const { body } = await arm.get('providers/Microsoft.Authorization/permissions');
    expect(body.value[0].notActions).toEqual([`${ML}/onlineEndpoints/write`]);
  });

  it('may be a pattern', async () => {
    await set({ deniedActions: [`${ML}/datastores/*/action`] });
    const refused = await arm.send('POST', 'datastores/workspaceblobstore/listSecrets');
    expect(code(refused)).toEqual([403, 'AuthorizationFailed']);
    expect((await arm.get('datastores')).status).toBe(200);
  });

  it.each([
    ['GET', 'workspaces/w', `${ML}/read`],
    ['PUT', 'workspaces/w/models/m/versions/1', `${ML}/models/versions/write`],
    ['PATCH', 'workspaces/w/onlineEndpoints/e', `${ML}/onlineEndpoints/write`],
    [
      'DELETE',
      'workspaces/w/onlineEndpoints/e/deployments/d',
      `${ML}/onlineEndpoints/deployments/delete`,
    ],
    ['POST', 'workspaces/w/onlineEndpoints/e/listKeys', `${ML}/onlineEndpoints/listKeys/action`],
    [
      'GET',
      'workspaces/w/onlineEndpoints/e/providers/Microsoft.Insights/metrics',
      'Microsoft.Insights/metrics/read',
    ],
  ])('%s %s is named as in roles', (method, path, action) => {
    const scope = '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices';
    expect(actionOf(method, `${scope}/${path}`)).toBe(action);
  });

  it('is matched without case, and only as a whole', () => {
    expect(matchesAction('*/READ', 'a/b/read')).toBe(true);
    expect(matchesAction('a.b/read', 'axb/read')).toBe(false);
    expect(matchesAction('b/read', 'a/b/read')).toBe(false);
  });
});

describe('an unregistered provider', () => {
  it('fails the first provisioning of an endpoint until it is registered', async () => {
    await set({ unregisteredProviders: ['Microsoft.Cdn'] });
    const provider = `/subscriptions/${sandbox.info.subscriptionId}/providers/Microsoft.Cdn`;
    expect((await arm.get(provider)).body.registrationState).toBe('NotRegistered');
    const operation = await arm.finished(await arm.put('onlineEndpoints/no-cdn', endpoint()));
    expect(operation.error.code).toBe('SubscriptionNotRegistered');
    await arm.send('POST', `${provider}/register`);
    expect((await arm.get(provider)).body.registrationState).toBe('Registered');
    const again = await arm.finished(await arm.put('onlineEndpoints/with-cdn', endpoint()));
    expect(again.status).toBe('Succeeded');
  });

  it('keeps everything of its own from being served', async () => {
    await set({ unregisteredProviders: ['Microsoft.MachineLearningServices'] });
    expect(code(await arm.get(''))).toEqual([409, 'MissingSubscriptionRegistration']);
    const provider = `/subscriptions/${sandbox.info.subscriptionId}/providers/Microsoft.MachineLearningServices`;
    expect((await arm.get(provider)).body.registrationState).toBe('NotRegistered');
  });
});

describe('the workspace', () => {
  it('in legacy mode refuses all but itself', async () => {
    await set({ v1LegacyMode: true, publicNetworkAccess: 'Disabled' });
    expect((await arm.get('')).body.properties).toMatchObject({
      v1LegacyMode: true,
      publicNetworkAccess: 'Disabled',
    });
    const refused = await arm.get('onlineEndpoints');
    expect(refused.status).toBe(400);
    expect(refused.body.error.details[0].message).toContain('v1_legacy_mode');
    expect((await arm.get('providers/Microsoft.Authorization/permissions')).status).toBe(200);
  });

  it('says how its datastores let callers in', async () => {
    await set({ datastoreCredentials: 'identity' });
    expect((await arm.get('')).body.properties.systemDatastoresAuthMode).toBe('identity');
    const { body } = await arm.get('datastores/workspaceblobstore');
    expect(body.properties.credentials.credentialsType).toBe('None');
    expect((await arm.send('POST', 'datastores/workspaceblobstore/listSecrets')).status).toBe(400);
  });

  it('has a limit of cores', async () => {
    await set({ coreLimit: 4 });
    const { body } = await arm.get(`${arm.location}/usages`);
    expect(body.value.map(({ limit }: { limit: number }) => limit)).toContain(4);
  });
});

it('a name that someone in the region has taken is refused', async () => {
  await set({ takenEndpointNames: ['Popular'] });
  for (const name of ['popular', 'taken-in-region']) {
    const refused = await arm.put(`onlineEndpoints/${name}`, endpoint());
    expect(refused.status).toBe(400);
    expect(refused.body.error.details[0].message).toContain('needs to be unique within a region');
  }
});

describe('blob storage', () => {
  const rules = (more: Partial<GateRules>): GateRules => ({ ...OPEN_GATE, ...more });
  const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
  const ask = (method: string, authorization: string, agent = '') => ({
    method,
    authorization,
    agent,
  });

  it('knows which right a request takes', () => {
    const noWrites = rules({ deniedDataActions: [`${blobs}/write`] });
    expect(refusalOf(ask('PUT', 'Bearer x'), noWrites)?.code).toBe(
      'AuthorizationPermissionMismatch',
    );
    expect(refusalOf(ask('GET', 'Bearer x'), noWrites)).toBeUndefined();
    expect(refusalOf(ask('HEAD', 'Bearer x'), rules({ deniedDataActions: ['*/read'] }))?.code).toBe(
      'AuthorizationPermissionMismatch',
    );
    // Keys and signatures carry their own rights.
    expect(refusalOf(ask('PUT', 'SharedKey a:b'), noWrites)).toBeUndefined();
    expect(refusalOf(ask('PUT', ''), noWrites)).toBeUndefined();
    const noKeys = rules({ sharedKeyAccess: false });
    expect(refusalOf(ask('GET', 'SharedKey a:b'), noKeys)?.code).toBe(
      'KeyBasedAuthenticationNotPermitted',
    );
    expect(refusalOf(ask('GET', 'Bearer x'), noKeys)).toBeUndefined();
    expect(refusalOf(ask('GET', 'SharedKey a:b', 'aml-rollout-sandbox'), noKeys)).toBeUndefined();
  });

  it('refuses a token that may not write, and lets it in again', async () => {
    const { body: store } = await arm.get('datastores/workspaceblobstore');
    const { accountName, containerName, endpoint: suffix } = store.properties;
    const asked = await fetch(
      `${sandbox.info.identityEndpoint}?api-version=2019-08-01&resource=https://storage.azure.com/`,
      { headers: { 'X-IDENTITY-HEADER': sandbox.info.env['IDENTITY_HEADER'] ?? '' } },
    );
    const { access_token: token } = (await asked.json()) as { access_token: string };
    const ca = readFileSync(sandbox.info.caFile, 'utf8');
    const dispatcher = new ProxyAgent({ uri: sandbox.info.proxyUrl, requestTls: { ca } });
    const put = async () => {
      const answer = await request(
        `https://${accountName}.blob.${suffix}/${containerName}/LocalUpload/gate.txt`,
        {
          method: 'PUT',
          dispatcher,
          headers: {
            authorization: `Bearer ${token}`,
            'x-ms-blob-type': 'BlockBlob',
            'x-ms-version': '2021-12-02',
          },
          body: 'text',
        },
      );
      return [answer.statusCode, answer.headers['x-ms-error-code'], await answer.body.text()];
    };
    await set({ deniedDataActions: [`${blobs}/*`] });
    const [status, errorCode, text] = await put();
    expect([status, errorCode]).toEqual([403, 'AuthorizationPermissionMismatch']);
    expect(text).toContain('<Code>AuthorizationPermissionMismatch</Code>');
    const account = (await arm.get('')).body.properties.storageAccount as string;
    const permissions = await arm.get(`${account}/providers/Microsoft.Authorization/permissions`);
    expect(permissions.body.value[0].notDataActions).toEqual([`${blobs}/*`]);
    await sandbox.control('DELETE', '/_sandbox/conditions');
    expect((await put())[0]).toBe(201);
    await dispatcher.close();
  });
});

it('conditions outlive a restart of the sandbox', async () => {
  const first = await startSandbox({ stateDir: `${sandbox.stateDir}/again` });
  await first.control('POST', '/_sandbox/conditions', { v1LegacyMode: true });
  await first.stop();
  const second = await startSandbox({ stateDir: `${sandbox.stateDir}/again` });
  const { body } = await second.control('GET', '/_sandbox/conditions');
  await second.stop();
  expect(body).toMatchObject({ v1LegacyMode: true });
});
