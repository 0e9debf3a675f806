import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArmClient } from '../../support/arm.js';
import { type TestSandbox, startSandbox } from '../../support/sandbox.js';

let sandbox: TestSandbox;
let arm: ArmClient;
let subscription: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  subscription = `/subscriptions/${sandbox.info.subscriptionId}`;
  const { location } = sandbox.info;
  for (const name of ['heart-one', 'heart-two']) {
    await arm.send('PUT', `onlineEndpoints/${name}`, {
      body: {
        location,
        identity: { type: 'SystemAssigned' },
        tags: { team: name },
        properties: { authMode: 'Key' },
      },
    });
  }
});

afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
});

async function listed(filter?: string): Promise<string[]> {
  const query = filter === undefined ? '' : `?$filter=${encodeURIComponent(filter)}`;
  const { status, body } = await arm.get(`${subscription}/resources${query}`);
  expect(status).toBe(200);
  return body.value.map((resource: { name: string }) => resource.name).sort();
}

describe("Resource Manager's list of resources", () => {
  it('has the workspace and its endpoints, without their properties', async () => {
    expect(await listed()).toEqual(['heart-one', 'heart-two', sandbox.info.workspaceName]);
    const { body } = await arm.get(`${subscription}/resources`);
    expect(body.value[1]).toMatchObject({
      type: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints',
      tags: { team: 'heart-one' },
      location: sandbox.info.location,
    });
    expect(body.value[1]).not.toHaveProperty('properties');
  });

  it.each([
    ["resourceType eq 'microsoft.machinelearningservices/WORKSPACES'", ['sandbox']],
    ["resourceType eq 'Microsoft.Compute/disks'", []],
    ["name eq 'heart-two'", ['heart-two']],
    ["tagName eq 'team' and tagValue eq 'heart-one'", ['heart-one']],
    ["resourceGroup eq 'elsewhere'", []],
    ["location eq 'nowhere'", []],
  ])('keeps what %s says', async (filter, names) => {
    expect(await listed(filter)).toEqual(names);
  });

  it('refuses a filter it does not know', async () => {
    const { status, body } = await arm.get(`${subscription}/resources?$filter=kind gt 'x'`);
    expect([status, body.error.code]).toEqual([400, 'InvalidFilterInQueryString']);
  });
});

describe('what az asks before it asks for a resource', () => {
  it('is told by HEAD whether a resource group is there', async () => {
    const group = `${subscription}/resourceGroups`;
    expect((await arm.send('HEAD', `${group}/${sandbox.info.resourceGroup}`)).status).toBe(204);
    expect((await arm.send('HEAD', `${group}/nope`)).status).toBe(404);
  });

  it('is told the types of the provider with their versions, and the one location', async () => {
    const { body } = await arm.get(`${subscription}/providers/Microsoft.MachineLearningServices`);
    expect(body.resourceTypes).toContainEqual({
      resourceType: 'workspaces/onlineEndpoints',
      locations: [sandbox.info.location],
      apiVersions: expect.arrayContaining(['2023-04-01']) as unknown,
    });
    const locations = await arm.get(`${subscription}/locations`);
    expect(locations.body.value).toHaveLength(1);
    expect(locations.body.value[0].name).toBe(sandbox.info.location);
  });

  it('may escape the times of metrics twice', async () => {
    const span = '2026-01-01T00:00:00Z/2026-01-01T01:00:00Z';
    const twice = encodeURIComponent(encodeURIComponent(span));
    const path = 'onlineEndpoints/heart-one/providers/Microsoft.Insights/metrics';
    const { status, body } = await arm.get(
      `${path}?metricnames=RequestsPerMinute&interval=PT1M&timespan=${twice}`,
    );
    expect([status, body.timespan]).toEqual([200, span]);
  });
});
