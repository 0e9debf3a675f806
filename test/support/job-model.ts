/** Models that are not registered in the workspace: a tracked run's artifact, a registry's version. */
import { model, type ArmClient } from './arm.js';
import type { TestSandbox } from './sandbox.js';

/** A finished run that logged the sample as `model`. Returns the run's id. */
export async function logRun(
  arm: ArmClient,
  { info }: TestSandbox,
  folder: string,
): Promise<string> {
  const tracking = `https://${info.location}.api.azureml.ms/mlflow/v1.0${arm.workspace}/api/2.0/mlflow`;
  const post = (path: string, body: object) =>
    arm.send('POST', `${tracking}/${path}`, { body, apiVersion: null });
  const { body } = await post('runs/create', { run_name: `train-${folder}` });
  const id = body.run.info.run_id as string;
  await arm.uploadSample(folder, 'workspaceartifactstore', `ExperimentRun/dcid.${id}/model`);
  await post('runs/update', { run_id: id, status: 'FINISHED' });
  return id;
}

/** Puts the sample into the sandbox's registry. Returns `azureml://registries/...`. */
export async function shareInRegistry(
  arm: ArmClient,
  name: string,
  version: string,
  folder: string,
): Promise<string> {
  const group = arm.workspace.split('/workspaces/')[0];
  const registry = 'sandbox-registry';
  const path = `${group}/registries/${registry}/models/${name}/versions/${version}`;
  const { body } = await arm.send('POST', `${path}/startPendingUpload`, {
    body: { pendingUploadType: 'TemporaryBlobReference' },
  });
  const { blobUri, credential } = body.blobReferenceForConsumption;
  await arm.putFiles(folder, blobUri as string, String(credential.sasUri).split('?')[1] ?? '');
  const { status, body: said } = await arm.put(path, model(blobUri as string));
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(said)}`);
  return `azureml://registries/${registry}/models/${name}/versions/${version}`;
}
