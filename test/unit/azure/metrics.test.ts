/** Minutes of Azure Monitor, against the sandbox and against answers as the service gives them. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import { metricPoints, toMinutes } from '../../../src/azure/metrics.js';
import type { Endpoint, MinuteMetrics, Workspace } from '../../../src/azure/types.js';
import { ArmClient } from '../../support/arm.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { serveTwo } from '../../support/two-deployments.js';
import { connectionTo } from '../../support/connection.js';
import { AzureError } from '../../../src/azure/errors.js';

const MINUTE = 60_000;
const rows: unknown = JSON.parse(
  readFileSync(new URL('../../../samples/sample.json', import.meta.url), 'utf8'),
);

describe('an answer', () => {
  const series = (dimensions: Record<string, string>, data: object[]) => ({
    metadatavalues: Object.entries(dimensions).map(([name, value]) => ({
      name: { value: name, localizedValue: name },
      value,
    })),
    data,
  });
  const at = (minute: number) => `2026-01-01T12:0${minute}:00Z`;
  const counts = metricPoints({
    value: [
      {
        name: { value: 'RequestsPerMinute', localizedValue: 'Requests per minute' },
        timeseries: [
          series({ deployment: 'Green', statuscode: '200' }, [
            { timeStamp: at(0), average: 7 },
            { timeStamp: at(1) },
            { timeStamp: at(2), average: 0 },
          ]),
          series({ deployment: 'green', statuscode: '429' }, [{ timeStamp: at(0), average: 2 }]),
          series({ deployment: 'green', statuscode: '424' }, [{ timeStamp: at(0), average: 3 }]),
          series({ deployment: 'green', statuscode: '401' }, [{ timeStamp: at(0), average: 1 }]),
          series({ deployment: 'other', statuscode: '200' }, [{ timeStamp: at(0), average: 9 }]),
        ],
      },
    ],
  });

  test('adds up the statuses; a minute without a value is not a minute of zero', () => {
    expect(toMinutes(['blue', 'green'], counts, [])).toEqual([
      { at: at(0), deployment: 'green', requests: 13, failed: 4, errors: 3, busy: 2 },
      { at: at(2), deployment: 'green', requests: 0, failed: 0, errors: 0, busy: 0 },
    ]);
  });

  test('gives latencies to the minutes that have requests', () => {
    const latencies = metricPoints({
      value: [
        {
          name: { value: 'RequestLatency_P95' },
          timeseries: [
            series({ deployment: 'GREEN' }, [
              { timeStamp: at(0), average: 41.5 },
              { timeStamp: at(1), average: 50 },
            ]),
          ],
        },
      ],
    });
    const [first, ...more] = toMinutes(['green'], counts, latencies);
    expect(first).toMatchObject({ at: at(0), p95Ms: 41.5 });
    expect(first).not.toHaveProperty('p99Ms');
    expect(more).toHaveLength(1);
  });

  test.each([{}, { value: [] }, { value: [{ name: { value: 'x' }, timeseries: [] }] }])(
    'may hold nothing: %j',
    (body) => {
      expect(metricPoints(body)).toEqual([]);
    },
  );
});

describe.sequential('an endpoint', () => {
  let sandbox: TestSandbox;
  let workspace: Workspace;
  let arm: ArmClient;
  let endpoint: Endpoint;

  beforeAll(async () => {
    sandbox = await startSandbox({ timeScale: 0.02 });
    workspace = await connect(connectionTo(sandbox));
    arm = await ArmClient.connect(sandbox.info);
    endpoint = await serveTwo(sandbox, workspace, 'heart-metrics');
  });
  afterEach(async () => {
    await sandbox.control('DELETE', '/_sandbox/faults');
  });
  afterAll(async () => {
    await workspace?.close();
    await arm?.close();
    await sandbox?.stop();
  });

  const fault = (match: object, action: object, times = 1) =>
    sandbox.control('POST', '/_sandbox/faults', { match, action, times });
  const read = (ago = 10) =>
    workspace.metrics(
      endpoint,
      ['blue', 'green'],
      new Date(Date.now() - ago * MINUTE),
      new Date(Date.now() + MINUTE),
    );
  const total = (minutes: MinuteMetrics[], deployment: string) =>
    minutes
      .filter((minute) => minute.deployment === deployment)
      .reduce(
        (all, { requests, failed, errors, busy }) => ({
          requests: all.requests + requests,
          failed: all.failed + failed,
          errors: all.errors + errors,
          busy: all.busy + busy,
        }),
        { requests: 0, failed: 0, errors: 0, busy: 0 },
      );
  const monitor = (query: string, of = 'onlineEndpoints/heart-metrics') =>
    arm.get(`${of}/providers/Microsoft.Insights/metrics?${query}`, '2018-01-01');

  test('without requests there are no minutes', async () => {
    expect(await read()).toEqual([]);
  });

  test('numbers are those of what was sent', async () => {
    const sent = { blue: 0, green: 0 };
    for (let index = 0; index < 30; index += 1) {
      const scored = await workspace.score(endpoint, rows);
      expect(scored.status).toBe(200);
      sent[scored.deployment as 'blue' | 'green'] += 1;
    }
    for (const [status, times] of [
      [424, 3],
      [500, 2],
      [429, 4],
      [400, 1],
    ] as const) {
      await fault({ deployment: 'green', path: '/score' }, { status }, times);
      for (let index = 0; index < times; index += 1) {
        expect((await workspace.score(endpoint, rows, { deployment: 'green' })).status).toBe(
          status,
        );
      }
    }
    const minutes = await read();
    expect(total(minutes, 'blue')).toEqual({ requests: sent.blue, failed: 0, errors: 0, busy: 0 });
    expect(total(minutes, 'green')).toEqual({
      requests: sent.green + 10,
      failed: 6,
      errors: 5,
      busy: 4,
    });
    for (const { at, p50Ms = 0, p95Ms = 0, p99Ms = 0 } of minutes) {
      expect(Date.parse(at) % MINUTE).toBe(0);
      expect(p50Ms).toBeGreaterThan(0);
      expect(p95Ms).toBeGreaterThanOrEqual(p50Ms);
      expect(p99Ms).toBeGreaterThanOrEqual(p95Ms);
    }
  });

  test('longer than Azure Monitor gives in one answer', async () => {
    expect(await read(30 * 60)).toEqual(await read());
  });

  test('only what was asked for', async () => {
    const now = new Date();
    const ago = new Date(now.getTime() - 5 * MINUTE);
    expect(await workspace.metrics(endpoint, [], ago, now)).toEqual([]);
    const blue = await workspace.metrics(endpoint, ['BLUE'], ago, now);
    expect(new Set(blue.map(({ deployment }) => deployment))).toEqual(new Set(['BLUE']));
  });

  test('an answer of 204 is no data', async () => {
    await fault({ path: 'Microsoft.Insights/metrics' }, { status: 204, body: '' }, 2);
    expect(await read()).toEqual([]);
  });

  test('without the permission it says which role brings it', async () => {
    const message =
      "The client 'ada' with object id 'x' does not have authorization to perform action 'Microsoft.Insights/metrics/read' over scope '/y' or the scope is invalid.";
    await fault(
      { path: 'Microsoft.Insights/metrics' },
      { status: 403, body: { error: { code: 'AuthorizationFailed', message } } },
      2,
    );
    const error: unknown = await read().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AzureError);
    const { failure } = error as AzureError;
    expect(failure).toMatchObject({
      kind: 'forbidden',
      what: 'read the live metrics of heart-metrics',
    });
    expect(failure.advice).toMatch(/Monitoring Reader/);
  });

  test('the sandbox stops at ten series unless told, as the service does', async () => {
    const statuses = [402, 405, 406, 410, 411, 412, 413, 414, 415, 416, 417];
    for (const status of statuses) {
      await fault({ deployment: 'blue', path: '/score' }, { status });
      await workspace.score(endpoint, rows, { deployment: 'blue' });
    }
    const names =
      "metricnames=RequestsPerMinute&$filter=deployment eq 'blue' and statusCode eq '*'";
    const span = `timespan=${new Date(Date.now() - 5 * MINUTE).toISOString()}/${new Date(Date.now() + MINUTE).toISOString()}`;
    const seriesOf = async (query: string) =>
      (await monitor(query)).body.value[0].timeseries.length as number;
    expect(await seriesOf(`${names}&${span}`)).toBe(10);
    expect(await seriesOf(`${names}&${span}&top=50`)).toBe(statuses.length + 1);
    expect(total(await read(), 'blue').failed).toBe(statuses.length);
  });

  test('the sandbox knows the dimensions of each metric', async () => {
    const latency = "metricnames=RequestLatency_P95&$filter=deployment eq 'blue'";
    expect((await monitor(latency)).status).toBe(200);
    const refused = await monitor(`${latency} and statusCode eq '*'`);
    expect(refused.status).toBe(400);
    expect(refused.body.error?.message ?? refused.body.message).toMatch(
      /does not support requested dimension combination: statuscode/,
    );
    const deployment = 'onlineEndpoints/heart-metrics/deployments/green';
    const own = await monitor(
      "metricnames=RequestsPerMinute&$filter=envoy_response_code eq '*'",
      deployment,
    );
    expect(own.status).toBe(200);
    expect((await monitor('metricnames=RequestLatency', deployment)).status).toBe(400);
    expect((await monitor('metricnames=CpuUtilizationPercentage', deployment)).status).toBe(200);
  });
});

test('in realistic time, a minute is told some time after its end', async () => {
  const sandbox = await startSandbox({ timeScale: 0.002, args: ['--realistic'] });
  expect(sandbox.info).toMatchObject({ metricsLagMs: 240 });
  const workspace = await connect(connectionTo(sandbox));
  try {
    const endpoint = await serveTwo(sandbox, workspace, 'heart-late');
    const sent = Date.now();
    expect((await workspace.score(endpoint, rows)).status).toBe(200);
    const minutes = await workspace.metrics(
      endpoint,
      ['blue', 'green'],
      new Date(sent - MINUTE),
      new Date(sent + MINUTE),
    );
    for (const { at } of minutes) expect(Date.parse(at) + MINUTE).toBeLessThan(Date.now());
  } finally {
    await workspace.close();
    await sandbox.stop();
  }
});
