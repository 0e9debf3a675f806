/** One Azure ML workspace: the parts of this room behind the interface that others know. */
import { record } from './arm-request.js';
import { attachments } from './attachments.js';
import { autoscaleOf, autoscaleSetting, copyAutoscale, deleteAutoscale } from './autoscale.js';
import { checkCode } from './codes.js';
import { pinEnvironment } from './environments.js';
import * as compute from './compute.js';
import * as deployments from './deployments.js';
import { collectedFiles, dataFiles } from './data-files.js';
import { defaultDatastore } from './datastore.js';
import { endpointNameUse } from './endpoint-name.js';
import * as endpoints from './endpoints.js';
import { networkAccess, textMember, textRecord } from './endpoints.js';
import { listJobModels } from './job-models.js';
import { EndpointKeys } from './keys.js';
import { queryLogs } from './logs.js';
import { metricSeries, minuteMetrics } from './metrics.js';
import * as models from './models.js';
import { operationStatus, waitForOperation } from './operations.js';
import { environmentVersion, packageModel } from './packages.js';
import { regionCounts } from './region-counts.js';
import { missingOnStorage, missingPermissions } from './permissions.js';
import { hourlyPrices } from './prices.js';
import { providerStates } from './providers.js';
import { hasConnection, keyVault } from './secret-stores.js';
import { missingOfIdentity } from './role-assignments.js';
import { score } from './scoring.js';
import { doing, type Scope } from './scope.js';
import { filesToUpload, folderHashes, type Indicator, mark, uploadFolder } from './upload.js';
import { createTransport, type Transport } from './transport.js';
import { webRequest } from './web-request.js';
import { nameInToken } from './who.js';
import type { VmSize, Workspace, WorkspaceInfo } from './types.js';

export function openWorkspace(scope: Scope): Workspace {
  const keys = new EndpointKeys(scope);
  // By uri: where to say which version an upload became.
  const indicators = new Map<string, Indicator>();
  let known: WorkspaceInfo | undefined;
  // Sizes of a region do not change within a session.
  let sizes: VmSize[] | undefined;

  // The sandbox's proxy leads nowhere else; from there one goes out as without a connection.
  let own: Transport | undefined;
  const outside = (): Transport => {
    const { proxyUrl, identityEndpoint } = scope.connection;
    const isSandbox = proxyUrl !== undefined && identityEndpoint?.startsWith(`${proxyUrl}/`);
    return isSandbox ? (own ??= createTransport({})) : scope.transport;
  };

  const info = async (signal?: AbortSignal): Promise<WorkspaceInfo> => {
    known = await readInfo(scope, signal);
    return known;
  };
  // A workspace never moves.
  const location = async (signal?: AbortSignal): Promise<string> =>
    (known ?? (await info(signal))).location;

  return {
    connection: scope.connection,
    studio: scope.cloud.studio,
    info,
    who: (signal) =>
      doing('sign in', async () => {
        const { token } = await scope.tokens.token(scope.cloud.armScope, { signal });
        return nameInToken(token);
      }),

    listModels: (signal) => models.listModels(scope, signal),
    modelContainer: (name, signal) => models.modelContainer(scope, name, signal),
    listModelVersions: (name, signal, newest) =>
      models.listModelVersions(scope, name, signal, newest),
    getModelVersion: (name, version, signal) =>
      models.getModelVersion(scope, name, version, signal),
    folderHashes: (folder) => folderHashes(folder),
    filesToUpload: (folder) => filesToUpload(folder),
    async uploadFolder(folder, modelName, onProgress, signal) {
      const uploaded = await uploadFolder(scope, folder, modelName, onProgress, signal);
      indicators.set(uploaded.folder.uri, uploaded.indicator);
      return uploaded.folder;
    },
    checkCode: (code, signal) => checkCode(scope, code, signal),
    pinEnvironment: (environment, definition, signal) =>
      pinEnvironment(scope, environment, definition, signal),
    async putModelVersion(name, version, uri, extra, signal) {
      const registered = await models.putModelVersion(scope, name, version, uri, extra, signal);
      const indicator = indicators.get(uri);
      // The model is registered; that its blob says so too is a courtesy to other clients.
      if (indicator) await mark(indicator, name, version, signal).catch(() => undefined);
      return registered;
    },
    listJobModels: (signal) => listJobModels(scope, signal),
    packageModel: async (model, environment, signal) =>
      packageModel(scope, await info(signal), model, environment, signal),
    environmentVersion: (name, version, signal) => environmentVersion(scope, name, version, signal),
    readModelFile: (model, path, signal) =>
      models.readModelText(scope, model.uri, path, reading(model, path), signal),
    readModelBytes: (model, path, most, signal) =>
      models.readModelBytes(scope, model.uri, path, reading(model, path), { most, signal }),

    dataFiles: (reference, signal) => dataFiles(scope, reference, signal),
    collectedFiles: (deployment, from, to, signal) =>
      collectedFiles(scope, deployment, from, to, signal),

    listEndpoints: (signal) => endpoints.listEndpoints(scope, signal),
    getEndpoint: (name, signal) => endpoints.getEndpoint(scope, name, signal),
    regionCounts: async (signal) => regionCounts(scope, await location(signal), signal),
    endpointNameUse: async (name, signal) =>
      endpointNameUse(scope, await location(signal), name, signal),
    createEndpoint: async (name, spec, signal) =>
      endpoints.createEndpoint(scope, await location(signal), name, spec, signal),
    updateEndpoint: (name, update, signal) => endpoints.updateEndpoint(scope, name, update, signal),
    deleteEndpoint: (name, signal) => endpoints.deleteEndpoint(scope, name, signal),
    keyHint: (endpoint, signal) => keys.hint(endpoint, signal),
    revealKey: (endpoint, signal) => keys.secret(endpoint, signal),
    regenerateKey: (endpoint, which, signal) => keys.regenerate(endpoint, which, signal),

    listDeployments: (endpoint, signal) => deployments.listDeployments(scope, endpoint, signal),
    async createDeployment(endpoint, name, spec, signal) {
      const { location: place, managedNetwork } = known ?? (await info(signal));
      // Microsoft Learn, "Network isolation with managed online endpoints": where the workspace has a
      // managed network, that governs egress and a deployment's own flag is not to be used.
      const { egressPublicNetworkAccess: _, ...others } = spec;
      const sent = managedNetwork ? others : spec;
      return deployments.createDeployment(scope, place, endpoint, name, sent, signal);
    },
    scaleDeployment: (endpoint, name, count, signal) =>
      deployments.scaleDeployment(scope, endpoint, name, count, signal),
    deleteDeployment: (endpoint, name, signal) =>
      deployments.deleteDeployment(scope, endpoint, name, signal),
    deploymentLogs: (endpoint, name, options, signal) =>
      deployments.deploymentLogs(scope, endpoint, name, options, signal),

    attachments: (deploymentId, signal) => attachments(scope, deploymentId, signal),
    autoscaleOf: (deploymentId, signal) => autoscaleOf(scope, deploymentId, signal),
    autoscaleSetting: (id, signal) => autoscaleSetting(scope, id, signal),
    copyAutoscale: (from, to, deployment, signal) =>
      copyAutoscale(scope, from, to, deployment, signal),
    deleteAutoscale: (id, signal) => deleteAutoscale(scope, id, signal),

    operation: (operation, signal) => operationStatus(scope, operation, signal),
    wait: (operation, onPoll, signal) => waitForOperation(scope, operation, onPoll, signal),

    score: (endpoint, body, options) => score(scope, keys, endpoint, body, options),

    metrics: (endpoint, names, from, to, signal) =>
      minuteMetrics(scope, endpoint, names, from, to, signal),
    metricSeries: (query, from, to, signal) => metricSeries(scope, query, from, to, signal),
    webRequest: (url, request, signal) => webRequest(outside(), url, request, signal),
    queryLogs: (of, query, from, to, signal) => queryLogs(scope, of, query, from, to, signal),

    vmSizes: async (signal) =>
      (sizes ??= await compute.vmSizes(scope, await location(signal), signal)),
    hourlyPrices: async (sizes, signal) =>
      hourlyPrices(scope, await location(signal), sizes, signal),
    usages: async (signal) => compute.usages(scope, await location(signal), signal),
    missingPermissions: (actions, signal, on) => missingPermissions(scope, actions, signal, on),
    missingOfIdentity: (identity, needs, signal) =>
      missingOfIdentity(scope, identity, needs, signal),
    hasConnection: (name, signal) => hasConnection(scope, name, signal),
    keyVault: (name, signal) => keyVault(scope, name, signal),
    missingOnStorage: (account, dataActions, signal) =>
      missingOnStorage(scope, account, dataActions, signal),
    defaultDatastore: (signal) => defaultDatastore(scope, signal),
    providerStates: (signal) => providerStates(scope, signal),

    async close() {
      keys.forget();
      await Promise.all([scope.transport.close(), own?.close()]);
    },
  };
}

function reading(
  { uri, name, version }: { uri: string; name?: string; version?: string },
  path: string,
): string {
  const of = name === undefined ? uri : `model ${[name, version].filter(Boolean).join(':')}`;
  return `read ${path} of ${of}`;
}

async function readInfo(scope: Scope, signal: AbortSignal | undefined): Promise<WorkspaceInfo> {
  const { subscriptionId, resourceGroup, workspaceName } = scope.connection;
  // The typed client's version of it does not know managed networks.
  const found = await scope.arm.get(scope.path, `open workspace ${workspaceName}`, { signal });
  const properties = record(found['properties']);
  const isolation = record(properties['managedNetwork'])['isolationMode'];
  const managed =
    isolation === 'AllowInternetOutbound' || isolation === 'AllowOnlyApprovedOutbound';
  return {
    subscriptionId,
    resourceGroup,
    workspaceName,
    id: String(found['id'] ?? scope.path),
    location: String(found['location'] ?? ''),
    workspaceId: String(properties['workspaceId'] ?? ''),
    v1LegacyMode: properties['v1LegacyMode'] === true,
    ...networkAccess(properties['publicNetworkAccess']),
    ...(managed && { managedNetwork: isolation }),
    ...textMember('storageAccountId', properties['storageAccount']),
    ...textMember('containerRegistryId', properties['containerRegistry']),
    tags: textRecord(found['tags']),
  };
}
