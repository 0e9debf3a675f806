/** The default datastore, its credentials by the sandbox's configuration, and its secrets. */
import { type ArmCall, type ArmReply, isObject, ok, param, queryValue } from './call.js';
import { ArmError, assetNotFound, invalid } from './errors.js';
import { page } from './paging.js';
import { workspaceId } from './workspace.js';

const NAME = 'workspaceblobstore';
const SAS_LIFETIME_MS = 8 * 3_600_000;

export const STORAGE_SUFFIX = {
  public: 'core.windows.net',
  usgov: 'core.usgovcloudapi.net',
  china: 'core.chinacloudapi.cn',
} as const;

export function listDatastores(call: ArmCall): ArmReply {
  const wantsDefault = queryValue(call, 'isDefault')?.toLowerCase();
  return page(call, wantsDefault === 'false' ? [] : [body(call)]);
}

export function getDatastore(call: ArmCall): ArmReply {
  mustExist(call);
  return ok(body(call));
}

export function listSecrets(call: ArmCall): ArmReply {
  mustExist(call);
  const { config } = call.context.state;
  const mode = config.datastoreCredentials ?? 'account-key';
  if (mode === 'identity') {
    throw new ArmError(400, 'UserError', 'The datastore holds no secrets.', 'mfe', [
      { code: 'NoCredentials', message: `Datastore ${NAME} uses identity-based access.` },
    ]);
  }
  const expirable = isObject(call.body) && call.body['expirableSecret'] === true;
  if (mode === 'sas' || expirable) {
    return ok({
      secretsType: 'Sas',
      sasToken: call.context.blobs.sas('racwdl', SAS_LIFETIME_MS),
    });
  }
  return ok({ secretsType: 'AccountKey', key: config.storageKey });
}

/** `startPendingUpload` of a model, code or data version: a SAS for one folder to write to. */
export function startPendingUpload(call: ArmCall): ArmReply {
  const { config } = call.context.state;
  const type = isObject(call.body) ? call.body['pendingUploadType'] : undefined;
  if (type !== undefined && type !== null && type !== 'TemporaryBlobReference')
    throw invalid('The sandbox knows the pendingUploadType TemporaryBlobReference only.');
  const given = isObject(call.body) ? call.body['pendingUploadId'] : undefined;
  const uploadId = typeof given === 'string' && given !== '' ? given : call.correlation.operation;
  const container = `https://${config.storageAccount}.blob.${STORAGE_SUFFIX[config.cloud ?? 'public']}/${config.containerName}`;
  return ok({
    blobReferenceForConsumption: {
      blobUri: `${container}/LocalUpload/${encodeURIComponent(uploadId)}`,
      storageAccountArmId: `/subscriptions/${config.subscriptionId}/resourceGroups/${config.resourceGroup}/providers/Microsoft.Storage/storageAccounts/${config.storageAccount}`,
      credential: {
        credentialType: 'SAS',
        sasUri: `${container}?${call.context.blobs.sas('racwl', SAS_LIFETIME_MS)}`,
      },
    },
    pendingUploadId: uploadId,
    pendingUploadType: 'TemporaryBlobReference',
  });
}

function mustExist(call: ArmCall): void {
  const name = param(call, 'datastore');
  if (name.toLowerCase() !== NAME)
    throw assetNotFound('DatastoreNotFound', `Could not find datastore: ${name}.`);
}

function body(call: ArmCall): unknown {
  const { config } = call.context.state;
  const credentials = { 'account-key': 'AccountKey', sas: 'Sas', identity: 'None' } as const;
  return {
    id: `${workspaceId(call.context)}/datastores/${NAME}`,
    name: NAME,
    type: 'Microsoft.MachineLearningServices/workspaces/datastores',
    properties: {
      description: null,
      tags: null,
      properties: null,
      isDefault: true,
      credentials: { credentialsType: credentials[config.datastoreCredentials ?? 'account-key'] },
      datastoreType: 'AzureBlob',
      accountName: config.storageAccount,
      containerName: config.containerName,
      endpoint: STORAGE_SUFFIX[config.cloud ?? 'public'],
      protocol: 'https',
      resourceGroup: config.resourceGroup,
      subscriptionId: config.subscriptionId,
      serviceDataAccessAuthIdentity: 'WorkspaceSystemAssignedIdentity',
    },
    systemData: {
      createdAt: '2025-01-15T09:00:00.0000000+00:00',
      createdBy: 'Sandbox',
      createdByType: 'Application',
      lastModifiedAt: '2025-01-15T09:00:00.0000000+00:00',
    },
  };
}
