/** A newer version is asked for once a day, of a registry on loopback. */
import { rmSync, utimesSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { updateNotice } from '../../../src/cli/update-notice.js';
import { temporaryFolder } from '../../support/sandbox.js';

let seen: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
let answer: { status: number; text: string } | 'silence';
const registry = createServer(({ url, headers }, response) => {
  seen.push({ url, headers });
  if (answer === 'silence') return;
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
});
const folder = temporaryFolder();
let stamp = '';
let tests = 0;

beforeAll(() => new Promise<void>((ready) => registry.listen(0, '127.0.0.1', ready)));
afterAll(() => {
  registry.closeAllConnections();
  registry.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  seen = [];
  tests += 1;
  stamp = join(folder, String(tests), 'asked');
});

const ask = (version = '0.9.0', more: { signal?: AbortSignal; registry?: string } = {}) =>
  updateNotice({
    version,
    stamp,
    registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/npm`,
    signal: new AbortController().signal,
    ...more,
  });
const latest = (version: unknown): void => {
  answer = { status: 200, text: JSON.stringify({ version }) };
};

it('names a newer version and how to get it, once a day', async () => {
  latest('0.10.0');
  expect(await ask()).toBe(
    'Version 0.10.0 is available (this is 0.9.0): npm install --global aml-rollout',
  );
  expect(await ask()).toBeUndefined();
  expect(seen).toHaveLength(1);
  const yesterday = Date.now() / 1000 - 86_500;
  utimesSync(stamp, yesterday, yesterday);
  expect(await ask()).toContain('0.10.0');
});

it('sends the name of this package and nothing of whom or what it is asked for', async () => {
  latest('0.9.0');
  expect(await ask()).toBeUndefined();
  const [{ url, headers }] = seen as [(typeof seen)[0]];
  expect(url).toBe('/npm/aml-rollout/latest');
  expect(Object.keys(headers).sort()).toEqual(['accept', 'connection', 'host']);
});

it.each([
  ['is this one', () => latest('0.9.0')],
  ['is older', () => latest('0.8.12')],
  ['is text that could act', () => latest('9.0.0\u001b[2J')],
  ['is no version', () => latest({ a: 1 })],
  ['is not there', () => (answer = { status: 404, text: '{"error":"not found"}' })],
  ['is no JSON', () => (answer = { status: 200, text: '<html>Sign in</html>' })],
])('is nothing where the latest %s', async (_, prepare) => {
  prepare();
  expect(await ask()).toBeUndefined();
});

it('is nothing where nobody answers, which is tried once a day as well', async () => {
  answer = 'silence';
  const leaving = new AbortController();
  const asked = ask('0.9.0', { signal: leaving.signal });
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  leaving.abort();
  expect(await asked).toBeUndefined();
  latest('0.10.0');
  expect(await ask()).toBeUndefined();
  stamp += '-other';
  expect(await ask('0.9.0', { registry: 'http://127.0.0.1:1/' })).toBeUndefined();
});

it('is nothing where its folder cannot be written, and nothing is sent', async () => {
  latest('0.10.0');
  stamp = '/dev/null/asked';
  expect(await ask()).toBeUndefined();
  expect(seen).toEqual([]);
});
