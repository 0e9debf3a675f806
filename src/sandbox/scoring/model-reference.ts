/** The model version that a deployment names. */
import { type ModelVersionRecord, type SandboxState, own } from '../model.js';

/**
 * Reads an ARM id, `azureml:NAME:VERSION` or a version's `azureml:/…` id.
 * @returns undefined where it is none of this workspace's versions (a registry's included)
 */
export function findModelVersion(
  state: SandboxState,
  reference: string,
): ModelVersionRecord | undefined {
  if (/^azureml:\/\/registries\//i.test(reference)) return undefined;
  const match =
    /\/models\/([^/]+)\/versions\/([^/]+)\/?$/i.exec(reference) ??
    /^azureml:([^/:]+):([^/:]+)$/i.exec(reference);
  const [, name, version] = match ?? [];
  if (name === undefined || version === undefined) return undefined;
  const model = own(state.models, name.toLowerCase());
  return model === undefined ? undefined : own(model.versions, version);
}
