import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { conditionsOf } from '../../../src/sandbox/conditions.js';
import { issueScoringToken } from '../../../src/sandbox/identity.js';
import { call, type Host, openHost, ROWS } from './scoring-support.js';
import { eventually } from '../../support/eventually.js';

let host: Host;
beforeAll(async () => {
  host = await openHost();
  await host.deploy('blue');
  await host.deploy('green', {
    model: 'azureml:heart:2',
    sku: { name: 'Default', tier: 'Standard', capacity: 2 },
  });
});
afterAll(() => host.close());
beforeEach(() => {
  host.endpoint.traffic = { blue: 100 };
  host.endpoint.mirrorTraffic = {};
});

describe('a scored request', () => {
  it('is answered by the uploaded model, as a bare list, with the headers of the service', async () => {
    const response = await call(host);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual([0, 1, 1, 0, 0]);
    expect(response.headers).toMatchObject({
      'azureml-model-deployment': 'blue',
      'content-type': 'application/json; charset=utf-8',
      server: 'azureml-frontdoor',
      'x-ms-run-function-failed': 'False',
    });
    expect(Number(response.headers['x-ms-run-fn-exec-ms'])).toBeGreaterThan(0);
  });

  it('accepts named arrays, ignores columns the signature does not have, and takes any order', async () => {
    const columns = ['surplus', ...ROWS.columns].reverse();
    const data = ROWS.data.map((row) => ['x', ...row].reverse());
    const split = await call(host, { body: { input_data: { columns, data } } });
    expect(split.json()).toEqual([0, 1, 1, 0, 0]);
    const named = Object.fromEntries(
      ROWS.columns.map((name, at) => [name, ROWS.data.map((row) => row[at])]),
    );
    const response = await call(host, { body: { input_data: named } });
    expect(response.json()).toEqual([0, 1, 1, 0, 0]);
  });

  it('goes to the pinned deployment whatever the traffic is', async () => {
    const response = await call(host, { deployment: 'GREEN' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['azureml-model-deployment']).toBe('green');
  });

  it('is spread without chance where that is asked for', async () => {
    host.endpoint.traffic = { blue: 90, green: 10 };
    host.context.state.config.evenRouting = true;
    let green = 0;
    for (let at = 0; at < 50; at += 1) {
      const response = await call(host);
      if (response.headers['azureml-model-deployment'] === 'green') green += 1;
    }
    host.context.state.config.evenRouting = false;
    expect(green).toBe(5);
  });

  it('follows the weights', async () => {
    host.endpoint.traffic = { blue: 70, green: 30 };
    let green = 0;
    for (let at = 0; at < 300; at += 1) {
      const response = await call(host);
      if (response.headers['azureml-model-deployment'] === 'green') green += 1;
    }
    // 90 expected, standard deviation 8; the seed is fixed.
    expect(green).toBeGreaterThan(60);
    expect(green).toBeLessThan(120);
  });
});

describe('a refused request', () => {
  it.each([
    ['no key', null],
    ['a wrong key', 'wrong'],
  ])('with %s is a 401', async (_what, key) => {
    const response = await call(host, { key });
    expect(response.statusCode).toBe(401);
    expect(response.headers['azureml-model-deployment']).toBeUndefined();
  });

  it('takes the secondary key too', async () => {
    expect((await call(host, { key: 'second-key' })).statusCode).toBe(200);
  });

  it('takes a token of this endpoint where that is the auth mode, while it is good', async () => {
    const { config } = host.context.state;
    host.endpoint.authMode = 'AMLToken';
    const status = async (endpoint: string, issuedMs: number) =>
      (await call(host, { key: issueScoringToken(config, endpoint, issuedMs).accessToken }))
        .statusCode;
    const now = Date.now();
    const days = 24 * 3_600_000;
    expect(await status('heart', now)).toBe(200);
    expect(await status('heart', now - 2 * days)).toBe(401);
    expect(await status('other', now)).toBe(401);
    expect((await call(host, { key: 'a.b.c' })).statusCode).toBe(401);
    expect((await call(host)).statusCode).toBe(401);
    host.endpoint.authMode = 'AADToken';
    expect((await call(host)).statusCode).toBe(401);
    expect((await call(host, { key: 'entra-token' })).statusCode).toBe(200);
    const { state } = host.context;
    state.conditions = {
      ...conditionsOf(state),
      deniedDataActions: ['*/onlineEndpoints/score/action'],
    };
    const denied = await call(host, { key: 'entra-token' });
    expect([denied.statusCode, denied.body]).toEqual([401, 'token_auth_access_denied']);
    host.endpoint.authMode = 'Key';
    expect((await call(host)).statusCode).toBe(200);
    delete state.conditions;
  });

  it('is a 404 without traffic, and for an unknown pin', async () => {
    host.endpoint.traffic = {};
    const response = await call(host);
    expect(response.statusCode).toBe(404);
    expect(response.body).toContain("doesn't have any valid deployment with positive weight");
    expect((await call(host, { deployment: 'constructor' })).statusCode).toBe(404);
  });

  it.each([
    ['no input_data', {}, "top level key named 'input_data'"],
    [
      'a missing column',
      { input_data: { columns: ['age'], data: [[1]] } },
      "inputs are missing: 'sex'",
    ],
    [
      'a text in a number column',
      { input_data: { columns: ROWS.columns, data: [['old', ...ROWS.data[0]!.slice(1)]] } },
      'column age: a string',
    ],
    [
      'a missing value in a whole-number column',
      { input_data: { columns: ROWS.columns, data: [[null, ...ROWS.data[0]!.slice(1)]] } },
      'column age: missing values',
    ],
    [
      'a fraction in a whole-number column',
      { input_data: { columns: ROWS.columns, data: [[1.5, ...ROWS.data[0]!.slice(1)]] } },
      'column age: a double',
    ],
  ])('with %s is a 424 that carries the container’s 400', async (_what, body, words) => {
    const response = await call(host, { body });
    expect(response.statusCode).toBe(424);
    expect(response.headers['ms-azureml-model-error-statuscode']).toBe('400');
    expect(response.headers['ms-azureml-model-error-reason']).toBe('model_error');
    expect(response.json<{ message: string }>().message).toContain(words);
  });

  it('passes a path or method the container does not know as its 404 and 405', async () => {
    const other = await call(host, { path: '/other' });
    expect([other.statusCode, other.headers['ms-azureml-model-error-statuscode']]).toEqual([
      424,
      '404',
    ]);
    const get = await call(host, { method: 'GET' });
    expect([get.statusCode, get.headers['ms-azureml-model-error-statuscode']]).toEqual([
      424,
      '405',
    ]);
  });
});

describe('the description', () => {
  it('says what goes in and out, in both versions', async () => {
    const third = await call(host, { method: 'GET', path: '/swagger.json?version=3' });
    const { components } = third.json<{
      components: { schemas: Record<string, { format?: string; properties?: object }> };
    }>();
    expect(components.schemas['ServiceOutput']?.format).toBe('pandas.DataFrame:records');
    expect(components.schemas['ServiceInput']?.properties).toMatchObject({
      input_data: { format: 'pandas.DataFrame:split' },
    });
    const second = await call(host, { method: 'GET', path: '/swagger.json' });
    expect(second.json<{ definitions: object }>().definitions).toHaveProperty('ServiceOutput');
    expect((await call(host, { method: 'GET', path: '/swagger.json', key: null })).statusCode).toBe(
      401,
    );
    expect((await call(host, { method: 'GET', path: '/' })).body).toBe('Healthy');
  });
});

describe('mirroring', () => {
  const seen = (deployment: string) =>
    host.metrics
      .minutes('HEART', 0, Number.MAX_SAFE_INTEGER)
      .filter((bucket) => bucket.deployment === deployment && bucket.statusCode === 200)
      .reduce((sum, bucket) => sum + bucket.count, 0);

  it('copies nothing that is pinned', async () => {
    host.endpoint.mirrorTraffic = { green: 50 };
    const before = seen('green');
    for (let at = 0; at < 20; at += 1) await call(host, { deployment: 'blue' });
    await call(host, { deployment: 'green' });
    expect(seen('green') - before).toBe(1);
  });

  it('copies what is not pinned, and counts the copies', async () => {
    host.endpoint.mirrorTraffic = { green: 50 };
    const before = { blue: seen('blue'), green: seen('green') };
    for (let at = 0; at < 40; at += 1)
      expect((await call(host)).headers['azureml-model-deployment']).toBe('blue');
    await eventually(() => expect(seen('blue') - before.blue).toBe(40));
    const copies = seen('green') - before.green;
    expect(copies).toBeGreaterThan(8);
    expect(copies).toBeLessThan(32);
  });
});

describe('a fault', () => {
  it('answers instead of the model, so often as asked', async () => {
    host.context.faults.add({
      match: { path: '^/score', deployment: 'blue' },
      times: 1,
      action: { status: 503, body: 'down', headers: { 'retry-after': '1' } },
    });
    const response = await call(host);
    expect([response.statusCode, response.body, response.headers['retry-after']]).toEqual([
      503,
      'down',
      '1',
    ]);
    expect((await call(host)).statusCode).toBe(200);
  });
});
