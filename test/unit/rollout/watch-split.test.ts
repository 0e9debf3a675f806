/** Probes while green keeps its share, against the sandbox; only the waits between them are skipped. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Endpoint, Workspace } from '../../../src/azure/types.js';
import { watchSplit, type SplitWatched } from '../../../src/rollout/evidence/watch-split.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { serveTwo } from '../../support/two-deployments.js';

const rows: unknown = JSON.parse(
  readFileSync(new URL('../../../samples/sample.json', import.meta.url), 'utf8'),
);

let sandbox: TestSandbox;
let workspace: Workspace;
let endpoint: Endpoint;

beforeAll(async () => {
  sandbox = await startSandbox();
  workspace = await connect(connectionTo(sandbox));
  endpoint = await serveTwo(sandbox, workspace, 'heart-watched');
});

afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
});

// What a test did not use up would serve the next one.
afterEach(() => sandbox.control('DELETE', '/_sandbox/faults'));

/** All that it tells, until it has sent `most` or the test has seen enough. */
async function watched(most: number, enough: (seen: SplitWatched) => boolean = () => false) {
  const stop = new AbortController();
  const told: SplitWatched[] = [];
  const waits: number[] = [];
  const freshConnections: (boolean | undefined)[] = [];
  await watchSplit({
    workspace: {
      score: (of, body, options) => {
        freshConnections.push(options?.freshConnection);
        return workspace.score(of, body, options);
      },
    },
    endpoint,
    bodies: [rows],
    runId: 'r1',
    most,
    clock: {
      now: () => Date.now(),
      delay: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
    },
    signal: stop.signal,
    onProbes: (seen, sent, served) => {
      expect(sent).toBe(2);
      expect(Object.values(served).reduce((sum, each) => sum + each, 0)).toBe(2);
      told.push(seen);
      if (enough(seen)) stop.abort();
    },
  });
  return { told, waits, freshConnections };
}

test('a split served as configured stays likely, and no more is sent than may be', async () => {
  const { told, waits, freshConnections } = await watched(41);
  expect(told.at(-1)?.seen.sent).toBe(40);
  expect(told.at(-1)!.p).toBeGreaterThan(0.001);
  // Before each pair, and each over a connection of its own: a kept one would count once.
  expect(waits).toHaveLength(20);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(15_000);
  expect(freshConnections.filter(Boolean)).toHaveLength(40);
});

test('a router that turns to another split is found, although every pair is looked at', async () => {
  await sandbox.control('POST', '/_sandbox/faults', {
    match: { path: '^/score' },
    times: 300,
    action: { serve: { blue: 97, green: 3 } },
  });
  const { told } = await watched(300, ({ p }) => p <= 0.001);
  expect(told.at(-1)!.p).toBeLessThanOrEqual(0.001);
  expect(told.at(-1)!.seen.sent).toBeLessThan(300);
});

test('one answer of a deployment without a share is enough', async () => {
  const all = { ...endpoint, traffic: { blue: 100, green: 0 } };
  const told: number[] = [];
  const stop = new AbortController();
  await watchSplit({
    workspace,
    endpoint: all,
    bodies: [rows],
    runId: 'r1',
    most: 100,
    clock: { now: () => Date.now(), delay: () => Promise.resolve() },
    signal: stop.signal,
    onProbes: ({ p, seen }) => {
      told.push(p);
      expect(p === 0).toBe((seen.served['green'] ?? 0) > 0);
      if (p === 0) stop.abort();
    },
  });
  expect(told.at(-1)).toBe(0);
});

test.each([
  ['goes on after one answer that is too busy', 429, 1, 21],
  ['asks again where the key is refused once', 401, 1, 22],
  ['ends where the endpoint refuses the key', 401, 2, 1],
])('%s', async (_, status, times, sent) => {
  await sandbox.control('POST', '/_sandbox/faults', {
    match: { path: '^/score' },
    times,
    action: { status },
  });
  let seen = 0;
  await watchSplit({
    workspace,
    endpoint,
    bodies: [rows],
    runId: 'r1',
    most: 22,
    clock: { now: () => Date.now(), delay: () => Promise.resolve() },
    signal: new AbortController().signal,
    onProbes: (told) => (seen = told.seen.sent),
  });
  expect(seen).toBe(sent);
});
