/** The control route's record of requests: off until asked for, and free of what grants access. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import { Recording, type RecordedRequest } from '../../../src/sandbox/recording.js';
import { ArmClient } from '../../support/arm.js';
import { connectionTo } from '../../support/connection.js';
import { through } from '../../support/through-proxy.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../../support/sandbox.js';

interface Said {
  recording: boolean;
  dropped: number;
  requests: RecordedRequest[];
}

let sandbox: TestSandbox;
let arm: ArmClient;
const scratch = temporaryFolder();

beforeAll(async () => {
  // A SAS travels in every blob's address.
  sandbox = await startSandbox({ credentials: 'sas' });
  arm = await ArmClient.connect(sandbox.info);
});

afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const requests = async (method = 'GET', body?: unknown) =>
  (await sandbox.control(method, '/_sandbox/requests', body)).body as Said;

beforeEach(async () => {
  await requests('POST', { record: true });
  await requests('DELETE');
});

const PATH = 'onlineEndpoints/recorded';

describe('a record of requests', () => {
  it('is off until it is asked for', async () => {
    const fresh = await startSandbox();
    try {
      const own = await ArmClient.connect(fresh.info);
      await own.get('');
      await own.close();
      const { body } = await fresh.control('GET', '/_sandbox/requests');
      expect(body).toEqual({ recording: false, dropped: 0, requests: [] });
    } finally {
      await fresh.stop();
    }
  });

  it('keeps method, path, api-version, body and status, in order', async () => {
    const body = { location: 'westeurope', properties: { authMode: 'Key' } };
    await arm.send('PUT', PATH, { body, apiVersion: '2023-10-01' });
    await arm.get(`${PATH}-not-there`, '2022-10-01');
    const said = await requests();
    expect(said.requests).toMatchObject([
      {
        method: 'PUT',
        host: 'management.azure.com',
        path: expect.stringMatching(/\/workspaces\/[^/]+\/onlineEndpoints\/recorded$/) as string,
        query: { 'api-version': '2023-10-01' },
        body,
        // Refused for want of an identity.
        status: 400,
      },
      { method: 'GET', query: { 'api-version': '2022-10-01' }, status: 404 },
    ]);
    expect(said.requests[1]).not.toHaveProperty('body');
  });

  it('keeps what blobs were sent with, and no SAS, key or token', async () => {
    const folder = join(scratch, 'model');
    mkdirSync(folder);
    writeFileSync(join(folder, 'MLmodel'), 'flavors: {}\n');
    const workspace = await connect(connectionTo(sandbox));
    await workspace.uploadFolder(folder, 'heart');
    await workspace.close();
    const { requests: seen } = await requests();
    const blobs = seen.filter(({ host }) => host.includes('.blob.'));
    expect(blobs.map(({ method, status }) => [method, status])).toContainEqual(['PUT', 201]);
    expect(blobs.find(({ method }) => method === 'PUT')).toMatchObject({
      path: expect.stringMatching(/\/LocalUpload\/[0-9a-f]+\/model\/MLmodel$/) as string,
      query: {},
      headers: { 'x-ms-blob-type': 'BlockBlob', 'if-none-match': '*', 'content-length': '12' },
    });
    const marked = blobs.find(({ query }) => query['comp'] === 'metadata');
    expect(marked?.query).toEqual({ comp: 'metadata' });
    expect(marked?.headers['x-ms-meta-upload_status']).toBe('completed');
    const text = JSON.stringify(seen);
    expect(text).not.toMatch(/sig=|Bearer|SharedKey|authorization/i);
  });

  it('keeps none of the rows that were scored', async () => {
    const client = through(sandbox.info);
    const headers = { authorization: 'Bearer abc', 'azureml-model-deployment': 'green' };
    const body = '{"input_data":[["a patient"]]}';
    await client.send('https://none.westeurope.inference.ml.azure.com/score', {
      method: 'POST',
      headers,
      body,
    });
    await client.close();
    const { requests: seen } = await requests();
    expect(seen).toMatchObject([
      { method: 'POST', path: '/score', headers: { 'azureml-model-deployment': 'green' } },
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/patient|abc/);
  });

  it('masks what is secret in a body', () => {
    const recording = new Recording();
    recording.turn(true);
    const seen = {
      method: 'PUT',
      host: 'management.azure.com',
      url: '/x?api-version=1&sig=abc&se=2030&comp=metadata',
      headers: { authorization: 'Bearer abc', cookie: 'abc', 'x-ms-copy-source': 'abc' },
    };
    const environmentVariables = { HF_TOKEN: 'abc', MY_API_KEY: 'abc', THREADS: '4' };
    const properties = {
      authMode: 'Key',
      keyType: 'Primary',
      keyValue: 'abc',
      environmentVariables,
      uri: 'https://a/b?sv=1&sig=abc&x=2',
    };
    recording.add({ ...seen, body: JSON.stringify({ properties }) }, 1);
    recording.add({ ...seen, body: 'not JSON: abc' }, 2);
    const said = recording.list();
    expect(JSON.stringify(said)).not.toContain('abc');
    expect(said.requests[0]?.body).toMatchObject({
      properties: { authMode: 'Key', keyType: 'Primary', environmentVariables: { THREADS: '4' } },
    });
    expect(said.requests[0]?.query).toEqual({ comp: 'metadata' });
  });

  it('keeps the last two thousand, and says how many it let go', () => {
    const recording = new Recording();
    const seen = (url: string) => ({ method: 'GET', host: 'a', url, headers: {} });
    expect(recording.add(seen('/off'), 0)).toBeUndefined();
    recording.turn(true);
    for (let at = 1; at <= 2_003; at += 1) recording.add(seen(`/${at}`), at);
    const said = recording.list();
    expect([said.requests.length, said.dropped]).toEqual([2_000, 3]);
    expect(said.requests[0]?.path).toBe('/4');
  });

  it('says what it wants to be told', async () => {
    const { status, body } = await sandbox.control('POST', '/_sandbox/requests', { record: 1 });
    expect([status, body]).toEqual([
      400,
      { error: { message: '"record" must be true or false.' } },
    ]);
    await requests('POST', { record: false });
    await arm.get('');
    expect(await requests()).toEqual({ recording: false, dropped: 0, requests: [] });
  });
});
