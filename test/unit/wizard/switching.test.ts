/** Going from one saved workspace to another, carried out for real: nothing of the first stays. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Connection, Workspace } from '../../../src/azure/types.js';
import type { Paths } from '../../../src/profiles/paths.js';
import { ProfileStore } from '../../../src/profiles/store.js';
import { closeWorld } from '../../../src/wizard/effects/connect.js';
import { COMMANDS } from '../../../src/wizard/effects/index.js';
import type { Services, World } from '../../../src/wizard/effects/world.js';
import type { ProfileChoice } from '../../../src/wizard/state.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../../support/sandbox.js';
import { connectionTo } from '../../support/connection.js';

let folder: string;
let sandboxes: TestSandbox[];
let choices: ProfileChoice[];
let world: World;
/** Every workspace that was opened, in order. */
let opened: Workspace[];
/** Holds connecting to a workspace back until it resolves. */
let gate: (connection: Connection) => Promise<void>;

const services = {
  async connect(connection: Connection, options) {
    const of = sandboxes.find(({ info }) => info.proxyUrl === connection.proxyUrl)!;
    const workspace = await connect({ ...connectionTo(of), ...connection }, options);
    await gate(connection);
    opened.push(workspace);
    return workspace;
  },
} as Services;

beforeAll(async () => {
  folder = temporaryFolder();
  sandboxes = await Promise.all([startSandbox(), startSandbox()]);
  const profiles = new ProfileStore(join(folder, 'config'));
  choices = sandboxes.map((sandbox, index) => {
    const { identityHeader: _, ...connection } = connectionTo(sandbox);
    const { id, name, prod } = profiles.add({ name: `ws-${index}`, prod: index === 0, connection });
    return { id, name, prod, sandbox: false, detail: '' };
  });
  const paths = { journals: join(folder, 'journals'), state: join(folder, 'state') } as Paths;
  world = { services, paths, profiles, program: 'test', cwd: folder };
  opened = [];
  gate = () => Promise.resolve();
});

afterAll(async () => {
  await closeWorld(world);
  await Promise.all(sandboxes.map((sandbox) => sandbox.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const run = (index: number, signal = new AbortController().signal) =>
  COMMANDS.connect.carryOut(
    { profile: choices[index]! },
    { world, signal, progress: () => undefined },
  );

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

const idOf = (index: number) => sandboxes[index]!.info.subscriptionId;

test('a connection that was cancelled does not take the place of the one chosen after it', async () => {
  const [held, reached] = [deferred(), deferred()];
  gate = async ({ subscriptionId }) => {
    if (subscriptionId !== idOf(0)) return;
    reached.resolve();
    await held.promise;
  };
  const cancelled = new AbortController();
  const late = expect(run(0, cancelled.signal)).rejects.toThrow();
  await reached.promise;
  cancelled.abort();
  expect((await run(1)).info.subscriptionId).toBe(idOf(1));
  held.resolve();
  await late;
  expect(world.workspace?.connection.subscriptionId).toBe(idOf(1));
  expect(world.profile).toEqual(choices[1]);
  await expect(world.workspace!.listEndpoints()).resolves.toEqual([]);
  gate = () => Promise.resolve();
});

test('nor does an endpoint', async () => {
  const cancelled = new AbortController();
  const context = { world, progress: () => undefined };
  const late = expect(
    COMMANDS.openEndpoint.carryOut({ endpoint: 'first' }, { ...context, signal: cancelled.signal }),
  ).rejects.toThrow();
  cancelled.abort();
  const { endpoint } = await COMMANDS.openEndpoint.carryOut(
    { endpoint: 'second' },
    { ...context, signal: new AbortController().signal },
  );
  await late;
  expect([endpoint, world.rollout?.engine.endpoint]).toEqual(['second', 'second']);
});

test('no token, agent, journal or row goes from one to the other', async () => {
  opened = [];
  await run(0);
  const openEndpoint = (endpoint: string) =>
    COMMANDS.openEndpoint.carryOut(
      { endpoint },
      { world, signal: new AbortController().signal, progress: () => undefined },
    );
  const prove = () => {
    world.sample = {} as NonNullable<World['sample']>;
    if (world.rollout) world.rollout.memory.more = { count: 7, again: false };
  };
  await openEndpoint('left-behind');
  prove();
  await openEndpoint('left-behind');
  expect([world.sample, world.rollout?.memory.more?.count]).toEqual([{}, 7]);
  await openEndpoint('another');
  expect([world.sample, world.rollout?.memory.more]).toEqual([undefined, undefined]);
  prove();
  // The second workspace refuses the first one's token, and is behind another proxy and authority.
  const { info } = await run(1);
  expect(info.subscriptionId).toBe(idOf(1));
  expect(world.profile).toEqual(choices[1]);
  expect([world.rollout, world.sample]).toEqual([undefined, undefined]);
  const [before, now] = opened;
  expect(now).toBe(world.workspace);
  expect(now).not.toBe(before);
  // With the first one gone, what is left works: nothing went through its proxy.
  await sandboxes[0]!.stop();
  await expect(now!.listEndpoints()).resolves.toEqual([]);
  await expect(before!.listEndpoints()).rejects.toThrow();
});
