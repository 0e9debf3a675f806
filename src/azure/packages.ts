/**
 * Model packaging (preview): Azure builds an environment with the model, its packages and its
 * server in it, so that a deployment without egress can start. Request and polling as
 * azure-ai-ml 1.35 does them (`_utils/_registry_utils.py`, `begin_package_workspace_model`).
 */
import { record } from './arm-request.js';
import { AzureError } from './errors.js';
import { toStatus } from './operations.js';
import type { Scope } from './scope.js';
import type { Operation, PackagedEnvironment } from './types.js';

const API_VERSION = '2023-08-01-preview';

/** @returns `undefined` where the package was ready at once. */
export async function packageModel(
  scope: Scope,
  place: { location: string; workspaceId: string },
  model: { name: string; version: string },
  environment: { name: string; version: string },
  signal?: AbortSignal,
): Promise<Operation | undefined> {
  const what = `package model ${model.name}:${model.version}`;
  const path = `${scope.path}/models/${encodeURIComponent(model.name)}/versions/${encodeURIComponent(model.version)}/package`;
  const body = {
    targetEnvironmentId:
      `azureml://locations/${place.location}/workspaces/${place.workspaceId}` +
      `/environments/${environment.name}/versions/${environment.version}`,
    inferencingServer: { serverType: 'AzureMLOnline' },
  };
  const answer = await scope.arm.send('POST', path, what, {
    body,
    apiVersion: API_VERSION,
    signal,
  });
  const operation = scope.arm.acceptedBy(answer, path, what);
  if (answer.status !== 202) {
    const { status, error } = toStatus(record(answer.body), what);
    if (error) throw new AzureError(error);
    return status === 'running' ? operation : undefined;
  }
  const url = answer.header('azure-asyncoperation') ?? answer.header('location');
  return url === undefined ? operation : { url };
}

/** `undefined`: there is no such version. */
export async function environmentVersion(
  scope: Scope,
  name: string,
  version: string,
  signal?: AbortSignal,
): Promise<PackagedEnvironment | undefined> {
  const path = `${scope.path}/environments/${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
  const raw = await scope.arm.find(path, `read environment ${name}:${version}`, { signal });
  if (!raw) return undefined;
  const state = record(raw['properties'])['provisioningState'];
  return {
    id: String(raw['id'] ?? ''),
    name,
    version,
    ...(typeof state === 'string' && { provisioningState: state }),
  };
}
