/** The clouds that Azure's clients may ask for before they sign in. */
import { type ArmCall, type ArmReply, ok } from './call.js';

/**
 * What clouds there are and where their services live. Asked without a token by az, azure-ai-ml and
 * azureml-mlflow before they know which cloud they are in. A list since 2019-05-01; the cloud whose
 * host is asked comes first, and mlflow takes it.
 */
export const CLOUDS_PATH = '/metadata/endpoints';

interface CloudNames {
  name: string;
  arm: string;
  login: string;
  portal: string;
  /** Classic services: `management.core.…`, storage, batch and the rest hang below it. */
  classic: string;
  registry: string;
  vault: string;
  graph: string;
  batch: string;
}

const CLOUDS: readonly CloudNames[] = [
  {
    name: 'AzureCloud',
    arm: 'management.azure.com',
    login: 'login.microsoftonline.com',
    portal: 'portal.azure.com',
    classic: 'windows.net',
    registry: 'azurecr.io',
    vault: 'vault.azure.net',
    graph: 'graph.windows.net',
    batch: 'batch.core.windows.net',
  },
  {
    name: 'AzureChinaCloud',
    arm: 'management.chinacloudapi.cn',
    login: 'login.chinacloudapi.cn',
    portal: 'portal.azure.cn',
    classic: 'chinacloudapi.cn',
    registry: 'azurecr.cn',
    vault: 'vault.azure.cn',
    graph: 'graph.chinacloudapi.cn',
    batch: 'batch.chinacloudapi.cn',
  },
  {
    name: 'AzureUSGovernment',
    arm: 'management.usgovcloudapi.net',
    login: 'login.microsoftonline.us',
    portal: 'portal.azure.us',
    classic: 'usgovcloudapi.net',
    registry: 'azurecr.us',
    vault: 'vault.usgovcloudapi.net',
    graph: 'graph.windows.net',
    batch: 'batch.core.usgovcloudapi.net',
  },
];

export function listClouds(call: ArmCall): ArmReply {
  const asked = new URL(call.origin).host;
  const clouds = CLOUDS.toSorted((a, b) => Number(b.arm === asked) - Number(a.arm === asked));
  return ok(clouds.map(cloudBody));
}

function cloudBody(cloud: CloudNames): unknown {
  const isPublic = cloud.name === 'AzureCloud';
  return {
    portal: `https://${cloud.portal}`,
    authentication: {
      loginEndpoint: `https://${cloud.login}/`,
      audiences: [`https://management.core.${cloud.classic}/`, `https://${cloud.arm}/`],
      tenant: 'common',
      identityProvider: 'AAD',
    },
    media: isPublic ? 'https://rest.media.azure.net' : `https://rest.media.${cloud.classic}`,
    graphAudience: `https://${cloud.graph}/`,
    graph: `https://${cloud.graph}/`,
    name: cloud.name,
    suffixes: {
      acrLoginServer: cloud.registry,
      sqlServerHostname: `database.${cloud.classic}`,
      keyVaultDns: cloud.vault,
      storage: `core.${cloud.classic}`,
      azureFrontDoorEndpointSuffix: isPublic ? 'azurefd.net' : '',
      ...(isPublic && {
        azureDataLakeStoreFileSystem: 'azuredatalakestore.net',
        azureDataLakeAnalyticsCatalogAndJob: 'azuredatalakeanalytics.net',
      }),
    },
    batch: `https://${cloud.batch}/`,
    resourceManager: `https://${cloud.arm}/`,
    vmImageAliasDoc:
      'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json',
    ...(isPublic && { activeDirectoryDataLake: 'https://datalake.azure.net/' }),
    sqlManagement: `https://management.core.${cloud.classic}:8443/`,
    gallery: isPublic ? 'https://gallery.azure.com/' : `https://gallery.${cloud.classic}/`,
  };
}
