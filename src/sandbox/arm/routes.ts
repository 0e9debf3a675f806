/** The routes of ARM that the sandbox serves. */
import { assetHandlers } from './assets.js';
import type { Handler } from './call.js';
import { listClouds } from './clouds.js';
import { listQuotas, listUsages, listVmSizes } from './compute.js';
import { getDatastore, listDatastores, listSecrets, startPendingUpload } from './datastores.js';
import {
  deleteDeployment,
  getDeployment,
  getLogs,
  listDeployments,
  listSkus,
  patchDeployment,
  putDeployment,
} from './deployments.js';
import {
  deleteEndpoint,
  getEndpoint,
  listEndpoints,
  patchEndpoint,
  putEndpoint,
} from './endpoints.js';
import { getToken, listKeys, regenerateKeys } from './keys.js';
import { getMetrics, listMetricDefinitions } from './metrics.js';
import { getJob, listJobs } from './jobs.js';
import { REGISTRY_MODELS, WORKSPACE_MODELS } from './model-scope.js';
import { modelHandlers } from './models.js';
import { operationResult, operationStatus } from './operations.js';
import { packageHandler } from './packages.js';
import { listPermissions } from './permissions.js';
import { getRegistry, listRegistries, registryUpload } from './registries.js';
import { headResourceGroup, listLocations, listResources } from './resources.js';
import { Router } from './router.js';
import {
  emptyList,
  getProvider,
  getResourceGroup,
  getSubscription,
  listProviders,
  listResourceGroups,
  listSubscriptions,
  listTenants,
  registerProvider,
} from './subscriptions.js';
import { getWorkspace, listWorkspaces } from './workspace.js';

const SUB = '/subscriptions/{subscription}';
const GROUP = `${SUB}/resourceGroups/{group}`;
const ML = 'providers/Microsoft.MachineLearningServices';
const WS = `${GROUP}/${ML}/workspaces/{workspace}`;
const LOCATION = `${SUB}/${ML}/locations/{location}`;
const ENDPOINT = `${WS}/onlineEndpoints/{endpoint}`;
const DEPLOYMENT = `${ENDPOINT}/deployments/{deployment}`;
const STORAGE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/{account}`;
const REGISTRY = `${GROUP}/${ML}/registries/{registry}`;

/** What is answered without a token. */
export const OPEN_TO_ALL: ReadonlySet<Handler> = new Set([listClouds]);

export function routes(): Router {
  const router = new Router();
  router.on('GET', '/metadata/endpoints', listClouds);
  router.on('GET', '/subscriptions', listSubscriptions);
  router.on('GET', '/tenants', listTenants);
  router.on('GET', SUB, getSubscription);
  router.on('GET', `${SUB}/resourceGroups`, listResourceGroups);
  router.on('GET', GROUP, getResourceGroup);
  router.on('HEAD', GROUP, headResourceGroup);
  for (const scope of [SUB, GROUP]) router.on('GET', `${scope}/resources`, listResources);
  router.on('GET', `${SUB}/locations`, listLocations);
  router.on('GET', `${SUB}/providers`, listProviders);
  router.on('GET', `${SUB}/providers/{provider}`, getProvider);
  router.on('POST', `${SUB}/providers/{provider}/register`, registerProvider);
  for (const scope of [SUB, GROUP, WS, ENDPOINT, STORAGE])
    router.on('GET', `${scope}/providers/Microsoft.Authorization/permissions`, listPermissions);
  for (const kind of ['autoscaleSettings', 'metricAlerts', 'scheduledQueryRules'])
    router.on('GET', `${GROUP}/providers/Microsoft.Insights/${kind}`, emptyList);

  router.on('GET', `${SUB}/${ML}/workspaces`, listWorkspaces);
  router.on('GET', `${GROUP}/${ML}/workspaces`, listWorkspaces);
  router.on('GET', WS, getWorkspace);

  router.on('GET', `${LOCATION}/vmSizes`, listVmSizes);
  router.on('GET', `${LOCATION}/usages`, listUsages);
  router.on('GET', `${LOCATION}/quotas`, listQuotas);
  router.on('GET', `${LOCATION}/mfeOperationsStatus/{operation}`, operationStatus);
  router.on('GET', `${LOCATION}/mfeOperationResults/{operation}`, operationResult);

  router.on('GET', `${WS}/datastores`, listDatastores);
  router.on('GET', `${WS}/datastores/{datastore}`, getDatastore);
  router.on('POST', `${WS}/datastores/{datastore}/listSecrets`, listSecrets);

  router.on('GET', `${WS}/jobs`, listJobs);
  router.on('GET', `${WS}/jobs/{job}`, getJob);

  router.on('GET', `${SUB}/${ML}/registries`, listRegistries);
  router.on('GET', `${GROUP}/${ML}/registries`, listRegistries);
  router.on('GET', REGISTRY, getRegistry);
  router.on('PUT', `${REGISTRY}/tempdatarefs/{model}/versions/{version}`, registryUpload);
  router.on(
    'POST',
    `${REGISTRY}/models/{model}/versions/{version}/startPendingUpload`,
    registryUpload,
  );

  for (const [scope, keeper] of [
    [WS, WORKSPACE_MODELS],
    [REGISTRY, REGISTRY_MODELS],
  ] as const) {
    const models = modelHandlers(keeper);
    const model = `${scope}/models/{model}`;
    router.on('GET', `${scope}/models`, models.listModels);
    router.on('GET', model, models.getModel);
    router.on('PUT', model, models.putModel);
    router.on('DELETE', model, models.deleteModel);
    router.on('GET', `${model}/versions`, models.listVersions);
    router.on('GET', `${model}/versions/{version}`, models.getVersion);
    router.on('PUT', `${model}/versions/{version}`, models.putVersion);
    router.on('DELETE', `${model}/versions/{version}`, models.deleteVersion);
    router.on('POST', `${model}/versions/{version}/package`, packageHandler(keeper));
  }
  router.on(
    'POST',
    `${WS}/models/{model}/versions/{version}/startPendingUpload`,
    startPendingUpload,
  );

  for (const kind of ['codes', 'environments'] as const) {
    const asset = assetHandlers(kind);
    const base = `${WS}/${kind}/{asset}`;
    router.on('GET', `${WS}/${kind}`, asset.listContainers);
    router.on('GET', base, asset.getContainer);
    router.on('GET', `${base}/versions`, asset.listVersions);
    router.on('GET', `${base}/versions/{version}`, asset.getVersion);
    router.on('PUT', `${base}/versions/{version}`, asset.putVersion);
    router.on('POST', `${base}/versions/{version}/startPendingUpload`, startPendingUpload);
  }

  router.on('GET', `${WS}/onlineEndpoints`, listEndpoints);
  router.on('GET', ENDPOINT, getEndpoint);
  router.on('PUT', ENDPOINT, putEndpoint);
  router.on('PATCH', ENDPOINT, patchEndpoint);
  router.on('DELETE', ENDPOINT, deleteEndpoint);
  router.on('POST', `${ENDPOINT}/listKeys`, listKeys);
  router.on('POST', `${ENDPOINT}/token`, getToken);
  router.on('POST', `${ENDPOINT}/regenerateKeys`, regenerateKeys);

  router.on('GET', `${ENDPOINT}/deployments`, listDeployments);
  router.on('GET', DEPLOYMENT, getDeployment);
  router.on('PUT', DEPLOYMENT, putDeployment);
  router.on('PATCH', DEPLOYMENT, patchDeployment);
  router.on('DELETE', DEPLOYMENT, deleteDeployment);
  router.on('POST', `${DEPLOYMENT}/getLogs`, getLogs);
  router.on('GET', `${DEPLOYMENT}/skus`, listSkus);

  for (const scope of [ENDPOINT, DEPLOYMENT]) {
    router.on('GET', `${scope}/providers/Microsoft.Insights/metrics`, getMetrics);
    router.on(
      'GET',
      `${scope}/providers/Microsoft.Insights/metricDefinitions`,
      listMetricDefinitions,
    );
  }
  return router;
}
