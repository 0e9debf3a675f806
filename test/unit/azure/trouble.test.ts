/** The adapter when things go wrong on the way: against the sandbox, with faults on demand. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Connection, OperationStatus, Workspace } from '../../../src/azure/types.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { connectionTo } from '../../support/connection.js';
import { faultAuthority, FaultProxy, type Passing } from '../../faults/proxy.js';
import { startRelay, type CuttingRelay } from './cutting-relay.js';
import { AzureError } from '../../../src/azure/errors.js';
import { notCarried } from '../../../src/rollout/inherit.js';

let sandbox: TestSandbox;
let workspace: Workspace;
const opened: Workspace[] = [];
const scratch = mkdtempSync(join(tmpdir(), 'aml-rollout-trouble-'));

const SOON = { 'Retry-After': '0' };
const SAMPLE = fileURLToPath(new URL('../../../samples/heart-classifier/v1', import.meta.url));

const create = {
  authMode: 'key' as const,
  identity: { type: 'system_assigned' as const },
  tags: {},
};

async function open(connection: Connection): Promise<Workspace> {
  const found = await connect(connection);
  opened.push(found);
  return found;
}

beforeAll(async () => {
  sandbox = await startSandbox();
  workspace = await open(connectionTo(sandbox));
});
afterEach(async () => {
  await sandbox.control('DELETE', '/_sandbox/faults');
});
afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()));
  await sandbox?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

async function fault(match: object, action: object, times = 1): Promise<void> {
  const { status } = await sandbox.control('POST', '/_sandbox/faults', { match, action, times });
  expect(status).toBe(200);
}

async function faultsLeft(): Promise<unknown[]> {
  const { body } = await sandbox.control('GET', '/_sandbox/faults');
  return (body as { faults: unknown[] }).faults;
}

async function operations(): Promise<string[]> {
  const { body } = await sandbox.control('GET', '/_sandbox/state');
  return Object.keys((body as { operations: object }).operations);
}

async function failureOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AzureError);
  return (error as AzureError).failure;
}

describe('repeating', () => {
  test('a read is sent again after a dropped connection and a 503', async () => {
    await fault({ path: '/onlineEndpoints' }, { drop: true });
    await fault({ path: '/onlineEndpoints' }, { status: 503 });
    expect(await workspace.listEndpoints()).toEqual([]);
    expect(await faultsLeft()).toEqual([]);
  });

  test('throttling is waited out, for a write too', async () => {
    await fault({ method: 'PUT' }, { status: 429, headers: { 'Retry-After': '0' } });
    await workspace.wait(await workspace.createEndpoint('throttled', create));
    expect(await faultsLeft()).toEqual([]);
    expect((await workspace.getEndpoint('throttled'))?.provisioningState).toBe('Succeeded');
  });

  test('a long pause is not waited for, but said', async () => {
    await fault({ path: '/onlineEndpoints' }, { status: 429, headers: { 'Retry-After': '600' } });
    expect(await failureOf(workspace.listEndpoints())).toMatchObject({
      kind: 'throttled',
      retryAfterSeconds: 600,
      retrySafe: true,
    });
  });

  test('a write that was dropped on its way is sent again, a refused one is not', async () => {
    await fault({ method: 'PUT' }, { drop: true });
    await workspace.wait(await workspace.createEndpoint('dropped', create));
    expect((await workspace.getEndpoint('dropped'))?.provisioningState).toBe('Succeeded');

    await fault({ method: 'PUT' }, { status: 409 }, 2);
    expect((await failureOf(workspace.createEndpoint('refused', create))).kind).toBe('conflict');
    expect(await faultsLeft()).toMatchObject([{ times: 1 }]);
  });

  test('a write whose answer was lost is found, not repeated', async () => {
    const relay: CuttingRelay = await startRelay(sandbox.info.proxyUrl);
    try {
      const through = await open({ ...connectionTo(sandbox), proxyUrl: relay.url });
      await through.wait(await through.createEndpoint('lost-answer', create));
      const before = await through.getEndpoint('lost-answer');
      const writes = await operations();
      // The GET that compares is answered; the PUT's answer never arrives.
      relay.loseAnswer(2);
      const operation = await through.updateEndpoint('lost-answer', { tags: { tried: 'once' } });
      expect(relay.lost()).toBe(1);
      await through.wait(operation);
      const after = await through.getEndpoint('lost-answer');
      expect(before?.tags).toEqual({});
      expect(after?.tags).toEqual({ tried: 'once' });
      // One write only, and the operation followed is the one that the lost PUT began.
      const begun = (await operations()).filter((name) => !writes.includes(name));
      expect(begun).toHaveLength(1);
      expect(operation.url).toContain(begun[0]);
    } finally {
      await relay.close();
    }
  });
});

describe('an answer that does not come', () => {
  let proxy: FaultProxy;
  let through: Workspace;
  beforeAll(async () => {
    proxy = await FaultProxy.start(sandbox.info);
    const { certPem } = await faultAuthority();
    writeFileSync(join(scratch, 'ca.pem'), certPem);
    // Forty seconds of silence pass in two.
    const { setTimeout: limit } = Socket.prototype;
    vi.spyOn(Socket.prototype, 'setTimeout').mockImplementation(function (this: Socket, ms, done) {
      return limit.call(this, ms / 20, done);
    });
    const wait = globalThis.setTimeout;
    vi.spyOn(globalThis, 'setTimeout').mockImplementation((work: () => void, ms = 0, ...more: []) =>
      wait(work, ms / 20, ...more),
    );
    through = await open({
      ...connectionTo(sandbox),
      proxyUrl: proxy.url,
      caFile: join(scratch, 'ca.pem'),
      identityEndpoint: `${proxy.url}/msi/token`,
    });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await proxy?.close();
  });

  /** What becomes of the first request of this kind. */
  const once = (kind: RegExp, meet: (passing: Passing) => Promise<void>): (() => boolean) => {
    let met = false;
    proxy.interfere = (passing) => {
      if (met || !kind.test(passing.kind)) return undefined;
      met = true;
      return meet(passing);
    };
    return () => met;
  };
  const silent = () => Promise.resolve();
  const broken = async (passing: Passing) => passing.cut(await passing.forward());

  test.each([
    ['the identity endpoint is silent', /identity/, silent],
    ['the identity endpoint’s answer breaks off', /identity/, broken],
    ['a read is not answered', /GET .*onlineEndpoints$/, silent],
    ['the answer of a read breaks off', /GET .*onlineEndpoints$/, broken],
    ['the answer of the typed client breaks off', /GET .*models\/NAME\/versions$/, broken],
  ])('is asked for again: %s', async (_, kind, meet) => {
    const met = once(kind, meet);
    const fresh = await open({
      ...connectionTo(sandbox),
      proxyUrl: proxy.url,
      caFile: join(scratch, 'ca.pem'),
      identityEndpoint: `${proxy.url}/msi/token`,
    });
    await fresh.listEndpoints();
    await fresh.listModelVersions('none');
    expect(met()).toBe(true);
  });

  test('of a file that is uploaded', async () => {
    const met = once(/PUT blob file/, silent);
    const { uri } = await through.uploadFolder(SAMPLE, 'silent-upload');
    expect(met()).toBe(true);
    expect(uri).toContain('paths/LocalUpload');
  });

  test('of the proxy itself', async () => {
    const server = createServer((socket) => void socket.resume()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const lost = await open({ ...connectionTo(sandbox), proxyUrl: `http://127.0.0.1:${port}` });
    const failure = await failureOf(lost.listEndpoints());
    expect(failure).toMatchObject({ kind: 'network', code: 'ETIMEDOUT', retrySafe: true });
    server.close();
  });
});

describe('operations', () => {
  test('waiting survives failing polls, and stops when asked', async () => {
    await fault({ method: 'PUT' }, { slowOperationMs: 100 });
    const operation = await workspace.createEndpoint('patient', create);
    await fault({ path: 'mfeOperationsStatus' }, { drop: true }, 5);
    const seen: OperationStatus[] = [];
    await workspace.wait(operation, (status) => seen.push(status));
    expect(seen.at(-1)).toMatchObject({ status: 'succeeded' });
    expect(await faultsLeft()).toEqual([]);

    await fault({ method: 'PUT' }, { slowOperationMs: 60_000 });
    const slow = await workspace.updateEndpoint('patient', { tags: { a: 'b' } });
    const stop = new AbortController();
    const waiting = workspace.wait(slow, () => stop.abort(), stop.signal);
    expect((await failureOf(waiting)).kind).toBe('cancelled');
    expect((await workspace.operation(slow)).status).toBe('running');
  });

  test('are polled from 0.5 s growing to 5 s, and Retry-After wins', async () => {
    const pauses: number[] = [];
    const hurried = await connect(connectionTo(sandbox), {
      clock: {
        now: () => Date.now(),
        delay: (milliseconds) => {
          pauses.push(milliseconds);
          return new Promise((resolve) => setImmediate(resolve));
        },
      },
    });
    opened.push(hurried);
    await fault({ method: 'PUT' }, { slowOperationMs: 400 });
    const operation = await hurried.createEndpoint('polled', create);
    const poll = { status: 200, body: { status: 'Updating' }, headers: { 'Retry-After': '7' } };
    await fault({ path: 'mfeOperationsStatus' }, poll);
    await hurried.wait(operation);
    expect(pauses[0]).toBe(7000);
    expect(pauses.slice(1, 5)).toEqual([750, 1125, 1687.5, 2531.25]);
    expect(Math.max(...pauses.slice(1))).toBe(5000);

    // A write that Azure failed to take is sent again by the retry policy.
    pauses.length = 0;
    await fault({ method: 'PUT' }, { status: 500 }, 2);
    await hurried.wait(await hurried.updateEndpoint('polled', { tags: { a: 'b' } }));
    expect(pauses.slice(0, 2)).toEqual([400, 800]);
    expect((await hurried.getEndpoint('polled'))?.tags).toEqual({ a: 'b' });
  });

  test('a failed one keeps Azure’s reason', async () => {
    await fault(
      { method: 'PUT' },
      {
        operationError: {
          code: 'SubscriptionNotRegistered',
          message: "Resource provider [N/A] isn't registered with Subscription [N/A].",
        },
      },
    );
    const operation = await workspace.createEndpoint('unregistered', create);
    const failure = await failureOf(workspace.wait(operation));
    expect(failure).toMatchObject({ code: 'SubscriptionNotRegistered' });
    expect(failure.advice).toContain('Microsoft.Cdn');
  });

  test('the token goes to Resource Manager only', async () => {
    const url = 'https://elsewhere.example/operations/1';
    expect(await failureOf(workspace.operation({ url }))).toMatchObject({ kind: 'invalid' });
  });
});

describe('signing in', () => {
  test('a token that Azure calls expired is replaced once', async () => {
    await workspace.wait(await workspace.createEndpoint('signed-in', create));
    const before = (await workspace.listEndpoints()).map(({ name }) => name);
    expect(before).toContain('signed-in');
    await fault({ path: '/onlineEndpoints' }, { status: 401 });
    expect((await workspace.listEndpoints()).map(({ name }) => name)).toEqual(before);
    expect(await faultsLeft()).toEqual([]);
    await fault({ path: '/onlineEndpoints' }, { status: 401 }, 9);
    expect((await failureOf(workspace.listEndpoints())).kind).toBe('sign-in');
    expect(await faultsLeft()).toMatchObject([{ times: 7 }]);
  });

  test.each(['key', 'aml_token', 'aad_token'] as const)('scoring with %s', async (authMode) => {
    const name = `auth-${authMode.replace('_', '-')}`;
    await workspace.wait(await workspace.createEndpoint(name, { ...create, authMode }));
    const endpoint = (await workspace.getEndpoint(name))!;
    expect(endpoint.authMode).toBe(authMode);
    // Let in, though there is no deployment yet; a stranger is not.
    expect((await workspace.score(endpoint, {})).status).toBe(404);
    const other = authMode === 'aad_token' ? 'aml_token' : 'aad_token';
    const stranger = await workspace.score({ ...endpoint, authMode: other }, {});
    expect(stranger.status).not.toBe(404);
    const hint = await workspace.keyHint(endpoint);
    if (authMode === 'key') expect(hint).toMatch(/^••••.{4}$/);
    else expect(hint).toBeUndefined();
  });

  test('two connections never share a token, an agent or a certificate', async () => {
    const second = await startSandbox();
    try {
      const other = await open(connectionTo(second));
      const [here, there] = await Promise.all([workspace.info(), other.info()]);
      expect(there.workspaceId).not.toBe(here.workspaceId);
      expect((await workspace.info()).workspaceId).toBe(here.workspaceId);
      // The first one's sign-in at the second one's door is refused, not passed on.
      const mixed = await open({
        ...connectionTo(second),
        identityEndpoint: sandbox.info.identityEndpoint,
        identityHeader: sandbox.info.env['IDENTITY_HEADER'] ?? '',
      });
      expect((await failureOf(mixed.info())).kind).toBe('sign-in');
      const distrusting = await open({ ...connectionTo(second), caFile: sandbox.info.caFile });
      expect((await failureOf(distrusting.info())).kind).toBe('network');
    } finally {
      await second.stop();
    }
  });

  test('a wrong header, and an identity endpoint that is gone', async () => {
    const wrong = await open({ ...connectionTo(sandbox), identityHeader: 'wrong' });
    expect((await failureOf(wrong.info())).kind).toBe('sign-in');
    const gone = await open({
      ...connectionTo(sandbox),
      identityEndpoint: 'http://127.0.0.1:9/msi/token',
    });
    expect(await failureOf(gone.info())).toMatchObject({
      kind: 'sign-in',
      advice: expect.stringContaining('start it again') as string,
    });
  });
});

describe('the way out', () => {
  test('a proxy that is gone, and a file that holds no certificate', async () => {
    const gone = await open({ ...connectionTo(sandbox), proxyUrl: 'http://127.0.0.1:9' });
    const failure = await failureOf(gone.info());
    expect(failure).toMatchObject({ kind: 'network', code: 'ECONNREFUSED' });
    expect(failure.advice).toMatch(/proxy/);

    const absent = connect({ ...connectionTo(sandbox), caFile: join(scratch, 'absent.pem') });
    expect((await failureOf(absent)).message).toContain('absent.pem');
    writeFileSync(join(scratch, 'no.pem'), 'hello');
    const wrong = connect({ ...connectionTo(sandbox), caFile: join(scratch, 'no.pem') });
    expect((await failureOf(wrong)).kind).toBe('invalid');
  });

  test.each([403, 407, 502])('a proxy that answers CONNECT with %i and a page', async (status) => {
    const page = '<html><body>Blocked by policy</body></html>';
    const server = createServer((socket) => {
      socket.once('data', () =>
        socket.end(
          `HTTP/1.1 ${status} No\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
        ),
      );
      socket.on('error', () => undefined);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const lost = await open({ ...connectionTo(sandbox), proxyUrl: `http://127.0.0.1:${port}` });
    const failure = await failureOf(lost.listEndpoints());
    expect(failure).toMatchObject({ kind: 'network' });
    expect(failure.message).toMatch(
      new RegExp(`^The proxy 127\\.0\\.0\\.1 refused the connection with ${status}\\.`),
    );
    expect(JSON.stringify(failure)).not.toMatch(/html|Blocked|role/i);
    server.close();
  });

  test('a scoring request that finds nobody resolves with the reason', async () => {
    await workspace.wait(await workspace.createEndpoint('nobody-home', create));
    const endpoint = await workspace.getEndpoint('nobody-home');
    const host = 'https://nobody.invalid/score';
    const scored = await workspace.score({ ...endpoint!, scoringUri: host }, { input_data: [] });
    expect(scored).toMatchObject({ status: 0, failure: { kind: 'network' } });
    const aborted = await workspace.score(endpoint!, {}, { signal: AbortSignal.abort() });
    expect(aborted.failure?.kind).toBe('cancelled');
    // Its own answer: no deployment yet.
    expect((await workspace.score(endpoint!, {})).status).toBe(404);
  });

  test('missing workspace, group and subscription are said, not taken for an empty one', async () => {
    for (const wrong of [{ workspaceName: 'other' }, { resourceGroup: 'other' }]) {
      const elsewhere = await open({ ...connectionTo(sandbox), ...wrong });
      expect((await failureOf(elsewhere.info())).kind).toBe('not-found');
      expect((await failureOf(elsewhere.getEndpoint('some-endpoint'))).kind).toBe('not-found');
      expect((await failureOf(elsewhere.listModelVersions('m'))).kind).toBe('not-found');
    }
  });
});

describe('the retry policy', () => {
  test.each([
    ['throttled', { status: 429, headers: { 'Retry-After': '0' } }],
    ['broken', { status: 503 }],
    ['dropping connections', { drop: true }],
  ])('holds for an identity endpoint that is %s for a moment', async (_, action) => {
    await fault({ path: '/msi/token' }, action);
    const fresh = await open(connectionTo(sandbox));
    expect((await fresh.info()).workspaceName).toBe(sandbox.info.workspaceName);
    expect(await faultsLeft()).toEqual([]);
  });

  test('an identity endpoint that stays throttled is no reason to sign in another way', async () => {
    await fault({ path: '/msi/token' }, { status: 429, headers: { 'Retry-After': '600' } });
    const fresh = await open(connectionTo(sandbox));
    expect(await failureOf(fresh.info())).toMatchObject({
      kind: 'throttled',
      retryAfterSeconds: 600,
      retrySafe: true,
    });
  });

  test('holds for the registration of a model', async () => {
    const { uri } = await workspace.uploadFolder(SAMPLE, 'retried');
    await fault({ method: 'PUT', path: '/models/retried' }, { status: 500 });
    await fault({ method: 'PUT', path: '/models/retried' }, { drop: true });
    await fault({ method: 'PUT', path: '/models/retried' }, { status: 429, headers: SOON });
    expect(await workspace.putModelVersion('retried', '1', uri)).toMatchObject({ version: '1' });
    expect(await faultsLeft()).toEqual([]);
  });
});

describe('what a poll answers', () => {
  const status = { path: 'mfeOperationsStatus' };

  test('an operation that Azure forgot leaves the outcome open', async () => {
    await workspace.wait(await workspace.createEndpoint('forgotten', create));
    const operation = await workspace.updateEndpoint('forgotten', { tags: { a: 'b' } });
    await fault(
      status,
      { status: 404, body: { error: { code: 'NotFound', message: 'gone' } } },
      20,
    );
    expect(await failureOf(workspace.wait(operation))).toMatchObject({
      kind: 'service',
      message: expect.stringContaining('its result is unknown') as string,
      retrySafe: false,
    });
  });

  test('a 400 is the failure of what was accepted, not of the question', async () => {
    const operation = await workspace.updateEndpoint('forgotten', { tags: { a: 'c' } });
    const error = { code: 'BadArgument', message: 'The traffic was not set.' };
    await fault(status, { status: 400, body: { error } });
    const failure = await failureOf(workspace.wait(operation));
    expect(failure.kind).toBe('provisioning');
    expect(failure.message).toBe(
      'Azure accepted the request, and it failed: The traffic was not set.',
    );
  });

  test('an endpoint that describes nothing is said, not waited for', async () => {
    await fault({ path: '/onlineEndpoints/forgotten' }, { status: 200, body: {} }, 5);
    expect(await failureOf(workspace.getEndpoint('forgotten'))).toMatchObject({
      kind: 'service',
      message: expect.stringContaining('no provisioning state') as string,
    });
  });

  test('a Location alone is followed, and an older operation is not', async () => {
    await workspace.wait(await workspace.createEndpoint('location-only', create));
    const endpoint = await workspace.getEndpoint('location-only');
    const before = await operations();
    const regenerating = await workspace.regenerateKey('location-only', 'primary');
    expect(regenerating.url).toContain('mfeOperationResults');
    const begun = (await operations()).filter((name) => !before.includes(name));
    expect(regenerating.url).toContain(begun[0]);
    await workspace.wait(regenerating);
    expect(await workspace.keyHint(endpoint!)).toMatch(/^••••/);
  });
});

test('a member that this program does not know is read and sent back with all its digits', async () => {
  await workspace.wait(await workspace.createEndpoint('digits', create));
  const raw = JSON.stringify({
    name: 'digits',
    identity: { type: 'SystemAssigned' },
    properties: { provisioningState: 'Succeeded', authMode: 'Key', newer: 'N' },
  }).replace('"N"', '9007199254740993');
  await fault({ method: 'GET', path: 'onlineEndpoints/digits' }, { status: 200, body: raw });
  const { message } = await failureOf(workspace.updateEndpoint('digits', { tags: { a: 'b' } }));
  expect(message).toContain("Could not find member 'newer'");
  const list = raw.replace('{', '{"value":[{').replace(/}$/, '}]}');
  await fault({ method: 'GET', path: 'digits/deployments' }, { status: 200, body: list });
  const [seen] = await workspace.listDeployments('digits');
  expect(notCarried(seen!, {}).map(({ sentence }) => sentence)).toContainEqual(
    expect.stringContaining('digits has newer = 9007199254740993, which green does not get'),
  );
});
