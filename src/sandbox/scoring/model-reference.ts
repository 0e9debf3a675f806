/** The model version that a deployment names. */
import { REGISTRY } from '../registry.js';
import { type ModelVersionRecord, type SandboxState, own } from '../model.js';

/**
 * Reads an ARM id, `azureml:NAME:VERSION`, a version's `azureml:/…` id, or the
 * `azureml://registries/…` id of a model in the sandbox's registry.
 * @returns undefined where it is none of these (another registry's included)
 */
export function findModelVersion(
  state: SandboxState,
  reference: string,
): ModelVersionRecord | undefined {
  const inRegistry =
    /^azureml:\/\/registries\/([^/]+)\/models\/([^/]+)\/versions\/([^/]+)\/?$/i.exec(reference);
  const match =
    inRegistry?.slice(1) ??
    /\/models\/([^/]+)\/versions\/([^/]+)\/?$/i.exec(reference) ??
    /^azureml:([^/:]+):([^/:]+)$/i.exec(reference);
  const [registry, name, version] = match ?? [];
  if (name === undefined || version === undefined) return undefined;
  if (inRegistry !== null && registry?.toLowerCase() !== REGISTRY) return undefined;
  const models = inRegistry === null ? state.models : (state.registryModels ?? {});
  const model = own(models, name.toLowerCase());
  return model === undefined ? undefined : own(model.versions, version);
}
