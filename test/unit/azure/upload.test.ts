/** Uploading a model folder, by each proof that a datastore can ask for. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { startSandbox } from '../../support/sandbox.js';
import { connectionTo } from '../../support/connection.js';

const sample = fileURLToPath(new URL('../../../samples/heart-classifier/v1', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'aml-rollout-upload-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function onSandbox(
  credentials: 'account-key' | 'sas' | 'identity',
  work: (workspace: Workspace) => Promise<void>,
): Promise<void> {
  const sandbox = await startSandbox({ credentials });
  const workspace = await connect(connectionTo(sandbox));
  try {
    await work(workspace);
  } finally {
    await workspace.close();
    await sandbox.stop();
  }
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
      refused.push([join(scratch, 'hollow'), /left to upload/]);
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
});
