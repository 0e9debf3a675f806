/** Which workspace the sandbox was when it was last opened: journals name workspaces, not profiles. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkspaceRef } from '../../azure/types.js';
import { makeFolder } from '../../common/make-folder.js';
import type { World } from './world.js';

const sandboxNote = (world: Pick<World, 'paths'>): string =>
  join(world.paths.state, 'sandbox-workspace.json');

export async function noteSandbox(
  world: World,
  { subscriptionId, resourceGroup, workspaceName }: WorkspaceRef,
) {
  makeFolder(world.paths.state);
  const ref: WorkspaceRef = { subscriptionId, resourceGroup, workspaceName };
  await writeFile(sandboxNote(world), `${JSON.stringify(ref)}\n`, { mode: 0o600 });
}

export async function notedSandbox(world: Pick<World, 'paths'>): Promise<WorkspaceRef | undefined> {
  try {
    return JSON.parse(await readFile(sandboxNote(world), 'utf8')) as WorkspaceRef;
  } catch {
    return undefined;
  }
}
