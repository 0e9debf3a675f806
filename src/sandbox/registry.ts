/** The one registry of the sandbox's cloud: models that any workspace may deploy. */

/** Compared without case, as Azure compares names. */
export const REGISTRY = 'sandbox-registry';

/** `azureml://registries/…`, which is what a deployment names as its model. */
export function registryModelId(name: string, version: string): string {
  return `azureml://registries/${REGISTRY}/models/${name}/versions/${version}`;
}
