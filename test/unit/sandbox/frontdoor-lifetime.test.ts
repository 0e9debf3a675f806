import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SandboxInfo } from '../../../src/sandbox/info.js';
import { MAIN, temporaryFolder } from '../../support/sandbox.js';
import { patience } from '../../support/patience.js';

interface Started {
  child: ChildProcess;
  info: Promise<SandboxInfo>;
  exited: Promise<number | null>;
  stdout(): string;
  stderr(): string;
}

let dir: string;
let started: Started[];
beforeEach(() => {
  dir = temporaryFolder();
  started = [];
});
afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.map(({ exited }) => exited));
  rmSync(dir, { recursive: true, force: true });
});

function start(...args: string[]): Started {
  const child = spawn(
    process.execPath,
    [MAIN, 'sandbox', '--json', '--state-dir', dir, '--time-scale', '0', ...args],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  const exited = once(child, 'close').then(([code]) => code as number | null);
  const info = new Promise<SandboxInfo>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.endsWith('\n')) resolve(JSON.parse(stdout) as SandboxInfo);
    });
    void exited.then((code) => reject(new Error(`ended with ${code}: ${stderr}`)));
  });
  info.catch(() => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const one = { child, info, exited, stdout: () => stdout, stderr: () => stderr };
  started.push(one);
  return one;
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + patience(10_000);
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await sleep(20);
  }
}

function answers(info: SandboxInfo): Promise<boolean> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(info.proxyUrl);
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Resolves with the milliseconds that passed. */
async function timed(done: Promise<unknown>): Promise<number> {
  const from = performance.now();
  await done;
  return performance.now() - from;
}

/** Processes whose command line names this test's folder. */
function processesOfThisTest(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dir);
      } catch {
        return false;
      }
    });
}

it('prints one line and ends with code 0 on SIGTERM, as does who joined; starts over only then', async () => {
  const one = start();
  const info = await one.info;
  const joined = start();
  expect(await joined.info).toEqual(info);
  const refused = start('--fresh');
  expect(await refused.exited).toBe(2);
  expect(refused.stderr()).toMatch(
    /^A sandbox is running on .*; --fresh would .* Stop it first.*\n$/,
  );

  one.child.kill('SIGTERM');
  expect(await timed(one.exited)).toBeLessThan(patience(2_000));
  expect(await one.exited).toBe(0);
  expect(one.stdout()).toBe(`${JSON.stringify(info)}\n`);
  expect(one.stderr()).toBe('');
  expect(await joined.exited).toBe(0);
  expect(joined.stderr()).toBe('The sandbox that this one had joined has ended.\n');
  expect(existsSync(join(dir, 'lock.json'))).toBe(false);
  expect(await answers(info)).toBe(false);

  const elsewhere = start('--location', 'eastus2');
  expect(await elsewhere.exited).toBe(2);
  expect(elsewhere.stderr()).toBe(
    'This sandbox is in westeurope, not in eastus2. Start over with --fresh, or leave --location out.\n',
  );
  const fresh = start('--fresh', '--location', 'eastus2');
  const after = await fresh.info;
  expect(after.subscriptionId).not.toBe(info.subscriptionId);
  expect(after.location).toBe('eastus2');
});

it('keeps serving when standard input closes, unless it is its parent’s pipe', async () => {
  const one = start();
  const info = await one.info;
  one.child.stdin!.end();
  await once(one.child.stdin!, 'close');
  expect(await answers(info)).toBe(true);
  one.child.kill('SIGINT');
  expect(await one.exited).toBe(0);

  const other = start('--parent-pipe');
  await other.info;
  other.child.stdin!.end();
  expect(await timed(other.exited)).toBeLessThan(patience(2_000));
  expect(await other.exited).toBe(0);
});

it.skipIf(!existsSync('/proc'))('leaves nothing running after kill -9 of its parent', async () => {
  // A parent that starts the sandbox as the wizard does, and says when it is ready.
  const parent = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { spawn } from 'node:child_process';
       const child = spawn(process.execPath, ${JSON.stringify([MAIN, 'sandbox', '--json', '--parent-pipe', '--state-dir', dir])},
         { stdio: ['pipe', 'pipe', 'inherit'] });
       child.stdout.once('data', () => console.log('ready'));`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(parent.stdout, 'data');
  parent.kill('SIGKILL');
  const gone = until(() => processesOfThisTest().length === 0, 'no process of the sandbox');
  expect(await timed(gone)).toBeLessThan(patience(2_000));
});

it('goes on for those who joined when its own parent has gone', async () => {
  const one = start('--parent-pipe');
  const info = await one.info;
  const two = start('--parent-pipe');
  const three = start();
  await Promise.all([two.info, three.info]);
  one.child.stdin!.end();
  await once(one.child.stdin!, 'close');
  two.child.stdin!.end();
  expect(await two.exited).toBe(0);
  expect(await answers(info)).toBe(true);
  expect(one.child.exitCode).toBe(null);
  three.child.kill('SIGTERM');
  expect(await three.exited).toBe(0);
  expect(await timed(one.exited)).toBeLessThan(patience(2_000));
  expect(await one.exited).toBe(0);
});

it('leaves only its lock after kill -9; of several that start then, one serves the same workspace', async () => {
  const killed = start();
  const before = await killed.info;
  killed.child.kill('SIGKILL');
  await killed.exited;
  if (existsSync('/proc'))
    await until(() => processesOfThisTest().length === 0, 'no process of the sandbox');
  expect(existsSync(join(dir, 'lock.json'))).toBe(true);

  const many = [start(), start(), start(), start()];
  const infos = await Promise.all(many.map(({ info }) => info));
  expect(new Set(infos.map(({ proxyUrl }) => proxyUrl)).size).toBe(1);
  expect(infos[0]!.subscriptionId).toBe(before.subscriptionId);
  expect(infos[0]!.proxyUrl).not.toBe(before.proxyUrl);
  const serving = JSON.parse(readFileSync(join(dir, 'lock.json'), 'utf8')) as { pid: number };
  const first = many.filter(({ child }) => child.pid === serving.pid);
  expect(first).toHaveLength(1);
  expect(first[0]!.stderr()).toBe('');
  first[0]!.child.kill('SIGTERM');
  expect(await Promise.all(many.map(({ exited }) => exited))).toEqual([0, 0, 0, 0]);
});

it('keeps a broken state file aside, says so, and starts empty; a lock that is none is stale', async () => {
  writeFileSync(join(dir, 'state.json'), '{"version": 1, "sta');
  writeFileSync(
    join(dir, 'lock.json'),
    JSON.stringify({
      nonce: 'x',
      pid: 0,
      phase: 'ready',
      since: 0,
      controlUrl: 'http://127.0.0.1:1',
      token: 't',
    }),
  );
  const one = start();
  await one.info;
  expect(one.stderr()).toMatch(
    /state\.json is not valid JSON\. It is kept as state\.json\.broken-/,
  );
  const kept = readdirSync(dir).find((name) => name.startsWith('state.json.broken-'));
  expect(readFileSync(join(dir, kept!), 'utf8')).toBe('{"version": 1, "sta');
});
