/** The two datastores of blobs, their credentials by the configuration, and their secrets. */
import { type ArmCall, type ArmReply, isObject, ok, param, queryValue } from './call.js';
import { ArmError, assetNotFound, invalid } from './errors.js';
import type { SandboxConfig } from '../model.js';
import { DATASTORES, type DatastoreName, containerOf } from '../model-place.js';
import { page } from './paging.js';
import { workspaceId } from './workspace.js';

const DEFAULT: DatastoreName = 'workspaceblobstore';
export const SAS_LIFETIME_MS = 8 * 3_600_000;

export const STORAGE_SUFFIX = {
  public: 'core.windows.net',
  usgov: 'core.usgovcloudapi.net',
  china: 'core.chinacloudapi.cn',
} as const;

/** Filters as "Datastores - List" has them: `isDefault`, `names` and `searchText`. */
export function listDatastores(call: ArmCall): ArmReply {
  const wantsDefault = queryValue(call, 'isDefault')?.toLowerCase();
  const names = queryValue(call, 'names')?.toLowerCase().split(',');
  const text = queryValue(call, 'searchText')?.toLowerCase() ?? '';
  const found = DATASTORES.filter((name) => names?.includes(name) ?? true)
    .filter((name) => name.includes(text))
    .filter(
      (name) => wantsDefault === undefined || (name === DEFAULT) === (wantsDefault === 'true'),
    );
  return page(
    call,
    found.map((name) => body(call, name)),
  );
}

export function getDatastore(call: ArmCall): ArmReply {
  return ok(body(call, mustFind(call)));
}

export function listSecrets(call: ArmCall): ArmReply {
  const name = mustFind(call);
  const { config } = call.context.state;
  const mode = config.datastoreCredentials ?? 'account-key';
  if (mode === 'identity') {
    throw new ArmError(400, 'UserError', 'The datastore holds no secrets.', 'mfe', [
      { code: 'NoCredentials', message: `Datastore ${name} uses identity-based access.` },
    ]);
  }
  const expirable = isObject(call.body) && call.body['expirableSecret'] === true;
  if (mode === 'sas' || expirable) {
    return ok({
      secretsType: 'Sas',
      sasToken: call.context.container(containerOf(name, config)).sas('racwdl', SAS_LIFETIME_MS),
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
  const container = `https://${blobHost(config)}/${config.containerName}`;
  const sas = call.context.blobs.sas('racwl', SAS_LIFETIME_MS);
  const folder = `${container}/LocalUpload/${encodeURIComponent(uploadId)}`;
  return ok(blobReference(call, folder, `${container}?${sas}`, uploadId));
}

export function blobHost(config: Pick<SandboxConfig, 'storageAccount' | 'cloud'>): string {
  return `${config.storageAccount}.blob.${STORAGE_SUFFIX[config.cloud ?? 'public']}`;
}

/** A place to upload to, and the signature that opens it. */
export function blobReference(
  call: ArmCall,
  blobUri: string,
  sasUri: string,
  pendingUploadId: string,
): unknown {
  const { subscriptionId, resourceGroup, storageAccount } = call.context.state.config;
  return {
    blobReferenceForConsumption: {
      blobUri,
      storageAccountArmId: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Storage/storageAccounts/${storageAccount}`,
      credential: { credentialType: 'SAS', sasUri },
    },
    pendingUploadId,
    pendingUploadType: 'TemporaryBlobReference',
  };
}

function mustFind(call: ArmCall): DatastoreName {
  const given = param(call, 'datastore');
  const name = DATASTORES.find((one) => one === given.toLowerCase());
  if (name === undefined)
    throw assetNotFound('DatastoreNotFound', `Could not find datastore: ${given}.`);
  return name;
}

function body(call: ArmCall, name: DatastoreName): unknown {
  const { config } = call.context.state;
  const credentials = { 'account-key': 'AccountKey', sas: 'Sas', identity: 'None' } as const;
  return {
    id: `${workspaceId(call.context)}/datastores/${name}`,
    name,
    type: 'Microsoft.MachineLearningServices/workspaces/datastores',
    properties: {
      description: null,
      tags: null,
      properties: null,
      isDefault: name === DEFAULT,
      credentials: { credentialsType: credentials[config.datastoreCredentials ?? 'account-key'] },
      datastoreType: 'AzureBlob',
      accountName: config.storageAccount,
      containerName: containerOf(name, config),
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
