/** A workspace that has just been created: names and ids like Azure's, none of them anyone's. */
import { randomBytes, randomUUID } from 'node:crypto';
import { emptyState, type SandboxConfig, type SandboxState } from './model.js';

export interface WorkspaceChoices {
  location?: string | undefined;
  cloud?: NonNullable<SandboxConfig['cloud']> | undefined;
}

export const DEFAULT_LOCATION = 'westeurope';

export function newWorkspace(choices: WorkspaceChoices): SandboxState {
  const workspaceId = randomUUID();
  return emptyState({
    subscriptionId: randomUUID(),
    tenantId: randomUUID(),
    resourceGroup: 'rg-sandbox',
    workspaceName: 'sandbox',
    location: choices.location ?? DEFAULT_LOCATION,
    workspaceId,
    storageAccount: `stsandbox${randomBytes(5).toString('hex')}`,
    storageKey: randomBytes(64).toString('base64'),
    containerName: `azureml-blobstore-${workspaceId}`,
    cloud: choices.cloud ?? 'public',
  });
}
