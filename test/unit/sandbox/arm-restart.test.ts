import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ArmClient, deployment, endpoint } from '../../support/arm.js';
import { type TestSandbox, startSandbox, temporaryFolder } from '../../support/sandbox.js';
import { eventually } from '../../support/eventually.js';

const stateDir = temporaryFolder();
const path = 'onlineEndpoints/heart-again';
let sandbox: TestSandbox;
let arm: ArmClient;

beforeAll(async () => {
  sandbox = await startSandbox({ stateDir });
  arm = await ArmClient.connect(sandbox.info);
  const modelId = await arm.registerSample('heart', '1', 'v1');
  await arm.createEndpoint('heart-again');
  await arm.finished(await arm.put(`${path}/deployments/blue`, deployment(modelId)));
});

afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

it('finishes after a restart what was running before it', async () => {
  // Far longer than the test: only a restart, which knows no fault, can end it.
  await sandbox.control('POST', '/_sandbox/faults', {
    match: { path: 'heart-again' },
    action: { slowOperationMs: 600_000 },
  });
  const answer = await arm.put(path, endpoint({ traffic: { blue: 100 } }));
  expect(answer.body.properties.traffic).toEqual({});
  await arm.close();
  expect(await sandbox.stop()).toBe(0);

  sandbox = await startSandbox({ stateDir });
  arm = await ArmClient.connect(sandbox.info);
  expect((await arm.finished(answer)).status).toBe('Succeeded');
  const { properties } = (await arm.get(path)).body;
  expect(properties).toMatchObject({ provisioningState: 'Succeeded', traffic: { blue: 100 } });
  expect((await arm.get(`${path}/deployments/blue`)).body.properties.provisioningState).toBe(
    'Succeeded',
  );
});

it('counts requests for Azure Monitor', async () => {
  const { body } = await arm.send('POST', `${path}/listKeys`);
  const uri = (await arm.get(path)).body.properties.scoringUri as string;
  const wrong = await arm.send('POST', uri, { token: body.primaryKey, body: {}, apiVersion: null });
  expect(wrong.status).toBe(424);
  const now = Date.now();
  const span = `${new Date(now - 120_000).toISOString()}/${new Date(now + 60_000).toISOString()}`;
  const query = (filter: string) =>
    arm.get(
      `${path}/providers/Microsoft.Insights/metrics?metricnames=RequestsPerMinute&interval=PT1M&aggregation=Average&timespan=${span}&$filter=${filter}`,
      '2018-01-01',
    );
  await eventually(async () => {
    const failed = await query("deployment eq 'blue' and statusCodeClass ne '2xx'");
    const points = failed.body.value[0].timeseries.flatMap(
      (series: { data: { average?: number }[] }) => series.data,
    );
    const sum = points.reduce(
      (all: number, one: { average?: number }) => all + (one.average ?? 0),
      0,
    );
    expect(sum).toBe(1);
  });
  const good = await query("deployment eq 'blue' and statusCodeClass eq '2xx'");
  expect(good.body.value[0].timeseries).toEqual([]);
  const unknown = await arm.get(
    `${path}/providers/Microsoft.Insights/metrics?metricnames=Nope`,
    '2018-01-01',
  );
  expect(unknown.status).toBe(400);
});
