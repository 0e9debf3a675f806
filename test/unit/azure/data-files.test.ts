/** Rows in the workspace's datastores, by each proof that a datastore can ask for. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { StoredFile } from '../../../src/common/stored-file.js';
import type { Workspace } from '../../../src/azure/types.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox } from '../../support/sandbox.js';
import { registerData, storeFiles } from '../../support/stored-rows.js';

const heart = readFileSync(fileURLToPath(new URL('../../../samples/heart.csv', import.meta.url)));

async function textOf(file: StoredFile | undefined): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of file?.open() ?? []) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString('utf8');
}

async function onSandbox(
  credentials: 'account-key' | 'sas' | 'identity',
  work: (workspace: Workspace) => Promise<void>,
): Promise<void> {
  const sandbox = await startSandbox({ credentials });
  const workspace = await connect(connectionTo(sandbox));
  try {
    const uri = await storeFiles(workspace, {
      'heart.csv': heart,
      'parts/1.csv': 'a\n1\n',
      'parts/2.csv': 'a\n2\n',
      'parts/_SUCCESS': 'x',
      'parts/.crc/2.csv': 'x',
      'parts/empty.csv': '',
    });
    await registerData(sandbox, {
      'heart:1': { type: 'uri_file', uri: `${uri}/parts/1.csv` },
      'heart:2': { type: 'uri_file', uri: `${uri}/heart.csv` },
      'parts:1': { type: 'uri_folder', uri: `${uri}/parts/` },
      'table:1': { type: 'mltable', uri: `${uri}/parts` },
      'away:1': { type: 'uri_file', uri: 'https://example.blob.core.windows.net/c/x.csv' },
    });
    await work(workspace);
  } finally {
    await workspace.close();
    await sandbox.stop();
  }
}

describe('data files', () => {
  test.each(['account-key', 'sas', 'identity'] as const)('are read by %s', async (credentials) => {
    await onSandbox(credentials, async (workspace) => {
      const { path, files } = await workspace.dataFiles('azureml:heart@latest');
      expect(path).toBe('azureml:heart:2');
      expect(files.map(({ name, bytes }) => [name, bytes])).toEqual([['heart.csv', heart.length]]);
      expect(await textOf(files[0])).toBe(heart.toString('utf8'));
      const slice = await files[0]?.slice(3, 9);
      expect(Buffer.from(slice ?? new ArrayBuffer(0))).toEqual(heart.subarray(3, 9));
    });
  });

  test('of a version, a folder and a path, and why others are refused', async () => {
    await onSandbox('account-key', async (workspace) => {
      const first = await workspace.dataFiles('azureml:heart:1');
      expect(await textOf(first.files[0])).toBe('a\n1\n');
      // Neither what is hidden nor what is empty.
      const parts = await workspace.dataFiles('azureml:parts:1');
      expect(parts.files.map(({ name }) => name)).toEqual(['1.csv', '2.csv']);
      const { id } = await workspace.info();
      const byId = await workspace.dataFiles(`azureml:${id}/data/heart/versions/1`);
      expect(byId.path).toBe('azureml:heart:1');
      // There may be an asset of the same name here.
      const away = `azureml:${id.replace(/[^/]+$/, 'other')}/data/heart/versions/1`;
      await expect(workspace.dataFiles(away)).rejects.toThrow(
        /is not a location in this workspace/,
      );
      const stored = parts.files[0]?.path ?? '';
      const place = `azureml://datastores/workspaceblobstore/paths/${stored}`;
      expect((await workspace.dataFiles(place)).files).toHaveLength(1);
      const nothing = await workspace.dataFiles(`${place}x`);
      expect(nothing.files).toEqual([]);

      const refused: [string, RegExp][] = [
        ['azureml:table:1', /is an MLTable/],
        ['azureml:away:1', /in no datastore of this workspace/],
        ['azureml:heart:9', /heart and version: 9 not found/],
        ['azureml:nobody@latest', /nobody not found/],
        ['azureml:heart', /is not a location in this workspace/],
        ['azureml://datastores/mine/paths/x.csv', /datastore: mine/],
        ['azureml://registries/other/data/heart/versions/1', /is not a location in this workspace/],
      ];
      for (const [reference, sentence] of refused) {
        await expect(workspace.dataFiles(reference), reference).rejects.toThrow(sentence);
      }
    });
  });
});
