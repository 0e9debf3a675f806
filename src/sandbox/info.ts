/** What a caller needs to reach the sandbox; the one line of `aml-rollout sandbox --json`. */
import { ARM_URLS } from './hosts.js';
import type { SandboxConfig } from './model.js';

export interface SandboxInfo {
  subscriptionId: string;
  resourceGroup: string;
  workspaceName: string;
  location: string;
  cloud: NonNullable<SandboxConfig['cloud']>;
  tenantId: string;
  armUrl: string;
  caFile: string;
  proxyUrl: string;
  identityEndpoint: string;
  stateDir: string;
  /** Milliseconds after its end until Azure Monitor tells a minute. */
  metricsLagMs: number;
  /** For unmodified official clients in other processes. */
  env: Record<string, string>;
}

export function sandboxInfo(
  config: SandboxConfig,
  reach: {
    caFile: string;
    proxyUrl: string;
    identityEndpoint: string;
    identityHeader: string;
    stateDir: string;
    metricsLagMs: number;
  },
): SandboxInfo {
  const cloud = config.cloud ?? 'public';
  // Some clients send even loopback requests through the proxy.
  const noProxy = reach.proxyUrl.includes('[') ? '127.0.0.1,localhost,::1' : '127.0.0.1,localhost';
  return {
    subscriptionId: config.subscriptionId,
    resourceGroup: config.resourceGroup,
    workspaceName: config.workspaceName,
    location: config.location,
    cloud,
    tenantId: config.tenantId,
    armUrl: ARM_URLS[cloud],
    caFile: reach.caFile,
    proxyUrl: reach.proxyUrl,
    identityEndpoint: reach.identityEndpoint,
    stateDir: reach.stateDir,
    metricsLagMs: reach.metricsLagMs,
    env: {
      // Both spellings: a lower-case one of the caller's own would win in some clients.
      HTTPS_PROXY: reach.proxyUrl,
      https_proxy: reach.proxyUrl,
      NO_PROXY: noProxy,
      no_proxy: noProxy,
      REQUESTS_CA_BUNDLE: reach.caFile,
      SSL_CERT_FILE: reach.caFile,
      CURL_CA_BUNDLE: reach.caFile,
      NODE_EXTRA_CA_CERTS: reach.caFile,
      IDENTITY_ENDPOINT: reach.identityEndpoint,
      IDENTITY_HEADER: reach.identityHeader,
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
      AZUREML_ARM_SUBSCRIPTION: config.subscriptionId,
      AZUREML_ARM_RESOURCEGROUP: config.resourceGroup,
      AZUREML_ARM_WORKSPACE_NAME: config.workspaceName,
    },
  };
}
