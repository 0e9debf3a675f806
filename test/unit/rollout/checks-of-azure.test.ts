/** Checks that ask Azure Monitor: what they send and read, and what they say where there is no number. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import type { CheckAround } from '../../../src/rollout/checks/check.js';
import { measure } from '../../../src/rollout/checks/measure.js';
import type { PlannedCheck } from '../../../src/rollout/checks/planned.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

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
  names: { endpoint: 'heart', blue: 'default', green: 'x-8', weight: '10' },
  workspace,
  endpointId: `${group}/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/heart`,
  at: Date.now(),
  lagMs: 0,
  folder: process.cwd(),
  variables: {},
  signal: new AbortController().signal,
});
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
