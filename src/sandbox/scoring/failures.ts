/** Why a deployment failed, worded as Azure words it (collected from public issues, 2023 to 2026). */
import { createHash } from 'node:crypto';
import { DeploymentFailure, type SandboxConfig } from '../model.js';

/** The container started and answered no probe. */
export function containerCrashed(): DeploymentFailure {
  return new DeploymentFailure(
    'BadArgument',
    'User container has crashed or terminated: Liveness probe failed: HTTP probe failed with statuscode: 502. ' +
      'Please see troubleshooting guide, available here: https://aka.ms/oe-tsg#error-resourcenotready',
  );
}

export function assetNotFound(asset: string): DeploymentFailure {
  return new DeploymentFailure('ModelRegistryError', `Could not find asset with ID: ${asset}`);
}

/** @param conda what the image would have been built from; the name of its log hangs on it */
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

/** The sandbox's own: Azure would run it. */
export function scriptNotRun(script: string): DeploymentFailure {
  return new DeploymentFailure(
    'BadArgument',
    `The sandbox does not run scoring scripts, so the script ${script} was not started. Azure runs it; here, deploy an MLflow model without code_configuration.`,
  );
}
