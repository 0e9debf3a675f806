/** The whole flow through `Workspace`, against the sandbox. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, listSubscriptions } from '../../../src/azure/connect.js';
import type {
  Endpoint,
  ModelVersion,
  UploadProgress,
  Workspace,
} from '../../../src/azure/types.js';
import { readAnswer } from '../../../src/rollout/evidence/replay.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { connectionTo } from '../../support/connection.js';
import { AzureError } from '../../../src/azure/errors.js';

const samples = new URL('../../../samples/', import.meta.url);
const folder = (version: string) => new URL(`heart-classifier/${version}`, samples).pathname;
const rows: unknown = JSON.parse(readFileSync(new URL('sample.json', samples), 'utf8'));
const MODEL = 'heart-classifier';
const ENDPOINT = 'heart-flow';

let sandbox: TestSandbox;
let workspace: Workspace;

beforeAll(async () => {
  sandbox = await startSandbox();
  workspace = await connect(connectionTo(sandbox));
});
afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
});

async function failureOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AzureError);
  return (error as AzureError).failure;
}

async function endpoint(): Promise<Endpoint> {
  const found = await workspace.getEndpoint(ENDPOINT);
  if (!found) throw new Error('The endpoint is not there.');
  return found;
}

const spec = (model: ModelVersion) => ({
  model: model.id,
  instanceType: 'Standard_DS3_v2',
  instanceCount: 1,
  requestSettings: {
    requestTimeoutMs: 5000,
    maxConcurrentRequestsPerInstance: 4,
    maxQueueWaitMs: 500,
  },
});

// Each step stands on those before it, as in a rollout.
describe.sequential('a rollout', () => {
  const versions: ModelVersion[] = [];

  test('who and where', async () => {
    expect(await workspace.who()).toBe('you@sandbox.local');
    expect(await workspace.info()).toMatchObject({
      workspaceName: sandbox.info.workspaceName,
      location: sandbox.info.location,
      v1LegacyMode: false,
    });
    expect(
      await workspace.missingPermissions(['Microsoft.MachineLearningServices/workspaces/read']),
    ).toEqual([]);
    const sizes = await workspace.vmSizes();
    const usages = await workspace.usages();
    const size = sizes.find((each) => each.name === 'Standard_DS3_v2');
    expect(size?.vCpus).toBe(4);
    expect(usages.find((usage) => usage.family === size?.family)?.limit).toBeGreaterThan(0);
  });

  test('what instances cost an hour, asked without a token', async () => {
    const sizes = (await workspace.vmSizes()).map(({ name }) => name);
    expect(sizes.length).toBeGreaterThan(15);
    const prices = await workspace.hourlyPrices(sizes);
    // Of Linux on demand: Windows, spot and low priority are listed under the same name.
    expect(prices).toMatchObject({ Standard_DS3_v2: 0.293, Standard_NC24ads_A100_v4: 4.775 });
    expect(prices).not.toHaveProperty('Standard_NC6s_v3');
    expect(await workspace.hourlyPrices(["o'clock' or 'a' eq 'a"])).toEqual({});
  });

  test('no price where the list cannot be reached, and nobody waits for it', async () => {
    const match = { method: 'CONNECT', path: 'prices' };
    for (const action of [{ drop: true }, { delayMs: 60_000 }]) {
      const apart = await connect(connectionTo(sandbox));
      await apart.info();
      await sandbox.control('POST', '/_sandbox/faults', { match, times: 1_000, action });
      expect(await apart.hourlyPrices(['Standard_DS3_v2'])).toEqual({});
      const { body } = await sandbox.control('GET', '/_sandbox/faults');
      // A proxy that hangs up is not asked again and again.
      expect((body as { faults: { times: number }[] }).faults[0]?.times).toBeGreaterThan(990);
      await sandbox.control('DELETE', '/_sandbox/faults');
      await apart.close();
    }
  });

  test('what can be chosen', async () => {
    const subscriptions = await listSubscriptions(connectionTo(sandbox));
    const { subscriptionId, resourceGroup, workspaceName } = sandbox.info;
    expect((await subscriptions.list()).map(({ id }) => id)).toEqual([subscriptionId]);
    expect(await subscriptions.resourceGroups(subscriptionId)).toContain(resourceGroup);
    const found = { name: workspaceName, resourceGroup, location: sandbox.info.location };
    expect(await subscriptions.workspaces(subscriptionId)).toEqual([found]);
    expect(await subscriptions.workspaces(subscriptionId, resourceGroup)).toEqual([found]);
    await subscriptions.close();
  });

  test('upload and register, each content once', async () => {
    expect(await workspace.modelContainer(MODEL)).toBeUndefined();
    expect(await workspace.listModelVersions(MODEL)).toEqual([]);
    for (const [index, name] of ['v1', 'v2'].entries()) {
      const seen: UploadProgress[] = [];
      const uploaded = await workspace.uploadFolder(folder(name), MODEL, (p) => seen.push(p));
      expect(uploaded.alreadyThere).toBe(false);
      expect(uploaded.uri).toMatch(/\/paths\/LocalUpload\/[0-9a-f]{64}\/v[12]$/);
      expect(seen.at(-1)).toEqual({
        sentBytes: uploaded.totalBytes,
        totalBytes: uploaded.totalBytes,
        sentFiles: uploaded.totalFiles,
        totalFiles: uploaded.totalFiles,
      });
      const next = (await workspace.modelContainer(MODEL))?.nextVersion ?? '1';
      expect(next).toBe(String(index + 1));
      const flavors = { python_function: { loader_module: 'mlflow.sklearn' } };
      versions.push(
        await workspace.putModelVersion(MODEL, next, uploaded.uri, {
          description: name,
          tags: { from: name },
          flavors,
        }),
      );
      // Registering the same again changes nothing.
      await workspace.putModelVersion(MODEL, next, uploaded.uri, { flavors });
    }
    expect((await workspace.uploadFolder(folder('v2'), MODEL)).alreadyThere).toBe(true);
    expect(await workspace.listModels()).toEqual([MODEL]);
    expect((await workspace.listModelVersions(MODEL)).map(({ version }) => version)).toEqual([
      '2',
      '1',
    ]);
    expect(await workspace.getModelVersion(MODEL, '9')).toBeUndefined();
    expect(await workspace.readModelFile(versions[0]!, 'MLmodel')).toContain('flavors:');
    expect(await workspace.readModelFile(versions[0]!, 'absent.txt')).toBeUndefined();
    const taken = await failureOf(workspace.putModelVersion(MODEL, '1', versions[1]!.uri));
    expect(taken).toMatchObject({ kind: 'conflict', what: `register model ${MODEL}:1` });
  });

  test('the endpoint and blue', async () => {
    expect(await workspace.getEndpoint(ENDPOINT)).toBeUndefined();
    const create = {
      authMode: 'key' as const,
      identity: { type: 'system_assigned' as const },
      description: 'of the test',
      tags: { team: 'a' },
    };
    await workspace.wait(await workspace.createEndpoint(ENDPOINT, create));
    expect((await failureOf(workspace.createEndpoint(ENDPOINT, create))).kind).toBe('conflict');
    const statuses: string[] = [];
    await workspace.wait(
      await workspace.createDeployment(ENDPOINT, 'blue', spec(versions[0]!)),
      (status) => statuses.push(status.status),
    );
    expect(statuses.at(-1)).toBe('succeeded');
    await workspace.wait(
      await workspace.updateEndpoint(ENDPOINT, {
        expect: { traffic: {} },
        traffic: { blue: 100 },
        tags: { rollout: 'r1\n of ada' },
      }),
    );
    const other = { expect: { tags: { rollout: 'r2' } }, traffic: {} };
    expect(await failureOf(workspace.updateEndpoint(ENDPOINT, other))).toMatchObject({
      kind: 'drift',
      message: expect.stringMatching(
        new RegExp(
          `^Someone else changed ${ENDPOINT} at [\\d-]{10} [\\d:]{8} UTC: its tag rollout is now r1 of ada[.] Nothing was sent[.]$`,
        ),
      ),
    });
    expect(await failureOf(workspace.updateEndpoint('gone', other))).toMatchObject({
      kind: 'drift',
      message: 'Someone else changed gone: it is gone. Nothing was sent.',
    });
    expect(await endpoint()).toMatchObject({
      traffic: { blue: 100 },
      tags: { team: 'a', rollout: 'r1\n of ada' },
      description: 'of the test',
      provisioningState: 'Succeeded',
    });
    const [blue] = await workspace.listDeployments(ENDPOINT);
    expect(blue).toMatchObject({ name: 'blue', ...spec(versions[0]!) });
    expect(await workspace.deploymentLogs(ENDPOINT, 'blue')).toMatch(
      /UserContainerStart: Succeeded/,
    );
  });

  test('scoring: live, pinned, and not there', async () => {
    await workspace.wait(await workspace.createDeployment(ENDPOINT, 'green', spec(versions[1]!)));
    const live = await workspace.score(await endpoint(), rows);
    expect(live).toMatchObject({ status: 200, deployment: 'blue' });
    expect(live.body).toHaveLength(5);
    expect(live.latencyMs).toBeGreaterThan(live.modelMs ?? Infinity);
    const pinned = { deployment: 'green', clientRequestId: 'amlr-1', freshConnection: true };
    expect(await workspace.score(await endpoint(), rows, pinned)).toMatchObject({
      status: 200,
      deployment: 'green',
    });
    const nobody = await workspace.score(await endpoint(), rows, { deployment: 'nobody' });
    expect(nobody.status).toBe(404);
    expect(nobody).not.toHaveProperty('failure');
    const misfit = { input_data: { columns: ['nope'], index: [0], data: [[1]] } };
    const refused = await workspace.score(await endpoint(), misfit);
    expect(refused).toMatchObject({ status: 424, modelStatus: 400 });
    expect(refused.reason).toMatch(/inputs/);
    expect(readAnswer(refused)).toMatchObject({
      problem: 'model',
      message: `The model answered 400 (424): ${refused.reason ?? ''}`,
    });
  });

  test('a fresh connection for each request that asks for one, which resumes the TLS session', async () => {
    const opened: TLSSocket[] = [];
    const resumed: boolean[] = [];
    const see = (message: unknown) => {
      const { connectParams, socket } = message as {
        connectParams: { host: string };
        socket: TLSSocket;
      };
      if (!connectParams.host.startsWith(ENDPOINT)) return;
      opened.push(socket);
      resumed.push(socket.isSessionReused());
    };
    subscribe('undici:client:connected', see);
    try {
      const served = await endpoint();
      for (const freshConnection of [true, true, true, false, false]) {
        const scored = await workspace.score(served, rows, { freshConnection });
        expect(scored.status).toBe(200);
      }
      // The last two share one, which may have been kept since an earlier request.
      expect([3, 4]).toContain(opened.length);
      expect(opened.slice(0, 3).map((socket) => socket.destroyed)).toEqual([true, true, true]);
      expect(resumed.slice(1, 3)).toEqual([true, true]);
    } finally {
      unsubscribe('undici:client:connected', see);
    }
  });

  test('a split keeps the mirror, and a mirror the split', async () => {
    await workspace.wait(
      await workspace.updateEndpoint(ENDPOINT, { mirrorTraffic: { green: 10 } }),
    );
    await workspace.wait(await workspace.updateEndpoint(ENDPOINT, { tags: { rollout: null } }));
    expect(await endpoint()).toMatchObject({
      traffic: { blue: 100 },
      mirrorTraffic: { green: 10 },
      tags: { team: 'a' },
    });
    await workspace.wait(
      await workspace.updateEndpoint(ENDPOINT, {
        expect: { traffic: { blue: 100, green: 0 }, mirrorTraffic: { green: 10 } },
        traffic: { blue: 90, green: 10 },
        mirrorTraffic: {},
      }),
    );
    expect(await endpoint()).toMatchObject({ traffic: { blue: 90, green: 10 }, mirrorTraffic: {} });
  });

  test('what another operator did is seen, and nothing is sent', async () => {
    const moved = { endpoint: ENDPOINT, traffic: { blue: 50, green: 50 } };
    expect((await sandbox.control('POST', '/_sandbox/traffic', moved)).status).toBe(200);
    const failure = await failureOf(
      workspace.updateEndpoint(ENDPOINT, {
        expect: { traffic: { blue: 90, green: 10 } },
        traffic: { blue: 80, green: 20 },
      }),
    );
    expect(failure).toMatchObject({ kind: 'drift', retrySafe: false });
    expect(failure.message).toContain('blue=90 green=10');
    expect(failure.message).toContain('blue=50 green=50');
    expect((await endpoint()).traffic).toEqual({ blue: 50, green: 50 });
  });

  test('Azure’s refusals say which rule', async () => {
    const sum = await failureOf(
      workspace.updateEndpoint(ENDPOINT, { traffic: { blue: 90, green: 20 } }),
    );
    expect(sum).toMatchObject({ kind: 'invalid', status: 400, retrySafe: false });
    expect(sum.correlationId).toBeTruthy();
    expect((await failureOf(workspace.deleteDeployment(ENDPOINT, 'green'))).kind).toBe('invalid');
    const quota = await failureOf(
      workspace.createDeployment(ENDPOINT, 'huge', { ...spec(versions[0]!), instanceCount: 50 }),
    );
    expect(quota.kind).toBe('quota');
    expect(quota.message).toMatch(/^Not enough quota available for Standard_DS3_v2/);
    const name = await failureOf(workspace.createDeployment(ENDPOINT, '1', spec(versions[0]!)));
    expect(name.kind).toBe('invalid');
    // The adapter makes an ARM id of the reference that a file has.
    const environment = await failureOf(
      workspace.createDeployment(ENDPOINT, 'alone', {
        ...spec(versions[0]!),
        environment: 'azureml:none:1',
      }),
    );
    expect(environment.message).toContain('Environment with name: none and version: 1 not found');
  });

  test('scaling keeps the tags', async () => {
    await workspace.wait(await workspace.scaleDeployment(ENDPOINT, 'green', 2));
    const green = (await workspace.listDeployments(ENDPOINT)).find(({ name }) => name === 'green');
    expect(green).toMatchObject({ instanceCount: 2, model: versions[1]!.id });
  });

  test('a new key is found when the old one is refused', async () => {
    const before = await workspace.revealKey(await endpoint());
    expect(await workspace.keyHint(await endpoint())).toBe(`••••${before.slice(-4)}`);
    // Someone else regenerates: this workspace's cache does not know.
    const other = await connect(connectionTo(sandbox));
    await other.wait(await other.regenerateKey(ENDPOINT, 'primary'));
    await other.close();
    expect((await workspace.score(await endpoint(), rows)).status).toBe(200);
    expect(await workspace.revealKey(await endpoint())).not.toBe(before);
  });

  test('a crashed container', async () => {
    await workspace.wait(await workspace.scaleDeployment(ENDPOINT, 'green', 1));
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { deployment: 'crash' },
      action: { crash: "ModuleNotFoundError: No module named 'azureml.ai'" },
    });
    const operation = await workspace.createDeployment(ENDPOINT, 'crash', spec(versions[0]!));
    const failure = await failureOf(workspace.wait(operation));
    expect(failure.kind).toBe('provisioning');
    expect(failure.message).toMatch(/User container has crashed/);
    expect((await workspace.operation(operation)).status).toBe('failed');
    expect(await workspace.deploymentLogs(ENDPOINT, 'crash')).toContain("'azureml.ai'");
    const all = await workspace.listDeployments(ENDPOINT);
    expect(all.find(({ name }) => name === 'crash')?.provisioningState).toBe('Failed');
  });

  test('deleting', async () => {
    const gone = await workspace.deleteDeployment(ENDPOINT, 'crash');
    await workspace.wait(gone!);
    expect(await workspace.deleteDeployment(ENDPOINT, 'crash')).toBeUndefined();
    await workspace.wait((await workspace.deleteEndpoint(ENDPOINT))!);
    expect(await workspace.getEndpoint(ENDPOINT)).toBeUndefined();
    expect(await workspace.deleteEndpoint(ENDPOINT)).toBeUndefined();
  });
});

// azure-ai-ml 1.35, `_azure_environments.py`: `aml_resource_id` of each cloud.
test.each([
  ['public', 'https://ml.azure.com'],
  ['usgov', 'https://ml.azure.us'],
  ['china', 'https://ml.azure.cn'],
] as const)('an Entra caller of cloud %s scores with a token for %s', async (cloud, audience) => {
  const of = await connect({ ...connectionTo(sandbox), cloud });
  try {
    await of.wait(
      await of.createEndpoint(`entra-${cloud}`, {
        authMode: 'aad_token',
        identity: { type: 'system_assigned' },
        tags: {},
      }),
    );
    const made = (await of.getEndpoint(`entra-${cloud}`))!;
    const token = await of.revealKey(made);
    const [, claims = ''] = token.split('.');
    const { aud } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string };
    expect(aud.replace(/\/$/, '')).toBe(audience);
    await of.deleteEndpoint(made.name);
  } finally {
    await of.close();
  }
});
