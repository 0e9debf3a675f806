/** Which part of the sandbox answers for one of Azure's host names. */

import type { SandboxConfig } from './model.js';

export type Part = 'arm' | 'region' | 'scoring' | 'logs' | 'prices' | 'blob';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const ARM = new Set([
  'management.azure.com',
  'management.usgovcloudapi.net',
  'management.chinacloudapi.cn',
]);
/** `<endpoint>.<region>.inference.ml.azure.com` and its government and China twins. */
const SCORING = new RegExp(`^${LABEL}\\.${LABEL}\\.inference\\.ml\\.azure\\.(?:com|us|cn)$`);
/** The region's services: MLflow tracking, artifacts, registries. */
const WORKSPACE_API = new RegExp(
  `^${LABEL}\\.(?:api\\.azureml\\.ms|api\\.ml\\.azure\\.(?:us|cn))$`,
);

/** The query service of Azure Monitor's logs; the public cloud's has two names. */
const LOGS = new Set([
  'api.loganalytics.io',
  'api.loganalytics.azure.com',
  'api.loganalytics.us',
  'api.loganalytics.azure.cn',
]);

/** The public price list, of the public and the government cloud. */
const PRICES = 'prices.azure.com';

const STORAGE_SUFFIXES = {
  public: 'core.windows.net',
  usgov: 'core.usgovcloudapi.net',
  china: 'core.chinacloudapi.cn',
} as const;

export function storageSuffix(config: Pick<SandboxConfig, 'cloud'>): string {
  return STORAGE_SUFFIXES[config.cloud ?? 'public'];
}

/** The account's blobs, by the cloud. */
export function blobHost(config: Pick<SandboxConfig, 'storageAccount' | 'cloud'>): string {
  return `${config.storageAccount}.blob.${storageSuffix(config)}`;
}

/** Where the region's services are, by the cloud. */
export function workspaceHost(config: Pick<SandboxConfig, 'location' | 'cloud'>): string {
  const suffixes = {
    public: 'api.azureml.ms',
    usgov: 'api.ml.azure.us',
    china: 'api.ml.azure.cn',
  } as const;
  return `${config.location}.${suffixes[config.cloud ?? 'public']}`;
}

/** Undefined: not a host of the sandbox. It knows one storage account only. */
export function partOf(host: string, storageAccount: string): Part | undefined {
  const name = host.toLowerCase();
  if (ARM.has(name)) return 'arm';
  if (WORKSPACE_API.test(name)) return 'region';
  if (SCORING.test(name)) return 'scoring';
  if (LOGS.has(name)) return 'logs';
  if (name === PRICES) return 'prices';
  if (blobHosts(storageAccount).includes(name)) return 'blob';
  return undefined;
}

export function blobHosts(storageAccount: string): string[] {
  return Object.values(STORAGE_SUFFIXES).map((suffix) => `${storageAccount}.blob.${suffix}`);
}

/** ARM's address by cloud. */
export const ARM_URLS = {
  public: 'https://management.azure.com',
  usgov: 'https://management.usgovcloudapi.net',
  china: 'https://management.chinacloudapi.cn',
} as const;

/** `127.0.0.0/8`, `::1` and `localhost`; nothing else is this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
