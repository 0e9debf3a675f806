import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleFixture, type BundledFixture } from '../../support/bundle-fixture.js';
import { closeAll, launch } from '../../support/pty.js';

const WORKSPACE = [
  ['--subscription', '6f3e0c2a-1111-2222-3333-444455556666'],
  ['--resource-group', 'rg-ml'],
  ['--workspace', 'ml-ws'],
].flat();

let fixture: BundledFixture;
let home: string;

beforeAll(async () => {
  fixture = await bundleFixture('profiles-program.ts');
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'aml-rollout-home-'));
});
afterEach(async () => {
  await closeAll();
  await rm(home, { recursive: true, force: true });
});
afterAll(async () => fixture.remove());

function profiles(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fixture.path, 'profiles', ...args],
    { encoding: 'utf8', env: { ...process.env, AML_ROLLOUT_HOME: home } },
  );
  return { code: status, out: stdout, err: stderr };
}

function saved(): { name: string; prod: boolean; connection: Record<string, string> }[] {
  return JSON.parse(profiles('list', '--json').out) as ReturnType<typeof saved>;
}

describe('aml-rollout profiles', () => {
  it('saves, lists, edits, renames', () => {
    expect(profiles().out).toContain('No workspace is saved yet');
    expect(profiles('add', 'dev', ...WORKSPACE, '--sign-in', 'cli', '--prod')).toEqual({
      code: 0,
      out: 'Saved profile "dev".\n',
      err: '',
    });
    profiles('edit', 'dev', '--no-prod', '--tenant', 'contoso.com', '--workspace', 'ml-dev');
    profiles('rename', 'dev', 'Entwicklung 模型');
    expect(saved()).toMatchObject([
      {
        name: 'Entwicklung 模型',
        prod: false,
        connection: { signIn: 'cli', workspaceName: 'ml-dev', tenantId: 'contoso.com' },
      },
    ]);
    const nothing = profiles('edit', 'entwicklung 模型');
    expect(nothing).toMatchObject({ code: 2, out: '' });
    expect(nothing.err).toContain('Nothing to change');
    profiles('edit', 'entwicklung 模型', '--tenant', '');
    expect(saved()[0]?.connection).not.toHaveProperty('tenantId');
    const [head, row] = profiles('list').out.split('\n');
    // The CJK name takes two columns a sign, so its row has two characters fewer before them.
    expect(row!.indexOf('rg-ml / ml-dev')).toBe(head!.indexOf('WORKSPACE') - 2);
  });

  it('keep the list of notify of a file until another or none replaces it', async () => {
    const file = join(home, 'tell.yml');
    await writeFile(
      file,
      'notify: [{webhook: {urlFrom: HOOK}, on: [promoted]}, {command: {argv: [./tell.sh, ./x]}}]\n',
    );
    const kept = [
      { webhook: { urlFrom: 'HOOK' }, on: ['promoted'] },
      { command: { argv: [join(home, 'tell.sh'), './x'] } },
    ];
    expect(profiles('add', 'told', ...WORKSPACE, '--notify', file).code).toBe(0);
    expect(saved()[0]).toMatchObject({ notify: kept });
    profiles('edit', 'told', '--prod');
    expect(saved()[0]).toMatchObject({ prod: true, notify: kept });
    await writeFile(file, 'notify: [{webhook: {url: https://hooks.example/secret}}]\n');
    const wrong = profiles('edit', 'told', '--notify', file);
    expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(wrong.err).toMatch(/tell\.yml, line 1, column \d+: .*environment variable/);
    expect(profiles('edit', 'told', '--notify', join(home, 'gone.yml')).err).toContain(
      "gone.yml can't be read (ENOENT).",
    );
    expect(saved()[0]).toMatchObject({ notify: kept });
    expect(profiles('edit', 'told', '--notify', '').code).toBe(0);
    expect(saved()[0]).not.toHaveProperty('notify');
  });

  it('refuses with a sentence and exit code 2, never a stack trace', () => {
    profiles('add', 'dev', ...WORKSPACE);
    for (const args of [
      ['add', 'DEV', ...WORKSPACE],
      ['add', 'x', ...WORKSPACE, '--proxy-url', 'http://u:hunter2@proxy:1'],
      ['rename', 'nobody', 'x'],
      ['edit', 'nobody', '--prod'],
    ]) {
      const { code, out, err } = profiles(...args);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/^[A-Z].*\.\n$/);
      expect(err).not.toMatch(/hunter2|\n\s+at /);
    }
  });

  it('deletes only where the name is given again', () => {
    profiles('add', 'dev', ...WORKSPACE);
    expect(profiles('delete', 'dev')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--confirm "dev"') as string,
    });
    expect(profiles('delete', 'dev', '--confirm', 'div').code).toBe(2);
    expect(saved()).toHaveLength(1);
    expect(profiles('delete', 'dev', '--confirm', 'dev').out).toBe('Deleted profile "dev".\n');
    expect(profiles('delete', 'dev', '--confirm', 'dev').err).toContain('no profile "dev"');
  });

  it('asks a person to type the name, and takes Ctrl-C for no', async () => {
    profiles('add', 'dev', ...WORKSPACE);
    const ask = (): ReturnType<typeof launch> =>
      launch(process.execPath, [fixture.path, 'profiles', 'delete', 'dev'], {
        env: { AML_ROLLOUT_HOME: home },
      });
    for (const answer of ['y\r', '\r', '\x03', '\x04']) {
      const app = ask();
      await app.waitFor('Type dev to forget');
      app.write(answer);
      expect((await app.waitForExit()).exitCode).toBe(2);
      expect(app.scrollback()).toContain('nothing was deleted');
    }
    expect(saved()).toHaveLength(1);
    const app = ask();
    await app.waitFor('Type dev to forget');
    app.write('dev\r');
    expect((await app.waitForExit()).exitCode).toBe(0);
    expect(saved()).toEqual([]);
  });
});
