/** Checks that ask Azure Monitor: what they send and read, and what they say where there is no number. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import type { CheckAround } from '../../../src/rollout/checks/check.js';
import { measure } from '../../../src/rollout/checks/measure.js';
import type { PlannedCheck } from '../../../src/rollout/checks/planned.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { through } from '../../support/through-proxy.js';

let sandbox: TestSandbox;
let workspace: Workspace;
let group: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  workspace = await connect(connectionTo(sandbox));
  const { subscriptionId, resourceGroup } = sandbox.info;
  group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers`;
});
afterAll(async () => {
  await workspace.close();
  await sandbox.stop();
});
afterEach(async () => {
  await sandbox.control('DELETE', '/_sandbox/observed');
  await sandbox.control('DELETE', '/_sandbox/conditions');
});

const set = async (path: string, body: unknown): Promise<void> => {
  const answer = await sandbox.control('POST', `/_sandbox/${path}`, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
};

const around = (): CheckAround => ({
  names: {
    ...{ endpoint: 'heart', blue: 'default', green: 'x-8', weight: '10' },
    ...{ deployment: 'x-8', time: '2026-11-29T12:00:00.000Z' },
  },
  workspace,
  endpointId: `${group}/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/heart`,
  ...{ at: Date.now(), agoMs: 0 },
  lagMs: 0,
  folder: process.cwd(),
  variables: {},
  signal: new AbortController().signal,
});
const LOGS = '4f2e6a4c-9d0b-4f7e-8f43-0a1b2c3d4e5f';
const read = (settings: Partial<PlannedCheck>, at = Date.now()) =>
  measure({ name: 'queue', pass: '< 100', ...settings }, { ...around(), at });

describe('a metric', () => {
  const queue = () => `${group}/Microsoft.ServiceBus/namespaces/orders`;
  const monitor = (more: Partial<NonNullable<PlannedCheck['monitor']>> = {}) => ({
    monitor: { resource: queue(), metric: 'ActiveMessages', ...more },
  });
  const of = (value: number, more: object = {}) => ({
    ...{ resource: queue(), metric: 'ActiveMessages', value, ...more },
  });

  test('of any resource is read over the window', async () => {
    await set('observed', { metrics: [of(40)] });
    expect(await read(monitor())).toEqual({ outcome: 'pass', value: 40 });
    expect(await read(monitor({ aggregation: 'total', windowMinutes: 3 }))).toEqual({
      outcome: 'fail',
      value: 120,
    });
  });

  test.each([
    ['average', 20],
    ['total', 200],
    ['minimum', 10],
    ['maximum', 30],
    ['count', 10],
  ] as const)('%s of ten minutes is %d', async (aggregation, value) => {
    // Asked at a whole minute, before which five have either value.
    const at = Math.floor(Date.now() / 60_000 - 3) * 60_000;
    const half = (Date.now() - at) / 60_000 + 5.5;
    await set('observed', {
      metrics: [of(10, { minutesAgo: [60, half] }), of(30, { minutesAgo: [half, 0] })],
    });
    const found = await read(monitor({ aggregation, windowMinutes: 10 }), at);
    expect(found).toMatchObject({ value });
  });

  test('of one deployment is filtered by its name', async () => {
    const named = (queueName: string) => ({ dimensions: { EntityName: queueName } });
    await set('observed', { metrics: [of(5, named('x-8')), of(500, named('default'))] });
    const one = await read(monitor({ filter: "EntityName eq '${green}'" }));
    expect(one).toEqual({ outcome: 'pass', value: 5 });
    const both = monitor({ filter: "EntityName eq '*'" });
    expect(await read(both)).toEqual({
      outcome: 'error',
      why: 'The metric ActiveMessages has 2 series: name one value of each dimension.',
    });
    const most = { filter: "EntityName eq '*'", aggregation: 'maximum' } as const;
    expect(await read(monitor(most))).toMatchObject({ value: 500 });
  });

  test('is compared with blue, and with the hour before', async () => {
    const named = (queueName: string) => ({ dimensions: { EntityName: queueName } });
    await set('observed', {
      metrics: [
        of(110, { ...named('x-8'), minutesAgo: [30, 0] }),
        of(55, { ...named('x-8'), minutesAgo: [90, 30] }),
        of(100, named('default')),
      ],
    });
    const filtered = monitor({ filter: "EntityName eq '${deployment}'" });
    const blue = { of: 'blue', compare: 'ratio' } as const;
    expect(await read({ ...filtered, baseline: blue })).toMatchObject({ value: 1.1 });
    const earlier = { of: 'hour-before' } as const;
    expect(await read({ ...filtered, baseline: earlier })).toMatchObject({
      value: 55,
      compared: { own: 110, base: 55 },
    });
  });

  test('without a value, of no resource, unknown, or not to be read is an error that says why', async () => {
    await set('observed', { metrics: [of(1, { minutesAgo: [120, 60] })] });
    const why = async (settings: ReturnType<typeof monitor>): Promise<string> => {
      const found = await read(settings);
      return 'why' in found ? found.why : `It is ${found.value}.`;
    };
    expect(await why(monitor())).toBe(
      'The metric ActiveMessages has no value in the last 5 minutes.',
    );
    expect(await why(monitor({ metric: 'Nope' }))).toMatch(
      /^Failed to find metric configuration for provider: Microsoft.ServiceBus, resource Type: namespaces, metric: Nope, Valid metrics: ActiveMessages\./,
    );
    expect(await why(monitor({ filter: "Nope eq 'a'" }))).toMatch(
      /does not support requested dimension combination: nope/,
    );
    expect(await why(monitor({ resource: `${group}/Microsoft.Cache/redis/r` }))).toMatch(
      /^The Resource 'Microsoft.Cache\/redis\/r' under resource group '[^']+' was not found/,
    );
    await set('conditions', { deniedActions: ['Microsoft.Insights/metrics/read'] });
    expect(await why(monitor())).toMatch(
      /^The client .* does not have authorization .*… Ask an owner for the role Monitoring Reader/,
    );
  });
});

describe('a query of logs', () => {
  const query = 'AppRequests | where AppRoleName == "${green}" | summarize count()';
  const logs = (more: object = {}) => ({ logs: { workspace: LOGS, query, ...more } });
  const cell = (value: unknown, type = 'long') => ({
    columns: [{ name: 'count_', type }],
    rows: [[value]],
  });
  const told = (more: object) =>
    set('observed', { logs: [{ of: LOGS, query: '"x-8"', ...cell(12), ...more }] });
  const why = async (settings: object): Promise<string> => {
    const found = await read(logs(settings));
    return 'why' in found ? found.why : `It is ${found.value}.`;
  };

  test('on a workspace gives its one cell, a decimal written as text too', async () => {
    await told({});
    expect(await read(logs())).toEqual({ outcome: 'pass', value: 12 });
    await told(cell('120.5', 'decimal'));
    expect(await read(logs())).toEqual({ outcome: 'fail', value: 120.5 });
  });

  test('on a resource, in its time, of one column', async () => {
    const resource = `${group}/Microsoft.Insights/components/heart`;
    const columns = ['p95', 'count_'].map((name) => ({ name, type: 'real' }));
    const ago = { minutesAgo: [90, 45] };
    await told({ of: resource, columns, rows: [[7, 8]], ...ago });
    const asked = { workspace: undefined, resource: resource.replace('heart', '${endpoint}') };
    const found = await read(logs({ ...asked, column: 'count_' }), Date.now() - 60 * 60_000);
    expect(found).toEqual({ outcome: 'pass', value: 8 });
    expect(await why({ ...asked, column: 'count_' })).toMatch(/Failed to resolve table/);
  });

  test.each([
    [{ rows: [] }, {}, 'The query has no row.'],
    [{ rows: [[1], [2]] }, {}, 'The query has 2 rows: end it with summarize.'],
    [
      { columns: ['a', 'b'].map((name) => ({ name, type: 'long' })), rows: [[1, 2]] },
      {},
      'The query has 2 columns: name one of them as column.',
    ],
    [{}, { column: 'p95' }, 'The query has no column p95.'],
    [cell(null), {}, 'The answer is not a number.'],
    [cell('many', 'string'), {}, 'The answer is not a number.'],
    [{ partialError: 'Out of memory.' }, {}, /^Out of memory\./],
    [{}, { query: 'AppRequests | where (x' }, /^Syntax Error\. Change what the message names/],
    [
      {},
      { query: 'AppRequest | summarize count()' },
      /^'summarize' operator: Failed to resolve table or column expression named 'AppRequest'/,
    ],
    [{ of: 'another' }, {}, /^The requested path does not exist\./],
  ])('%j, asked with %j: %s', async (content, settings, sentence) => {
    await told(content);
    const said = await why(settings);
    if (typeof sentence === 'string') expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
  });

  test('that may not be read names the role; a refusal without JSON, its status', async () => {
    await told({});
    await set('conditions', {
      deniedActions: ['Microsoft.OperationalInsights/workspaces/query/read'],
    });
    expect(await why({})).toMatch(/insufficient access .* Log Analytics Reader/);
    await sandbox.control('DELETE', '/_sandbox/conditions');
    const page = { status: 418, body: '<html>blocked</html>' };
    await set('faults', { match: { path: '/v1/workspaces/' }, times: 1, action: page });
    expect(await why({})).toMatch(/blocked|418/);
    expect(await why({})).toBe('It is 12.');
  });

  test('that takes too long is given up', async () => {
    await told({});
    const slow = { match: { path: '/v1/workspaces/' }, times: 1, action: { delayMs: 60_000 } };
    await set('faults', slow);
    expect(await why({ timeoutSeconds: 1 })).toBe('Azure Monitor did not answer within 1 s.');
  });
});

describe('the service that the sandbox stands for', () => {
  const url = `https://api.loganalytics.azure.com/v1/workspaces/${LOGS}/query`;

  test('refuses a query without a token, and with one for another audience', async () => {
    const door = through(sandbox.info);
    const ask = async (headers: Record<string, string>) => {
      const answer = await door.send(url, { method: 'POST', body: '{"query": "x"}', headers });
      const { error } = JSON.parse(answer.text) as { error: { code: string } };
      return [answer.status, error.code];
    };
    const management = await token('https://management.azure.com');
    expect(await ask({})).toEqual([401, 'AuthenticationFailed']);
    expect(await ask({ authorization: `Bearer ${management}` })).toEqual([
      403,
      'InvalidAuthenticationTokenAudience',
    ]);
    const own = await token('https://api.loganalytics.io');
    expect(await ask({ authorization: `Bearer ${own}` })).toEqual([404, 'PathNotFoundError']);
    await door.close();
  });

  test('is told what it has seen in a shape that is checked', async () => {
    const bad = await sandbox.control('POST', '/_sandbox/observed', { metrics: [{ metric: 'a' }] });
    expect(bad).toMatchObject({
      status: 400,
      body: { error: { message: '"metrics.resource" must be a string.' } },
    });
  });

  async function token(resource: string): Promise<string> {
    const { identityEndpoint, env } = sandbox.info;
    const asked = `${identityEndpoint}?api-version=2019-08-01&resource=${resource}`;
    const headers = { 'X-IDENTITY-HEADER': env['IDENTITY_HEADER'] ?? '' };
    const answer = await (await fetch(asked, { headers })).json();
    return (answer as { access_token: string }).access_token;
  }
});
