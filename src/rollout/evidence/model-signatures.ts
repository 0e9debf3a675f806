/** What the models of two deployments say that they take and give. */
import { workspaceModel } from '../../common/model-ref.js';
import type { Workspace } from '../../azure/types.js';
import { diffSignatures, type Signature, type SignatureDiff } from '../../sampling/signature.js';
import { readStoredModel, type ModelReader } from '../stored-model.js';

type Reader = ModelReader & Pick<Workspace, 'getModelVersion'>;

/** `undefined`: the model was logged without one, or its files can't be read. */
export async function signatureOf(
  { name, version }: { name: string; version: string },
  workspace: Reader,
  signal?: AbortSignal,
): Promise<Signature | undefined> {
  const registered = await workspace.getModelVersion(name, version, signal);
  const stored =
    registered && (await readStoredModel(workspace, registered, `${name} ${version}`, signal));
  return stored?.model.signature;
}

/** The same for a model's ARM id; `undefined` too for a model of a registry. */
export async function signatureOfModel(
  model: string,
  workspace: Reader,
  signal?: AbortSignal,
): Promise<Signature | undefined> {
  const found = workspaceModel(model);
  return found && signatureOf(found, workspace, signal);
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
