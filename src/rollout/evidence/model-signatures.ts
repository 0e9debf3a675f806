/** What the models of two deployments say that they take and give. */
import { workspaceModel } from '../../common/model-ref.js';
import type { Workspace } from '../../azure/types.js';
import { diffSignatures, type Signature, type SignatureDiff } from '../../sampling/signature.js';
import { seenVersion } from '../changes/conditions.js';
import type { Snapshot } from '../snapshot.js';
import { readStoredModel, type ModelReader } from '../stored-model.js';

type Reader = ModelReader & Pick<Workspace, 'getModelVersion'>;

/**
 * `undefined`: the model was logged without one, or its files can't be read.
 * @param seen what a version holds never changes, so one that was seen is not asked for
 */
export async function signatureOf(
  { name, version }: { name: string; version: string },
  workspace: Reader,
  signal?: AbortSignal,
  seen?: Snapshot,
): Promise<Signature | undefined> {
  const registered =
    (seen && seenVersion(seen, name, version)) ??
    (await workspace.getModelVersion(name, version, signal));
  const stored =
    registered && (await readStoredModel(workspace, registered, `${name} ${version}`, signal));
  return stored?.model.signature;
}

/** The same for a model's ARM id; `undefined` too for a model of a registry. */
export async function signatureOfModel(
  model: string,
  workspace: Reader,
  signal?: AbortSignal,
  seen?: Snapshot,
): Promise<Signature | undefined> {
  const found = workspaceModel(model);
  return found && signatureOf(found, workspace, signal, seen);
}

/** @param read by ARM id of the model */
export async function signatureChange(
  blueModel: string,
  greenModel: string,
  read: (model: string) => Promise<Signature | undefined>,
): Promise<SignatureDiff> {
  const [before, after] = await Promise.all([read(blueModel), read(greenModel)]);
  return diffSignatures(before, after);
}
