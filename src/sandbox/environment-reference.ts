/** The environment version that a deployment or a package names. */
import { type PlainAssetRecord, type SandboxState, own } from './model.js';

export interface EnvironmentReference {
  name: string;
  version: string;
}

/**
 * Reads an ARM id, `azureml:NAME:VERSION`, `azureml:/` before an ARM id, or the form that packages
 * use, `azureml://locations/…/workspaces/…/environments/NAME/versions/VERSION`.
 * @returns `registry` for an environment of a registry, undefined for what is none of these
 */
export function parseEnvironmentId(id: string): EnvironmentReference | 'registry' | undefined {
  if (/^azureml:\/\/registries\//i.test(id)) return 'registry';
  const match =
    /\/environments\/([^/]+)\/versions\/([^/]+)\/?$/i.exec(id) ??
    /^azureml:([^/:]+):([^/:]+)$/i.exec(id);
  const [, name, version] = match ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

export function environmentKey({ name, version }: EnvironmentReference): string {
  return `${name.toLowerCase()}/${version}`;
}

/** @returns undefined where it is none of this workspace's versions (a registry's included) */
export function findEnvironment(
  state: SandboxState,
  id: string | null,
): PlainAssetRecord | undefined {
  const reference = id === null ? undefined : parseEnvironmentId(id);
  return typeof reference === 'object'
    ? own(state.environments, environmentKey(reference))
    : undefined;
}
