import { readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createBlobAccess } from '../../../src/sandbox/blob-access.js';
import type { SandboxInfo } from '../../../src/sandbox/info.js';
import type { SandboxConfig } from '../../../src/sandbox/model.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../../support/sandbox.js';
import { through } from '../../support/through-proxy.js';

let stateDir: string;
let running: TestSandbox | undefined;
beforeEach(() => {
  stateDir = temporaryFolder();
});
afterEach(async () => {
  await running?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

async function tokenOf(info: SandboxInfo): Promise<string> {
  return new Promise((resolve, reject) => {
    request(
      `${info.identityEndpoint}?resource=${info.armUrl}&api-version=2019-08-01`,
      { agent: false, headers: { 'x-identity-header': info.env['IDENTITY_HEADER']! } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve((JSON.parse(text) as { access_token: string }).access_token),
        );
      },
    )
      .on('error', reject)
      .end();
  });
}

const modelUrl = ({ armUrl, subscriptionId, resourceGroup, workspaceName }: SandboxInfo) =>
  `${armUrl}/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${workspaceName}/models/heart/versions/1?api-version=2022-10-01`;

function stored(): { config: SandboxConfig; models: Record<string, unknown> } {
  const { state } = JSON.parse(readFileSync(join(stateDir, 'state.json'), 'utf8')) as {
    state: { config: SandboxConfig; models: Record<string, unknown> };
  };
  return state;
}

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'keeps models, blobs and sign-ins over an end by %s',
  async (signal) => {
    running = await startSandbox({ stateDir });
    const { config } = stored();
    const sas = createBlobAccess({
      config,
      port: () => Promise.resolve(0),
      ca: '',
      clock: { now: () => Date.now() },
    }).sas('rcw', 3_600_000);
    const blob = `https://${config.storageAccount}.blob.core.windows.net/${config.containerName}/LocalUpload/abc/model/MLmodel?${sas}`;
    const token = await tokenOf(running.info);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

    const first = through(running.info);
    const uploaded = await first.send(blob, {
      method: 'PUT',
      headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-version': '2021-12-02' },
      body: 'flavors: {}',
    });
    expect(uploaded.status).toBe(201);
    const registered = await first.send(modelUrl(running.info), {
      method: 'PUT',
      headers,
      body: JSON.stringify({
        properties: {
          modelType: 'mlflow_model',
          modelUri: `azureml://subscriptions/${config.subscriptionId}/resourcegroups/${config.resourceGroup}/workspaces/${config.workspaceName}/datastores/workspaceblobstore/paths/LocalUpload/abc/model`,
        },
      }),
    });
    expect(registered.status).toBe(201);
    await first.close();

    // A kill may come at any moment after the state has reached the disk.
    if (signal === 'SIGKILL') {
      while (stored().models['heart'] === undefined) await sleep(5);
    }
    const gone = new Promise((resolve) => running!.child.once('close', resolve));
    running.child.kill(signal);
    await gone;

    running = await startSandbox({ stateDir });
    const second = through(running.info);
    const model = await second.send(modelUrl(running.info), { headers });
    expect(model.status).toBe(200);
    expect(JSON.parse(model.text)).toMatchObject({ name: '1' });
    const read = await second.send(blob, { headers: { 'x-ms-version': '2021-12-02' } });
    expect([read.status, read.text]).toEqual([200, 'flavors: {}']);
    await second.close();
    expect(running.stderr()).toBe('');
  },
);
