/** What the path names (subscription, group, workspace, registry …) must be the sandbox's. */
import type { SandboxConfig } from '../model.js';
import { REGISTRY } from '../registry.js';
import { armError } from './errors.js';

export function checkScope(params: Record<string, string>, config: SandboxConfig): void {
  const differs = (name: string, expected: string): boolean =>
    params[name] !== undefined && params[name].toLowerCase() !== expected.toLowerCase();
  if (differs('subscription', config.subscriptionId)) {
    throw armError(
      404,
      'SubscriptionNotFound',
      `The subscription '${params['subscription'] ?? ''}' could not be found.`,
    );
  }
  if (differs('group', config.resourceGroup)) {
    throw armError(
      404,
      'ResourceGroupNotFound',
      `Resource group '${params['group'] ?? ''}' could not be found.`,
    );
  }
  if (differs('workspace', config.workspaceName)) {
    throw armError(
      404,
      'ResourceNotFound',
      `The Resource 'Microsoft.MachineLearningServices/workspaces/${params['workspace'] ?? ''}' under resource group '${params['group'] ?? ''}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    );
  }
  if (differs('registry', REGISTRY)) {
    throw armError(
      404,
      'ResourceNotFound',
      `The Resource 'Microsoft.MachineLearningServices/registries/${params['registry'] ?? ''}' under resource group '${params['group'] ?? ''}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    );
  }
  if (differs('account', config.storageAccount)) {
    throw armError(
      404,
      'ResourceNotFound',
      `The Resource 'Microsoft.Storage/storageAccounts/${params['account'] ?? ''}' under resource group '${params['group'] ?? ''}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
    );
  }
  if (differs('location', config.location)) {
    throw armError(
      404,
      'NoRegisteredProviderFound',
      `No registered resource provider found for location '${params['location'] ?? ''}'.`,
    );
  }
}
