import { describe, expect, test } from 'vitest';
import { record } from '../../../src/azure/arm-request.js';
import { familyKey } from '../../../src/azure/compute.js';
import { specToWire, toDeployment } from '../../../src/azure/deployment-wire.js';
import { fromIso, toIso } from '../../../src/azure/duration.js';
import { changed, toEndpoint } from '../../../src/azure/endpoints.js';
import { blobPlace } from '../../../src/azure/model-place.js';
import { toStatus } from '../../../src/azure/operations.js';
import { allows } from '../../../src/azure/permissions.js';
import { proxySettings } from '../../../src/azure/proxy-settings.js';
import { checkName } from '../../../src/azure/scope.js';
import { requestId } from '../../../src/azure/scoring.js';
import { sameSplit } from '../../../src/common/split.js';
import { lines, oneLine } from '../../../src/azure/text.js';
import { nameInToken } from '../../../src/azure/who.js';

describe('writing an endpoint back', () => {
  const read = {
    id: '/x/onlineEndpoints/e',
    name: 'e',
    type: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints',
    location: 'westeurope',
    kind: 'Managed',
    systemData: { createdBy: 'a' },
    tags: { team: 'a', old: 'b' },
    identity: {
      type: 'UserAssigned',
      principalId: 'p',
      tenantId: 't',
      userAssignedIdentities: { '/uai/1': { principalId: 'p', clientId: 'c' } },
    },
    properties: {
      authMode: 'Key',
      description: null,
      properties: { 'azureml.onlineendpointid': '/x' },
      traffic: { blue: 100 },
      mirrorTraffic: { green: 10 },
      publicNetworkAccess: 'Disabled',
      compute: null,
      scoringUri: 'https://e/score',
      swaggerUri: 'https://e/swagger.json',
      provisioningState: 'Succeeded',
      somethingNew: { kept: true },
    },
  };

  test('keeps what is not named, unknown members too, and drops what is the service’s', () => {
    expect(changed(read, { traffic: { blue: 90, green: 10, grey: 0 } })).toEqual({
      location: 'westeurope',
      kind: 'Managed',
      tags: { team: 'a', old: 'b' },
      identity: { type: 'UserAssigned', userAssignedIdentities: { '/uai/1': {} } },
      properties: {
        authMode: 'Key',
        properties: { 'azureml.onlineendpointid': '/x' },
        traffic: { blue: 90, green: 10 },
        mirrorTraffic: { green: 10 },
        publicNetworkAccess: 'Disabled',
        somethingNew: { kept: true },
      },
    });
  });

  test('adds and removes tags, and ends a mirror', () => {
    const body = changed(read, { tags: { old: null, fresh: '1' }, mirrorTraffic: { green: 0 } });
    expect(body['tags']).toEqual({ team: 'a', fresh: '1' });
    expect(body['properties']).toMatchObject({ traffic: { blue: 100 }, mirrorTraffic: {} });
    expect((body['properties'] as { mirrorTraffic: object }).mirrorTraffic).toEqual({});
  });

  test('reads nulls, auth modes and identities', () => {
    const endpoint = toEndpoint({
      ...read,
      properties: { ...read.properties, authMode: 'AADToken', scoringUri: null, traffic: null },
    });
    expect(endpoint).toMatchObject({
      authMode: 'aad_token',
      identity: { type: 'user_assigned', userAssignedIds: ['/uai/1'] },
      traffic: {},
    });
    expect(endpoint).not.toHaveProperty('scoringUri');
    expect(endpoint).not.toHaveProperty('description');
  });
});

describe('deployments', () => {
  const probe = {
    initialDelay: 500,
    period: 10,
    timeout: 2,
    successThreshold: 1,
    failureThreshold: 30,
  };

  test('there and back', () => {
    const spec = {
      model: '/m/versions/1',
      instanceType: 'Standard_DS3_v2',
      instanceCount: 2,
      description: 'd',
      tags: { a: 'b' },
      environmentVariables: { X: '1' },
      requestSettings: {
        requestTimeoutMs: 90_000,
        maxConcurrentRequestsPerInstance: 4,
        maxQueueWaitMs: 500,
      },
      livenessProbe: probe,
      readinessProbe: { ...probe, initialDelay: 10 },
      appInsightsEnabled: true,
      egressPublicNetworkAccess: 'disabled' as const,
    };
    const wire = specToWire('westeurope', spec);
    expect(wire).toMatchObject({
      sku: { name: 'Default', capacity: 2 },
      properties: {
        endpointComputeType: 'Managed',
        requestSettings: { requestTimeout: 'PT1M30S', maxQueueWait: 'PT0.5S' },
        livenessProbe: { initialDelay: 'PT8M20S' },
        egressPublicNetworkAccess: 'Disabled',
      },
    });
    const properties = { ...record(wire['properties']), provisioningState: 'Succeeded' };
    const back = toDeployment({ ...wire, properties, id: '/d', name: 'green' }, 'e');
    expect(back).toMatchObject(spec);
  });

  test('while it is made, Azure shows no settings yet', () => {
    const raw = {
      name: 'green',
      properties: {
        provisioningState: 'Updating',
        requestSettings: { requestTimeout: 'PT0S' },
        livenessProbe: null,
      },
    };
    const deployment = toDeployment(raw, 'e');
    expect(deployment).not.toHaveProperty('requestSettings');
    expect(deployment).not.toHaveProperty('livenessProbe');
    expect(deployment.provisioningState).toBe('Updating');
  });

  test.each([
    ['PT0.5S', 500],
    ['PT1M30S', 90_000],
    ['PT5S', 5000],
    ['P1DT1H', 90_000_000],
    [null, 0],
    ['soon', 0],
  ])('duration %s', (text, milliseconds) => {
    expect(fromIso(text)).toBe(milliseconds);
    expect(fromIso(toIso(milliseconds))).toBe(milliseconds);
  });

  test.each([
    [0, 'PT0S'],
    [250, 'PT0.25S'],
    [59_999, 'PT59.999S'],
    [90_500, 'PT1M30.5S'],
    [180_000, 'PT3M'],
    [3_600_000, 'PT1H'],
    [90_000_000, 'PT25H'],
    // 2.3 s as a probe hands it over.
    [2.3 * 1000, 'PT2.3S'],
  ])('%d ms are written as the official client writes them', (milliseconds, text) => {
    expect(toIso(milliseconds)).toBe(text);
  });
});

describe('operations', () => {
  test.each([
    [{ status: 'Updating', percentComplete: 0 }, 'running'],
    [{ status: 'InProgress' }, 'running'],
    [{ status: 'Succeeded' }, 'succeeded'],
    [{ status: 'Canceled' }, 'canceled'],
    [{ status: 'Failed', error: { code: 'X', message: 'm' } }, 'failed'],
    [{ properties: { provisioningState: 'Scaling' } }, 'running'],
    [{ properties: { provisioningState: 'Failed' } }, 'failed'],
  ])('%j', (body, status) => {
    expect(toStatus(body, 'x').status).toBe(status);
  });
});

test('splits: missing is 0, names without case', () => {
  expect(sameSplit({ blue: 100, green: 0 }, { Blue: 100 })).toBe(true);
  expect(sameSplit({ blue: 90, green: 10 }, { blue: 100 })).toBe(false);
  expect(sameSplit({}, { blue: 100 })).toBe(false);
});

test('permissions: wildcards, and what the same entry takes back', () => {
  const action = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/write';
  expect(allows({ actions: ['*'] }, action)).toBe(true);
  expect(
    allows({ actions: ['microsoft.machinelearningservices/workspaces/*/write'] }, action),
  ).toBe(true);
  expect(allows({ actions: ['*/read'] }, action)).toBe(false);
  expect(allows({ actions: ['*'], notActions: ['*/onlineEndpoints/*'] }, action)).toBe(false);
  expect(allows({ dataActions: ['*'] }, action)).toBe(false);
});

test('where a model lies', () => {
  const connection = {
    subscriptionId: 'S',
    resourceGroup: 'rg',
    workspaceName: 'ws',
    cloud: 'public' as const,
    signIn: 'default' as const,
  };
  const place = (uri: string) => blobPlace({ connection }, uri);
  const upload = 'datastores/workspaceblobstore/paths/LocalUpload/h/model';
  const blob = { datastore: 'workspaceblobstore', path: 'LocalUpload/h/model' };
  expect(place(`azureml://subscriptions/s/resourceGroups/RG/workspaces/ws/${upload}/`)).toEqual(
    blob,
  );
  expect(place(`azureml://${upload}`)).toEqual(blob);
  expect(
    place(`azureml://subscriptions/s/resourcegroups/rg/workspaces/other/${upload}`),
  ).toBeUndefined();
  expect(place('azureml://jobs/j1/outputs/artifacts/paths/model')).toEqual({
    datastore: 'workspaceartifactstore',
    path: 'ExperimentRun/dcid.j1/model',
  });
  expect(place('azureml://registries/r/models/m/versions/1')).toBeUndefined();
});

test('the proxy is the connection’s, else the environment’s', () => {
  const env = { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'one.example, .corp' };
  expect(proxySettings(undefined, {})).toBeUndefined();
  const settings = proxySettings(undefined, env);
  expect(settings?.url).toBe('http://p:1');
  for (const host of [
    'one.example',
    'a.corp',
    'corp',
    '127.0.0.1',
    '169.254.169.254',
    'LOCALHOST',
  ]) {
    expect(settings?.bypass(host), host).toBe(true);
  }
  expect(settings?.bypass('two.one.example')).toBe(false);
  expect(settings?.bypass('management.azure.com')).toBe(false);
  // A proxy named for this connection is not undone by the shell.
  const own = proxySettings('http://own:2', { ...env, NO_PROXY: 'management.azure.com' });
  expect(own?.url).toBe('http://own:2');
  expect(own?.bypass('management.azure.com')).toBe(false);
});

test('names', () => {
  for (const good of ['blue', 'xgboost-model-8', 'A1b']) checkName('deployment', good);
  for (const bad of ['ab', '1ab', 'ab-', 'a b c', 'a/../b', 'x'.repeat(33), 'häss']) {
    expect(() => checkName('endpoint', bad), bad).toThrow(/can't be the name of an endpoint/);
  }
});

test('request ids, families and names in tokens', () => {
  expect(requestId('amlr/ü x'.repeat(9))).toMatch(/^[A-Za-z0-9_-]{40}$/);
  expect(familyKey('Standard DSv2 Family Cluster Dedicated vCPUs')).toBe(
    familyKey('standardDSv2Family'),
  );
  const token = (claims: object) =>
    `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
  expect(nameInToken(token({ name: 'Ada', upn: 'ada@contoso.com' }))).toBe('ada@contoso.com');
  expect(nameInToken(token({ appid: 'app\u001b[2J' }))).toBe('app');
  expect(nameInToken('opaque')).toBeUndefined();
});

test('text from outside', () => {
  expect(oneLine('a\u001b[1;31mb\u001b]0;title\u0007c\n\td\u0000')).toBe('abc d');
  expect(lines('one\r\n\ttwo\u001b[2J\u0007\n')).toBe('one\n    two\n');
});
