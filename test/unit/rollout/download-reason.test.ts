import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { createDeploymentKind } from '../../../src/rollout/changes/create-deployment.js';
import { observe } from '../../../src/rollout/snapshot.js';
import { ArmClient, model } from '../../support/arm.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

let sandbox: TestSandbox;
let arm: ArmClient;
let workspace: Workspace;

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  workspace = await connect(connectionTo(sandbox));
});
afterAll(async () => {
  await workspace?.close();
  await arm?.close();
  await sandbox?.stop();
});

async function createBlue(endpoint: string, model: string): Promise<unknown> {
  const change = {
    kind: 'createDeployment' as const,
    endpoint,
    deployment: 'blue',
    role: 'blue' as const,
    spec: { model, instanceType: 'Standard_DS2_v2', instanceCount: 1 },
  };
  return createDeploymentKind.apply(change, {
    workspace,
    before: await observe(workspace, endpoint),
    signal: new AbortController().signal,
    onProgress: () => {},
  });
}

it('a model that is not downloaded fails with the reason of what downloads it', async () => {
  const uri = 'azureml://datastores/workspaceblobstore/paths/LocalUpload/gone/model';
  const { body } = await arm.put('models/gone/versions/1', model(uri));
  await arm.createEndpoint('download');
  const applied = createBlue('download', body.id as string);
  const failure = {
    kind: 'provisioning',
    message: expect.stringMatching(
      /Failed to download the model\..*Its log: .*Download failed: ./,
    ) as string,
  };
  await expect(applied).rejects.toMatchObject({ failure });
});

it('an identity that may not read the storage needs a role there, and no other packages', async () => {
  const modelId = await arm.registerSample('heart-classifier', '1', 'v1');
  const group = arm.workspace.split('/providers/')[0]!;
  const own = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reads-nothing`;
  await arm.createEndpoint('unread', {
    identity: { type: 'UserAssigned', userAssignedIdentities: { [own]: {} } },
  });
  const applied = createBlue('unread', modelId);
  const failure = {
    kind: 'provisioning',
    message: expect.stringContaining(
      'AuthorizationPermissionMismatch: This request is not authorized',
    ) as string,
    advice: expect.stringMatching(
      /^Give the endpoint’s identity the role Storage Blob Data Reader/,
    ) as string,
  };
  await expect(applied).rejects.toMatchObject({ failure });
});
