/** One credential of `@azure/identity` for each way of signing in. */
import type { TokenCredential } from '@azure/identity';
import { cloudOf } from './clouds.js';
import { IdentityEndpointCredential } from './identity-endpoint.js';
import { TokenSource } from './token-source.js';
import { createTransport } from './transport.js';
import type { Connection } from './types.js';

export interface DeviceCode {
  userCode: string;
  verificationUri: string;
  message: string;
}

export type SignInAs = Pick<
  Connection,
  'cloud' | 'signIn' | 'tenantId' | 'proxyUrl' | 'caFile' | 'identityEndpoint' | 'identityHeader'
>;

interface Shared {
  source: TokenSource;
  onDeviceCode: ((info: DeviceCode) => void) | undefined;
}

// Signing in by browser or code costs a person half a minute: the same identity is not asked
// twice in one process. Keyed by all that makes an identity; others are never shared.
const interactive = new Map<string, Shared>();

export async function tokenSource(
  as: SignInAs,
  onDeviceCode?: (info: DeviceCode) => void,
): Promise<TokenSource> {
  if (as.signIn === 'managed-identity' && as.identityEndpoint) {
    const header = as.identityHeader ?? headerFromEnvironment(as.identityEndpoint);
    return new TokenSource(new IdentityEndpointCredential(as.identityEndpoint, header));
  }
  if (as.signIn !== 'browser' && as.signIn !== 'device-code') {
    return new TokenSource(await create(as, () => undefined));
  }
  const key = JSON.stringify([as.signIn, as.cloud, as.tenantId, as.proxyUrl, as.caFile]);
  let shared = interactive.get(key);
  if (!shared) {
    const holder: { current?: Shared } = {};
    const credential = await create(as, (info) => holder.current?.onDeviceCode?.(info));
    shared = { source: new TokenSource(credential), onDeviceCode };
    holder.current = shared;
    interactive.set(key, shared);
  }
  if (onDeviceCode) shared.onDeviceCode = onDeviceCode;
  return shared.source;
}

/**
 * A saved profile names the endpoint and never its secret: that comes from IDENTITY_HEADER, which
 * belongs to IDENTITY_ENDPOINT where that is set, and is not sent to another host.
 */
function headerFromEnvironment(
  endpoint: string,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = env;
  if (!IDENTITY_HEADER || !IDENTITY_ENDPOINT) return IDENTITY_HEADER || undefined;
  const origin = (url: string) => (URL.canParse(url) ? new URL(url).origin : url);
  return origin(IDENTITY_ENDPOINT) === origin(endpoint) ? IDENTITY_HEADER : undefined;
}

async function create(
  as: SignInAs,
  onDeviceCode: (info: DeviceCode) => void,
): Promise<TokenCredential> {
  const identity = await import('@azure/identity');
  const options = {
    authorityHost: cloudOf(as.cloud).authorityHost,
    ...(as.tenantId && { tenantId: as.tenantId }),
    // Of its own, since it outlives the workspace's transport. `agent` is honoured, but untyped.
    ...createTransport(as).forCredentials,
  };
  switch (as.signIn) {
    case 'default':
      return new identity.DefaultAzureCredential(options);
    case 'browser':
      return new identity.InteractiveBrowserCredential(options);
    case 'device-code':
      return new identity.DeviceCodeCredential({ ...options, userPromptCallback: onDeviceCode });
    case 'cli':
      return new identity.AzureCliCredential(options);
    case 'managed-identity':
      return new identity.ManagedIdentityCredential(options);
  }
}
