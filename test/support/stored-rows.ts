/** Puts files into the sandbox's default datastore, as an upload leaves them there. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Workspace } from '../../src/azure/types.js';
import { ArmClient } from './arm.js';
import type { TestSandbox } from './sandbox.js';

const sample = fileURLToPath(new URL('../../samples/heart-classifier/v1', import.meta.url));

/** Resolves with the uri of the folder that holds them. */
export async function storeFiles(
  workspace: Workspace,
  files: Record<string, string | Buffer>,
): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'aml-rollout-stored-'));
  try {
    const folder = join(scratch, 'stored');
    cpSync(sample, folder, { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return (await workspace.uploadFolder(folder, 'stored')).uri;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Registers data assets by `NAME:VERSION`. */
export async function registerData(
  { info }: TestSandbox,
  assets: Record<string, { type: string; uri: string }>,
): Promise<void> {
  const arm = await ArmClient.connect(info);
  try {
    for (const [reference, { type, uri }] of Object.entries(assets)) {
      const [name, version] = reference.split(':');
      const body = { properties: { dataType: type, dataUri: uri } };
      const { status } = await arm.put(`data/${name}/versions/${version}`, body);
      if (status !== 201) throw new Error(`Data asset ${reference}: ${status}`);
    }
  } finally {
    await arm.close();
  }
}
