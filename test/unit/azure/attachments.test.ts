/** What points at a deployment is found: each kind of it, by ARM id, and nothing that merely looks alike. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { attachmentLines, leftBehindLines } from '../../../src/rollout/attachments.js';
import { ArmClient } from '../../support/arm.js';
import { autoscaleBody, autoscalePath } from '../../support/autoscale.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { serveTwo } from '../../support/two-deployments.js';

let sandbox: TestSandbox;
let arm: ArmClient;
let workspace: Workspace;
let blue: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  workspace = await connect(connectionTo(sandbox));
  await serveTwo(sandbox, workspace, 'heart');
  blue = `${arm.workspace}/onlineEndpoints/heart/deployments/blue`;
  const green = blue.replace(/blue$/, 'green');
  const group = arm.workspace.split('/providers/')[0]!;
  const insights = 'providers/Microsoft.Insights';
  const settings: [string, object][] = [
    [`${group}/${insights}/metricAlerts/slow`, { scopes: ['/subscriptions/x', blue] }],
    [`${group}/${insights}/metricAlerts/endpoint`, { scopes: [blue.split('/deployments')[0]] }],
    [`${group}/${insights}/scheduledQueryRules/errors`, { scopes: [blue] }],
    [`${blue}/${insights}/diagnosticSettings/logs`, { workspaceId: '/w' }],
    [
      `${arm.workspace}/schedules/drift`,
      {
        action: {
          actionType: 'CreateMonitor',
          monitorDefinition: { monitoringTarget: { deploymentId: 'azureml:heart:blue' } },
        },
      },
    ],
    [`${arm.workspace}/schedules/nightly`, { action: { actionType: 'CreateJob' } }],
  ];
  for (const [path, properties] of settings) await arm.put(path, { properties });
  for (const [name, target] of [
    ['scale', blue.toUpperCase()],
    ['other', green],
  ] as const) {
    const made = await arm.put(autoscalePath(arm, name), autoscaleBody(name, target));
    expect(made.status).toBe(201);
  }
});
afterAll(async () => {
  await workspace?.close();
  await arm?.close();
  await sandbox?.stop();
});

describe('what points at a deployment', () => {
  it('is found, of every kind', async () => {
    const { found, unread } = await workspace.attachments(blue);
    expect(found.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'autoscale setting scale',
      'metric alert slow',
      'log alert errors',
      'diagnostic setting logs',
      'model monitor drift',
    ]);
    expect(unread).toEqual([]);
  });

  it('is nothing for another deployment', async () => {
    expect(await workspace.attachments(`${blue}-3`)).toEqual({ found: [], unread: [] });
  });

  it('is said to be unread where the sign-in may not list it', async () => {
    const deniedActions = ['Microsoft.Insights/autoscaleSettings/read'];
    await sandbox.control('POST', '/_sandbox/conditions', { deniedActions });
    const { found, unread } = await workspace.attachments(blue);
    await sandbox.control('DELETE', '/_sandbox/conditions');
    expect([found.length, unread]).toEqual([4, ['autoscale setting']]);
    expect(attachmentLines('blue', { found: [], unread })).toEqual([
      'Not readable with this sign-in: each autoscale setting of blue.',
    ]);
  });

  it('is named in sentences, before green is created and before blue is changed', async () => {
    const attached = await workspace.attachments(blue);
    expect(attachmentLines('blue', attached)[0]).toBe(
      'blue has autoscale setting scale, which does not follow to green.',
    );
    expect(leftBehindLines('blue', attached).at(-1)).toBe(
      'model monitor drift still points at blue.',
    );
  });
});
