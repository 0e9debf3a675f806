import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBlobAccess } from '../../../src/sandbox/blob-access.js';
import type { SandboxConfig } from '../../../src/sandbox/model.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../../support/sandbox.js';
import { connectTo, leafOf, plain } from '../../support/raw-requests.js';
import { through, type Through } from '../../support/through-proxy.js';

const LONG_HOST = `${'a'.repeat(32)}.germanywestcentral.inference.ml.azure.com`;

let sandbox: TestSandbox;
let client: Through;
let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  sandbox = await startSandbox();
  client = through(sandbox.info);
});
afterAll(async () => {
  await client.close();
  expect(await sandbox.stop()).toBe(0);
  // Nothing that runs inside may print warnings.
  expect(sandbox.stderr()).toBe('');
  rmSync(folder, { recursive: true, force: true });
});

const config = () =>
  (
    JSON.parse(readFileSync(join(sandbox.stateDir, 'state.json'), 'utf8')) as {
      state: { config: SandboxConfig };
    }
  ).state.config;

describe('the line that says how to reach it', () => {
  it('holds what official clients need, and names the workspace', () => {
    const { info } = sandbox;
    expect(info.armUrl).toBe('https://management.azure.com');
    expect(info.env).toMatchObject({
      HTTPS_PROXY: info.proxyUrl,
      https_proxy: info.proxyUrl,
      NO_PROXY: '127.0.0.1,localhost',
      REQUESTS_CA_BUNDLE: info.caFile,
      SSL_CERT_FILE: info.caFile,
      CURL_CA_BUNDLE: info.caFile,
      NODE_EXTRA_CA_CERTS: info.caFile,
      IDENTITY_ENDPOINT: info.identityEndpoint,
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
      AZUREML_ARM_SUBSCRIPTION: info.subscriptionId,
      AZUREML_ARM_RESOURCEGROUP: info.resourceGroup,
      AZUREML_ARM_WORKSPACE_NAME: info.workspaceName,
    });
    expect(new URL(info.proxyUrl).hostname).toBe('127.0.0.1');
  });

  it('keeps its folder and files from others on the machine', () => {
    expect(statSync(sandbox.stateDir).mode & 0o077).toBe(0);
    for (const name of ['state.json', 'lock.json', 'sandbox.log'])
      expect(statSync(join(sandbox.stateDir, name)).mode & 0o077).toBe(0);
  });

  it('leaves no private key on disk', () => {
    const found = spawnSync('grep', ['-rlE', 'PRIVATE KEY', sandbox.stateDir]);
    // 1: grep found nothing.
    expect(found.status).toBe(1);
  });
});

describe('certificates', () => {
  const hosts = [
    'management.azure.com',
    'management.usgovcloudapi.net',
    'heart.westeurope.inference.ml.azure.com',
    'heart.usgovvirginia.inference.ml.azure.us',
    LONG_HOST,
  ];
  it.each(hosts)('pass the strict checks of openssl for %s', async (host) => {
    const leaf = await leafOf(sandbox.info, host);
    const file = join(folder, 'leaf.pem');
    writeFileSync(file, leaf);
    const out = execFileSync(
      'openssl',
      [
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        '-verify_hostname',
        host,
        '-CAfile',
        sandbox.info.caFile,
        file,
      ],
      { encoding: 'utf8' },
    );
    expect(out.trim()).toBe(`${file}: OK`);
  });

  it('hold key usage and both key identifiers', async () => {
    const file = join(folder, 'leaf.pem');
    writeFileSync(file, await leafOf(sandbox.info, 'management.azure.com'));
    const text = execFileSync('openssl', ['x509', '-in', file, '-noout', '-text'], {
      encoding: 'utf8',
    });
    expect(text).toContain('X509v3 Key Usage: critical');
    expect(text).toContain('X509v3 Subject Key Identifier');
    expect(text).toContain('X509v3 Authority Key Identifier');
    expect(new X509Certificate(readFileSync(sandbox.info.caFile)).ca).toBe(true);
  });
});

describe('the proxy', () => {
  it('answers for ARM and scoring hosts', async () => {
    const arm = await client.send(`${sandbox.info.armUrl}/subscriptions?api-version=2022-12-01`);
    expect(arm.status).toBe(401);
    const scoring = await client.send('https://nobody.westeurope.inference.ml.azure.com/score', {
      method: 'POST',
    });
    expect(scoring.status).toBeGreaterThanOrEqual(400);
    expect(scoring.status).toBeLessThan(500);
  });

  it.each([
    'example.com:443',
    'login.microsoftonline.com:443',
    'management.azure.com:80',
    'otheraccount.blob.core.windows.net:443',
    'management.azure.com.evil.example:443',
    '169.254.169.254:80',
    '127.0.0.1:22',
  ])('refuses CONNECT %s at once', async (target) => {
    const answer = await connectTo(sandbox.info, target);
    expect(answer.status).toBe(403);
    expect(answer.text).toContain('never goes out');
  });

  it('refuses plain HTTP to other hosts', async () => {
    const answer = await plain(sandbox.info, { path: 'http://example.com/' });
    expect(answer.status).toBe(403);
  });

  it('can be told to drop a connection, and drops no other', async () => {
    // Means requests, not connections.
    await sandbox.control('POST', '/_sandbox/faults', { match: {}, action: { drop: true } });
    expect((await connectTo(sandbox.info, 'management.azure.com:443')).status).toBe(200);
    await sandbox.control('DELETE', '/_sandbox/faults');
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { method: 'CONNECT', path: 'management' },
      action: { drop: true },
    });
    await expect(connectTo(sandbox.info, 'management.azure.com:443')).rejects.toThrow();
    expect((await connectTo(sandbox.info, 'management.azure.com:443')).status).toBe(200);
  });
});

describe('its own address', () => {
  it('gives the control routes only to those who read the lock file', async () => {
    expect((await plain(sandbox.info, { path: '/_sandbox/state' })).status).toBe(401);
    expect(
      (await plain(sandbox.info, { path: '/_sandbox/state', headers: { 'x-sandbox-token': 'x' } }))
        .status,
    ).toBe(401);
    expect((await sandbox.control('GET', '/_sandbox/state')).status).toBe(200);
  });

  it('refuses web pages: foreign host names and requests with an origin', async () => {
    const { IDENTITY_HEADER } = sandbox.info.env;
    const path = `/msi/token?resource=https://management.azure.com&api-version=2019-08-01`;
    const good = { 'x-identity-header': IDENTITY_HEADER! };
    expect((await plain(sandbox.info, { path, headers: good })).status).toBe(200);
    expect(
      (await plain(sandbox.info, { path, headers: { ...good, host: 'rebound.example' } })).status,
    ).toBe(403);
    expect(
      (await plain(sandbox.info, { path, headers: { ...good, origin: 'https://evil.example' } }))
        .status,
    ).toBe(403);
  });
});

describe('sign-in', () => {
  const ask = (query: string, header = sandbox.info.env['IDENTITY_HEADER']!) =>
    plain(sandbox.info, { path: `/msi/token?${query}`, headers: { 'x-identity-header': header } });

  it.each([
    'https://management.azure.com',
    'https://management.azure.com/',
    'https://management.core.windows.net/',
    'https://storage.azure.com',
    'https://ml.azure.com',
    'https://ml.azure.us',
    'https://management.chinacloudapi.cn',
  ])('gives a token for %s to any client id', async (resource) => {
    const answer = await ask(
      `resource=${encodeURIComponent(resource)}&api-version=2019-08-01&client_id=whoever`,
    );
    const body = JSON.parse(answer.text) as Record<string, string>;
    expect(body).toMatchObject({ resource, token_type: 'Bearer' });
    const claims = JSON.parse(
      Buffer.from(body['access_token']!.split('.')[1]!, 'base64url').toString(),
    ) as Record<string, unknown>;
    expect(claims['aud']).toBe(resource);
    expect(claims['iss']).toBe(`https://sts.windows.net/${sandbox.info.tenantId}/`);
    expect(String(claims['exp'])).toBe(body['expires_on']);
    expect(Number(body['expires_on'])).toBeGreaterThan(Date.now() / 1000 + 3_600);
  });

  it.each([
    ['resource=https://graph.microsoft.com&api-version=2019-08-01', 400, /no resource named/],
    ['api-version=2019-08-01', 400, /resource is missing/],
    ['resource=https://management.azure.com&api-version=2017-09-01', 400, /2019-08-01/],
  ])('refuses %s', async (query, status, sentence) => {
    const answer = await ask(query);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(sentence);
  });

  it('refuses a wrong header secret', async () => {
    expect(
      (await ask('resource=https://ml.azure.com&api-version=2019-08-01', 'wrong')).status,
    ).toBe(401);
  });
});

describe('unmodified clients in another process', () => {
  it('sign in by DefaultAzureCredential and reach blobs by key, SAS and token', () => {
    const { storageAccount, storageKey, containerName } = config();
    const sas = createBlobAccess({
      config: config(),
      port: () => Promise.resolve(0),
      ca: '',
      clock: { now: () => Date.now() },
    }).sas('rcwl', 3_600_000);
    const script = `
      import { DefaultAzureCredential } from '@azure/identity';
      import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob';
      const [account, key, container, sas] = JSON.parse(process.env.ACCESS);
      const url = 'https://' + account + '.blob.core.windows.net';
      const clients = {
        key: new BlobServiceClient(url, new StorageSharedKeyCredential(account, key)),
        sas: new BlobServiceClient(url + '?' + sas),
        token: new BlobServiceClient(url, new DefaultAzureCredential()),
      };
      const seen = {};
      for (const [name, service] of Object.entries(clients)) {
        const client = service.getContainerClient(container);
        const path = 'LocalUpload/ü ' + name + '/a&b.txt';
        await client.getBlockBlobClient(path).upload(name, name.length, {
          conditions: { ifNoneMatch: '*' }, metadata: { upload_status: 'completed' },
        });
        const properties = await client.getBlobClient(path).getProperties();
        let listed = 0;
        for await (const blob of client.listBlobsFlat({ prefix: path })) listed += Number(blob.name === path);
        seen[name] = [(await client.getBlobClient(path).downloadToBuffer()).toString(), properties.metadata.upload_status, listed];
      }
      console.log(JSON.stringify(seen));`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        ...sandbox.info.env,
        ACCESS: JSON.stringify([storageAccount, storageKey, containerName, sas]),
      },
    });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual({
      key: ['key', 'completed', 1],
      sas: ['sas', 'completed', 1],
      token: ['token', 'completed', 1],
    });
  });

  it('are refused blobs without a right key', async () => {
    const { storageAccount, containerName } = config();
    const answer = await client.send(
      `https://${storageAccount}.blob.core.windows.net/${containerName}?restype=container&comp=list`,
      {
        headers: {
          'x-ms-version': '2021-12-02',
          'x-ms-date': new Date().toUTCString(),
          authorization: `SharedKey ${storageAccount}:${Buffer.from('wrong').toString('base64')}`,
        },
      },
    );
    // Azurite says 400 where Azure says 403.
    expect([400, 403]).toContain(answer.status);
    expect(answer.text).toContain('<Error>');
  });
});
