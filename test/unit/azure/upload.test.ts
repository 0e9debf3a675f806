/** Uploading a model folder, by each proof that a datastore can ask for. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { faultAuthority, FaultProxy } from '../../faults/proxy.js';
import { connectionTo } from '../../support/connection.js';

const sample = fileURLToPath(new URL('../../../samples/heart-classifier/v1', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'aml-rollout-upload-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Credentials = 'account-key' | 'sas' | 'identity';
const started = new Map<Credentials, { sandbox: TestSandbox; workspace: Workspace }>();
afterAll(async () => {
  for (const { sandbox, workspace } of started.values()) {
    await workspace.close();
    await sandbox.stop();
  }
});

async function onSandbox(
  credentials: Credentials,
  work: (workspace: Workspace) => Promise<void>,
): Promise<void> {
  let one = started.get(credentials);
  if (!one) {
    const sandbox = await startSandbox({ credentials });
    one = { sandbox, workspace: await connect(connectionTo(sandbox)) };
    started.set(credentials, one);
  }
  await work(one.workspace);
}

function model(name: string, files: Record<string, string | Buffer>): string {
  const folder = join(scratch, name);
  cpSync(sample, folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

describe('upload', () => {
  test.each(['sas', 'identity'] as const)('by %s', async (credentials) => {
    await onSandbox(credentials, async (workspace) => {
      const uploaded = await workspace.uploadFolder(sample, 'heart');
      const version = await workspace.putModelVersion('heart', '1', uploaded.uri);
      expect(await workspace.readModelFile(version, 'conda.yaml')).toContain('dependencies');
      expect((await workspace.uploadFolder(sample, 'heart')).alreadyThere).toBe(true);
    });
  });

  test('by account key: ignored files, broken off, and folders that can’t be models', async () => {
    await onSandbox('account-key', async (workspace) => {
      // What the ignore file excludes is not sent; the ignore file itself is.
      const ignoring = model('ignoring', {
        '.amlignore': 'secret*\nnotes/\n',
        'secret.txt': 's',
        'notes/a': 'a',
        'empty.txt': '',
        'ünï cödé/日本.txt': 'text',
      });
      const uploaded = await workspace.uploadFolder(ignoring, 'heart');
      const version = await workspace.putModelVersion('heart', '1', uploaded.uri);
      const read = (path: string) => workspace.readModelFile(version, path);
      expect(await read('ünï cödé/日本.txt')).toBe('text');
      expect(await read('.amlignore')).toContain('secret');
      expect(await read('secret.txt')).toBeUndefined();
      expect(await read('notes/a')).toBeUndefined();
      expect(await read('empty.txt')).toBe('');

      // Broken off in the middle: the next one completes it, whatever is there.
      const big = model('big', { 'weights.bin': Buffer.alloc(3_000_000, 7) });
      const stop = new AbortController();
      const broken = workspace.uploadFolder(
        big,
        'heart',
        ({ sentFiles }) => sentFiles > 0 && stop.abort(),
        stop.signal,
      );
      await expect(broken).rejects.toMatchObject({ failure: { kind: 'cancelled' } });
      const again = await workspace.uploadFolder(big, 'heart');
      expect(again).toMatchObject({ alreadyThere: false });
      expect((await workspace.uploadFolder(big, 'heart')).alreadyThere).toBe(true);

      const refused: [string, RegExp][] = [
        [model('model.v2', {}), /has a dot/],
        [join(scratch, 'absent'), /no folder/],
        [join(ignoring, 'MLmodel'), /is a file/],
      ];
      mkdirSync(join(scratch, 'hollow'));
      refused.push([join(scratch, 'hollow'), /nothing to upload/]);
      mkdirSync(join(scratch, 'plain'));
      writeFileSync(join(scratch, 'plain', 'model.pkl'), 'p');
      refused.push([join(scratch, 'plain'), /no MLmodel/]);
      for (const [folder, message] of refused) {
        await expect(workspace.uploadFolder(folder, 'heart'), folder).rejects.toMatchObject({
          failure: { kind: 'invalid', message: expect.stringMatching(message) as string },
        });
      }
    });
  });

  test('of 10,000 files, of links in circles, of pipes, and of what can’t be read', async () => {
    await onSandbox('account-key', async (workspace) => {
      const uploaded = (name: string) => workspace.uploadFolder(name, 'heart');
      const failure = (message: RegExp) => ({
        failure: { kind: 'invalid', message: expect.stringMatching(message) as string },
      });
      // A hundred folders with the same hundred files, of which only one is there.
      const part = Object.fromEntries(
        Array.from({ length: 100 }, (_, at) => [`parts/0/${at}.bin`, `${at}`]),
      );
      const many = model('many', part);
      for (let at = 1; at < 100; at += 1) symlinkSync('0', join(many, 'parts', `${at}`));
      // Sending so many takes the sandbox minutes; the walk and the hash take them as they are.
      expect(await workspace.folderHashes(many)).toHaveLength(2);

      const circles = model('circles', { 'a/b/c.txt': 'c' });
      symlinkSync(circles, join(circles, 'a', 'above'));
      symlinkSync(join(circles, 'self'), join(circles, 'self'));
      symlinkSync('/nowhere/at/all', join(circles, 'dangling'));
      expect(await uploaded(circles)).toMatchObject({ alreadyThere: false });
      expect(await workspace.folderHashes(circles)).toHaveLength(2);

      // Twelve folders, each with links to all: too many files by far.
      const maze = model('maze', {});
      const rooms = Array.from({ length: 12 }, (_, at) => join(maze, `room${at}`));
      for (const room of rooms) mkdirSync(room);
      for (const room of rooms) {
        rooms.forEach((other, at) => symlinkSync(other, join(room, `to${at}`)));
      }
      await expect(uploaded(maze)).rejects.toMatchObject(failure(/more than 100,000 files/));
      await expect(workspace.folderHashes(maze)).rejects.toMatchObject(failure(/more than/));

      const misnamed = model('misnamed', {});
      writeFileSync(Buffer.from(`${misnamed}/\xff.bin`, 'latin1'), '1');
      const notUtf8 = failure(/misnamed\/\uFFFD\.bin is not UTF-8/);
      await expect(uploaded(misnamed)).rejects.toMatchObject(notUtf8);
      expect(await workspace.filesToUpload(misnamed)).toMatchObject({
        refused: expect.stringMatching(/not UTF-8/) as string,
      });
      writeFileSync(join(misnamed, '.amlignore'), '*.bin\n');
      expect(await workspace.filesToUpload(misnamed)).toHaveProperty('files');

      // A link whose target has a name that no file system takes.
      const unread = model('unread', {});
      symlinkSync('x'.repeat(300), join(unread, 'link'));
      await expect(uploaded(unread)).rejects.toMatchObject(failure(/link can't be read \(ENAME/));

      const piped = model('piped', {});
      for (const name of ['pipe', '.amlignore']) spawnSync('mkfifo', [join(piped, name)]);
      expect(await uploaded(piped)).toMatchObject({ alreadyThere: false });

      // A file that even root can't read.
      const unreadable = model('unreadable', {});
      symlinkSync('/proc/self/mem', join(unreadable, 'weights.bin'));
      await expect(uploaded(unreadable)).rejects.toMatchObject(failure(/can't be read \(E\w+\)/));
      await expect(workspace.folderHashes(unreadable)).rejects.toMatchObject(failure(/be read/));
    });
  });

  test('of files that change meanwhile is not used, and is complete once they rest', async () => {
    await onSandbox('account-key', async (workspace) => {
      const folder = model('changing', { 'zz.bin': 'before', 'a.bin': Buffer.alloc(100_000, 1) });
      let changed = false;
      const change = (): void => {
        if (!changed) appendFileSync(join(folder, 'zz.bin'), ' and after');
        changed = true;
      };
      await expect(workspace.uploadFolder(folder, 'heart', change)).rejects.toMatchObject({
        failure: {
          message: expect.stringMatching(/zz.bin was changed during the upload/) as string,
        },
      });
      expect(await workspace.uploadFolder(folder, 'heart')).toMatchObject({ alreadyThere: false });

      const vanishing = model('vanishing', { 'zz.bin': 'v' });
      const remove = (): void => rmSync(join(vanishing, 'zz.bin'), { force: true });
      await expect(workspace.uploadFolder(vanishing, 'heart', remove)).rejects.toMatchObject({
        failure: { kind: 'invalid' },
      });
    });
  });
});

test.each([
  ['a key that was replaced', 403, 'AuthenticationFailed'],
  ['a token that ended', 401, 'InvalidAuthenticationInfo'],
])('asks once for new credentials after %s', async (_what, status, code) => {
  const sandbox = await startSandbox({});
  const { certPem } = await faultAuthority();
  const caFile = join(scratch, `${status}.pem`);
  writeFileSync(caFile, certPem);
  const proxy = await FaultProxy.start(sandbox.info);
  const workspace = await connect({ ...connectionTo(sandbox), proxyUrl: proxy.url, caFile });
  const asked = () => proxy.log.filter(({ kind }) => /listSecrets$/.test(kind)).length;
  const headers = { 'content-type': 'application/xml', 'x-ms-error-code': code };
  const body = Buffer.from(`<Error><Code>${code}</Code><Message>No.</Message></Error>`);
  try {
    let refused = 0;
    proxy.interfere = ({ kind, reply }) => {
      if (!/ blob /.test(kind) || refused > 0) return undefined;
      refused += 1;
      return reply({ status, headers, body });
    };
    const uploaded = await workspace.uploadFolder(sample, 'heart');
    expect(uploaded.alreadyThere).toBe(false);
    expect([refused, asked()]).toEqual([1, 2]);
    // And never again and again.
    proxy.interfere = ({ kind, reply }) =>
      / blob /.test(kind) ? reply({ status, headers, body }) : undefined;
    await expect(workspace.uploadFolder(sample, 'heart')).rejects.toMatchObject({
      failure: { kind: status === 401 ? 'sign-in' : 'forbidden' },
    });
    expect(asked()).toBe(3);
  } finally {
    await workspace.close();
    await proxy.close();
    await sandbox.stop();
  }
});
