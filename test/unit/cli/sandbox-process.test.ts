import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SandboxProcess } from '../../../src/cli/sandbox-process.js';
import { eventually } from '../../support/eventually.js';
import { startSandbox, temporaryFolder } from '../../support/sandbox.js';

let home: string;
beforeEach(() => {
  home = temporaryFolder();
  vi.stubEnv('AML_ROLLOUT_HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

it('joins a sandbox that runs, without a process of its own, and keeps it until it is stopped', async () => {
  const running = await startSandbox({ stateDir: join(home, 'sandbox') });
  const ended = new Promise<void>((resolve) => running.child.once('close', () => resolve()));
  const { info } = running;
  const one = new SandboxProcess(['--time-scale', '1']);
  const other = new SandboxProcess();
  // Nothing could be started: beside the sources there is no main.js.
  for (const each of [one, other]) {
    expect(await each.connection()).toMatchObject({
      workspaceName: info.workspaceName,
      proxyUrl: info.proxyUrl,
      identityHeader: info.env['IDENTITY_HEADER'],
    });
  }
  running.child.stdin?.end();
  one.stop();
  const counts = await running.control('GET', '/_sandbox/counts');
  expect(counts.status).toBe(200);
  other.stop();
  await ended;
  expect(running.child.exitCode).toBe(0);
});

it('joins none where one has to start over, or none runs', async () => {
  const running = await startSandbox({ stateDir: join(home, 'sandbox') });
  const fresh = new SandboxProcess(['--fresh']);
  await expect(fresh.connection()).rejects.toThrow('main.js');
  const one = new SandboxProcess();
  await one.connection();
  await running.stop();
  await eventually(() => expect(one.connection()).rejects.toThrow('main.js'));
  one.stop();
});

it('lets go of a sandbox that it has joined too late', async () => {
  const running = await startSandbox({ stateDir: join(home, 'sandbox') });
  const ended = new Promise<void>((resolve) => running.child.once('close', () => resolve()));
  const one = new SandboxProcess();
  const connection = one.connection();
  one.stop();
  await expect(connection).rejects.toThrow('stopped');
  running.child.stdin?.end();
  await ended;
});
