import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN, temporaryFolder } from '../../support/sandbox.js';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the command line', () => {
  const run = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [MAIN, 'sandbox', '--state-dir', join(folder, 'refused'), ...args],
      {
        encoding: 'utf8',
      },
    );

  it.each(['0.0.0.0', '192.168.1.4', '::', 'example.com'])('refuses --host %s', (host) => {
    const { status, stderr, stdout } = run('--host', host);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `The sandbox serves this machine only: --host ${host} is not a loopback address. Leave it out, or use 127.0.0.1.\n`,
    );
    expect(stdout).toBe('');
  });

  it.each([
    [['--time-scale', 'fast'], /number of 0 or more/],
    [['--time-scale=-1'], /number of 0 or more/],
    [['--port', '70000'], /0 to 65535/],
    [['--location', 'West Europe'], /westeurope/],
    [['--credentials', 'password'], /account-key/],
  ])('refuses %j in a sentence', (args, sentence) => {
    const { status, stderr } = run(...args);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('says what to install where only the clients of Azure are installed', () => {
    const dist = join(folder, 'alone', 'dist');
    cpSync(dirname(MAIN), dist, { recursive: true });
    const { status, stderr } = spawnSync(process.execPath, [join(dist, 'main.js'), 'sandbox'], {
      encoding: 'utf8',
    });
    expect(stderr).toBe(
      'The sandbox needs packages that are not installed: npm install azurite fastify onnxruntime-web\n',
    );
    expect(status).toBe(1);
  });

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { status, stderr } = run('--port', String((other.address() as AddressInfo).port));
    other.close();
    expect(status).toBe(1);
    expect(stderr).toBe(
      'The port is in use by another program. Choose another with --port, or leave it out.\n',
    );
  });

  it('says that a file is where its folder should be', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const { status, stderr } = run('--state-dir', file);
    expect(status).toBe(1);
    expect(stderr).toContain(`can't keep its state in ${file}`);
  });
});
