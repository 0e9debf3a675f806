/** The plan's models: found among what is registered, or registered from their folder. */
import { resolve } from 'node:path';
import type { ModelVersion, Workspace } from '../../azure/types.js';
import { readModelFolder } from '../../sampling/model-folder.js';
import type { RegisterModel } from '../changes/change.js';
import type { PlannedModel } from '../plan.js';
import { end } from './events.js';

export type Found = { version: ModelVersion; why: string } | { register: RegisterModel };

/**
 * A version with the same content is adopted, so that running a plan twice registers once. The
 * folder is uploaded to find out; uploads are named by their content, and change nothing.
 * @param folder relative paths are read from here
 */
export async function findModel(
  planned: PlannedModel,
  workspace: Workspace,
  folder: string,
  signal?: AbortSignal,
): Promise<Found> {
  const { name, version, path } = planned;
  if (version !== undefined) {
    const registered = await workspace.getModelVersion(name, version, signal);
    if (registered) return { version: registered, why: 'registered' };
    const others = (await workspace.listModelVersions(name, signal)).map((each) => each.version);
    throw end(
      'refused',
      `The workspace has no version ${version} of model ${name}. ${others.length === 0 ? 'No such model is registered.' : `It has: ${others.join(', ')}.`}`,
    );
  }
  const read = await readModelFolder(resolve(folder, path ?? ''));
  const [uploaded, versions, container] = await Promise.all([
    workspace.uploadFolder(read.path, name, undefined, signal),
    workspace.listModelVersions(name, signal),
    workspace.modelContainer(name, signal),
  ]);
  const same = versions.find(({ uri }) => uri.toLowerCase() === uploaded.uri.toLowerCase());
  if (same) return { version: same, why: 'same content' };
  return {
    register: {
      kind: 'registerModel',
      model: name,
      version: container?.nextVersion ?? '1',
      folder: read.path,
      flavors: read.model.flavorData,
    },
  };
}
