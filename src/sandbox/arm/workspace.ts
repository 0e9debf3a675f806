/** The one workspace with its datastores, the one registry, and where files are uploaded to. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { conditionsOf } from '../conditions.js';
import { blobHost, storageSuffix, workspaceHost } from '../hosts.js';
import { own } from '../model.js';
import type { SandboxContext } from '../context.js';
import { DATASTORES, type DatastoreName, SAS_LIFETIME_MS, containerOf } from '../references.js';
import { REGISTRY_NAME } from '../references.js';
import { workspaceId } from './bodies.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  GROUP,
  ML,
  REGISTRY_PATH,
  SUB,
  WS,
  ok,
  optionalText,
  orElse,
  orEmpty,
  page,
  param,
  queryValue,
  readBody,
} from './call.js';
import { ArmError, assetNotFound, conflict } from './errors.js';

export function workspaceRoutes(on: AddArmRoute): void {
  for (const scope of [SUB, GROUP]) {
    on('GET', `${scope}/${ML}/workspaces`, (call) => ok({ value: [workspaceBody(call.context)] }));
    on('GET', `${scope}/${ML}/registries`, (call) => ok({ value: [registryBody(call)] }));
  }
  on('GET', WS, (call) => ok(workspaceBody(call.context)));
  on('GET', REGISTRY_PATH, (call) => ok(registryBody(call)));

  on('GET', `${WS}/datastores`, listDatastores);
  on('GET', `${WS}/datastores/:datastore`, (call) =>
    ok(datastoreBody(call, mustFindDatastore(call))),
  );
  on('POST', `${WS}/datastores/:datastore/listSecrets`, listSecrets);

  for (const asset of ['models/:model', 'codes/:asset', 'environments/:asset', 'data/:asset'])
    on('POST', `${WS}/${asset}/versions/:version/startPendingUpload`, startPendingUpload);
  const version = 'models/:model/versions/:version';
  on('POST', `${REGISTRY_PATH}/${version}/startPendingUpload`, registryUpload);
  on('PUT', `${REGISTRY_PATH}/tempdatarefs/:model/versions/:version`, registryUpload);
}

const SecretsRequest = orEmpty(z.object({ expirableSecret: orElse(z.boolean(), false) }));
const UploadRequest = orEmpty(
  z.object({
    pendingUploadType: z
      .literal(
        'TemporaryBlobReference',
        'The sandbox supports the pendingUploadType TemporaryBlobReference only.',
      )
      .nullish(),
    pendingUploadId: optionalText,
  }),
);

const CREATED = '2025-01-15T09:00:00.0000000Z';

export function workspaceBody(context: SandboxContext): unknown {
  const { config } = context.state;
  const id = workspaceId(context);
  const group = `/subscriptions/${config.subscriptionId}/resourceGroups/${config.resourceGroup}/providers`;
  const dashed = config.workspaceId;
  const { v1LegacyMode, publicNetworkAccess, managedNetwork } = conditionsOf(context.state);
  return {
    id,
    name: config.workspaceName,
    type: 'Microsoft.MachineLearningServices/workspaces',
    location: config.location,
    tags: {},
    etag: null,
    kind: 'Default',
    properties: {
      friendlyName: config.workspaceName,
      description: 'A local sandbox workspace',
      storageAccount: `${group}/Microsoft.Storage/storageAccounts/${config.storageAccount}`,
      keyVault: `${group}/Microsoft.Keyvault/vaults/kv-${config.workspaceName}`,
      applicationInsights: `${group}/Microsoft.insights/components/ai-${config.workspaceName}`,
      hbiWorkspace: false,
      tenantId: config.tenantId,
      imageBuildCompute: null,
      provisioningState: 'Succeeded',
      v1LegacyMode,
      softDeleteEnabled: false,
      containerRegistry: `${group}/Microsoft.ContainerRegistry/registries/cr${config.workspaceName.replace(/[^a-z\d]/gi, '')}`,
      notebookInfo: null,
      storageHnsEnabled: false,
      workspaceId: dashed,
      linkedModelInventoryArmId: null,
      privateLinkCount: 0,
      publicNetworkAccess,
      managedNetwork: { isolationMode: managedNetwork },
      systemDatastoresAuthMode:
        config.datastoreCredentials === 'identity' ? 'identity' : 'accesskey',
      discoveryUrl: `https://${workspaceHost(config)}/discovery`,
      mlFlowTrackingUri: `azureml://${workspaceHost(config)}/mlflow/v1.0${id}`,
      sdkTelemetryAppInsightsKey: null,
      sasGetterUri: '',
    },
    identity: { type: 'SystemAssigned', principalId: dashed, tenantId: config.tenantId },
    sku: { name: 'Basic', tier: 'Basic' },
    systemData: {
      createdAt: CREATED,
      createdBy: 'Sandbox',
      createdByType: 'Application',
      lastModifiedAt: CREATED,
      lastModifiedBy: 'Sandbox',
      lastModifiedByType: 'Application',
    },
  };
}

const DEFAULT: DatastoreName = 'workspaceblobstore';
/** Filters as "Datastores - List" has them: `isDefault`, `names` and `searchText`. */
function listDatastores(call: ArmCall): ArmReply {
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
    found.map((name) => datastoreBody(call, name)),
  );
}

function listSecrets(call: ArmCall): ArmReply {
  const name = mustFindDatastore(call);
  const { config } = call.context.state;
  const mode = config.datastoreCredentials ?? 'account-key';
  if (mode === 'identity') {
    throw new ArmError(400, 'UserError', 'The datastore holds no secrets.', 'mfe', [
      { code: 'NoCredentials', message: `Datastore ${name} uses identity-based access.` },
    ]);
  }
  const { expirableSecret: expirable } = readBody(call, SecretsRequest, 'SecretExpiry');
  if (mode === 'sas' || expirable) {
    return ok({
      secretsType: 'Sas',
      sasToken: call.context.container(containerOf(name, config)).sas('racwdl', SAS_LIFETIME_MS),
    });
  }
  return ok({ secretsType: 'AccountKey', key: config.storageKey });
}

/** `startPendingUpload` of a model, code or data version: a SAS for one folder to write to. */
function startPendingUpload(call: ArmCall): ArmReply {
  const { config } = call.context.state;
  const { pendingUploadId } = readBody(call, UploadRequest, 'PendingUploadRequestDto');
  const uploadId = pendingUploadId ?? call.correlation.operation;
  const container = `https://${blobHost(config)}/${config.containerName}`;
  const sas = call.context.blobs.sas('racwl', SAS_LIFETIME_MS);
  const folder = `${container}/LocalUpload/${encodeURIComponent(uploadId)}`;
  return ok(blobReference(call, folder, `${container}?${sas}`, uploadId));
}

/** A place to upload to, and the signature that opens it. */
function blobReference(
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

function mustFindDatastore(call: ArmCall): DatastoreName {
  const given = param(call, 'datastore');
  const name = DATASTORES.find((one) => one === given.toLowerCase());
  if (name === undefined)
    throw assetNotFound('DatastoreNotFound', `Could not find datastore: ${given}.`);
  return name;
}

function datastoreBody(call: ArmCall, name: DatastoreName): unknown {
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
      endpoint: storageSuffix(config),
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

/**
 * Both ways to ask for a place to upload to: `startPendingUpload` of ARM and `tempdatarefs` of the
 * data plane. Every version has a container of its own, and clients write to its root.
 */
async function registryUpload(call: ArmCall): Promise<ArmReply> {
  const { context } = call;
  const [name, version] = [param(call, 'model'), param(call, 'version')];
  const known = own(context.state.registryModels ?? {}, name.toLowerCase());
  if (known !== undefined && own(known.versions, version) !== undefined)
    throw conflict(
      `Asset ${name} with version ${version} already exists in registry ${REGISTRY_NAME}.`,
    );
  const digest = createHash('sha256').update(`${name.toLowerCase()}/${version}`).digest('hex');
  const container = `${REGISTRY_NAME}-${digest.slice(0, 20)}`;
  const access = context.container(container);
  await access.createContainer();
  const url = `https://${blobHost(context.state.config)}/${container}`;
  const sas = access.sas('racwl', SAS_LIFETIME_MS);
  return ok(blobReference(call, url, `${url}?${sas}`, digest));
}

function registryBody(call: ArmCall): unknown {
  const { config } = call.context.state;
  const { subscriptionId, resourceGroup, location, tenantId } = config;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/registries/${REGISTRY_NAME}`;
  return {
    id,
    name: REGISTRY_NAME,
    type: 'Microsoft.MachineLearningServices/registries',
    location,
    tags: {},
    identity: { type: 'SystemAssigned', tenantId },
    properties: {
      publicNetworkAccess: 'Enabled',
      discoveryUrl: `https://${workspaceHost(config)}/registrymanagement/v1.0/registries/${REGISTRY_NAME}/discovery`,
      intellectualPropertyPublisher: null,
      mlFlowRegistryUri: null,
      regionDetails: [{ location }],
    },
  };
}
