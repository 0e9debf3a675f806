/** The connection of a sandbox that a test has started. */
import type { Connection } from '../../src/azure/types.js';
import type { TestSandbox } from './sandbox.js';

export function connectionTo({ info }: TestSandbox): Connection {
  return {
    subscriptionId: info.subscriptionId,
    resourceGroup: info.resourceGroup,
    workspaceName: info.workspaceName,
    cloud: info.cloud,
    signIn: 'managed-identity',
    proxyUrl: info.proxyUrl,
    caFile: info.caFile,
    identityEndpoint: info.identityEndpoint,
    identityHeader: info.env['IDENTITY_HEADER'] ?? '',
  };
}
