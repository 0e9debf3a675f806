/** Why a deployment failed, worded as Azure words it (collected from public issues, 2023 to 2026). */
import { createHash } from 'node:crypto';
import type { SandboxConfig } from '../model.js';
import { DeploymentFailure } from '../problems.js';
import type { ContainerLog } from './container-log.js';
import type { ServedModelFolder } from './model-folder.js';

/** The container started and answered no probe. */
function containerCrashed(): DeploymentFailure {
  return new DeploymentFailure(
    'BadArgument',
    'User container has crashed or terminated: Liveness probe failed: HTTP probe failed with statuscode: 502. ' +
      'Please see troubleshooting guide, available here: https://aka.ms/oe-tsg#error-resourcenotready',
  );
}

export function assetMissing(asset: string): DeploymentFailure {
  return new DeploymentFailure('ModelRegistryError', `Could not find asset with ID: ${asset}`);
}

/** @param conda what the image would have been built from; the name of its log depends on it */
export function imageBuildFailed(config: SandboxConfig, conda: string): DeploymentFailure {
  const build = createHash('sha256').update(conda).digest('hex').slice(0, 16);
  const buildLog = `azureml/ImageLogs/${build}/build.log`;
  return new DeploymentFailure(
    'ImageBuildFailure',
    `Image build failed. For more details, see the build log under the storage account '${config.storageAccount}' ` +
      `in the container '${config.containerName}' at the path '${buildLog}'`,
  );
}

export function modelDownloadFailed(): DeploymentFailure {
  return new DeploymentFailure(
    'BadArgument',
    'Failed to download the model. Please check the storage-initializer log for detail. ' +
      'Please see troubleshooting guide, available here: https://aka.ms/oe-tsg#error-resourcenotready',
  );
}

/** What no amount of packages would mend. */
export function unservable(folder: ServedModelFolder): string[] | undefined {
  if (!folder.hasPythonFunction)
    return [
      'Exception in init()',
      `MlflowException: the model has no "python_function" flavor; it has ${folder.flavors.join(', ') || 'none'}.`,
    ];
  return undefined;
}

export function crash(log: ContainerLog, lines: readonly string[]): Error {
  for (const line of lines) log.server(line, 'E');
  log.event(
    'Unhealthy',
    'Liveness probe failed: HTTP probe failed with statuscode: 502',
    'Warning',
  );
  log.event('BackOff', 'Back-off restarting failed container inference-server', 'Warning');
  log.phase('UserContainerStart', 'Failed');
  return containerCrashed();
}
