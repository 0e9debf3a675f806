/** What the sandbox asks of an autoscale setting, as Azure Monitor does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArmClient } from '../../support/arm.js';
import { autoscaleBody, autoscalePath } from '../../support/autoscale.js';
import { serveBlue } from '../../support/live-endpoint.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

interface AutoscaleFixture {
  properties: {
    targetResourceUri: string;
    profiles: { capacity: Record<string, string>; rules: unknown[] }[];
  };
}

let sandbox: TestSandbox;
let arm: ArmClient;

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  await serveBlue(arm, 'scaled');
});
afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
});

describe('autoscale settings', () => {
  const target = (name: string): string =>
    `${arm.workspace}/onlineEndpoints/scaled/deployments/${name}`;
  const send = (name: string, change: (body: AutoscaleFixture) => void = () => {}) => {
    const body = autoscaleBody(name, target('default')) as unknown as AutoscaleFixture;
    change(body);
    return arm.put(autoscalePath(arm, name), body, '2022-10-01');
  };

  it.each<[string, string, (body: AutoscaleFixture) => void]>([
    ['no profile', 'has at least one profile', ({ properties }) => (properties.profiles = [])],
    [
      'limits in the wrong order',
      'from the minimum to the maximum',
      ({ properties }) => (properties.profiles[0]!.capacity['minimum'] = '6'),
    ],
    [
      'a number of instances that is none',
      'whole numbers as text',
      ({ properties }) => (properties.profiles[0]!.capacity['maximum'] = '2.5'),
    ],
    [
      'eleven rules',
      'at most 10 rules',
      ({ properties: { profiles } }) =>
        (profiles[0]!.rules = Array.from({ length: 11 }, () => profiles[0]!.rules[0])),
    ],
    [
      'a target that is no deployment',
      'does not support autoscale',
      ({ properties }) => (properties.targetResourceUri = '/some/deployment'),
    ],
    [
      'no deployment of that name',
      'was not found',
      ({ properties }) => (properties.targetResourceUri = target('other')),
    ],
  ])('are refused with %s', async (_, words, change) => {
    const { status, body } = await send('wrong', change);
    expect(status).toBe(words === 'was not found' ? 404 : 400);
    expect(JSON.stringify(body.error)).toContain(words);
    expect((await arm.get(autoscalePath(arm, 'wrong'))).status).toBe(404);
  });

  it('are kept, one for each deployment', async () => {
    expect((await send('first')).status).toBe(201);
    expect((await send('first')).status).toBe(200);
    const second = await send('second', ({ properties }) => {
      properties.targetResourceUri = properties.targetResourceUri.toUpperCase();
    });
    expect([second.status, second.body.error.code]).toEqual([409, 'Conflict']);
    expect((await arm.get(autoscalePath(arm, 'first'))).body).toMatchObject({
      name: 'first',
      type: 'Microsoft.Insights/autoscaleSettings',
      ...autoscaleBody('first', target('default')),
    });
    const list = autoscalePath(arm, '')
      .replace(/\/resourceGroups\/[^/]+/, '')
      .slice(0, -1);
    expect((await arm.get(list)).body.value).toHaveLength(1);
    expect((await arm.send('DELETE', autoscalePath(arm, 'first'))).status).toBe(200);
    expect((await arm.send('DELETE', autoscalePath(arm, 'first'))).status).toBe(204);
  });
});
