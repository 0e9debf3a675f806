/** Checks before every call: scope, rights, registered providers, the workspace's mode. */
import { conditionsOf, isDenied, isProviderRegistered } from '../conditions.js';
import type { SandboxConfig, SandboxState } from '../model.js';
import { REGISTRY_NAME } from '../references.js';
import { armError, invalidRequest } from './errors.js';

/** What the path names (subscription, group, workspace, registry …) must be the sandbox's. */
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
  for (const [name, type, expected] of [
    ['workspace', 'Microsoft.MachineLearningServices/workspaces', config.workspaceName],
    ['registry', 'Microsoft.MachineLearningServices/registries', REGISTRY_NAME],
    ['account', 'Microsoft.Storage/storageAccounts', config.storageAccount],
  ] as const) {
    if (!differs(name, expected)) continue;
    throw armError(
      404,
      'ResourceNotFound',
      `The Resource '${type}/${params[name] ?? ''}' under resource group '${params['group'] ?? ''}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
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

/**
 * The action's name as roles have it: the provider, the types of the path, and what is done
 * (Microsoft Learn, "Azure permissions for AI + machine learning"). A POST is named by its last
 * segment.
 * @returns undefined for what needs no right of its own, such as the list of one's subscriptions
 */
export function actionOf(method: string, path: string): string | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  if (at < 0 || segments[at + 1] === undefined) return undefined;
  const [provider = '', ...rest] = segments.slice(at + 1).map(decodeURIComponent);
  if (rest.length === 0) return undefined;
  if (method === 'POST') {
    // Types and names alternate; what is left at the end is the action.
    const types = rest.slice(0, -1).filter((_, index) => index % 2 === 0);
    return [provider, ...types, rest.at(-1), 'action'].join('/');
  }
  const verb = method === 'DELETE' ? 'delete' : /^(PUT|PATCH)$/.test(method) ? 'write' : 'read';
  return [provider, ...rest.filter((_, index) => index % 2 === 0), verb].join('/');
}

export function checkAllowed(
  state: SandboxState,
  request: { method: string; path: string; name: string; objectId: string },
): void {
  const action = actionOf(request.method, request.path);
  if (action !== undefined && isDenied(state, action)) throw denied(action, request);
}

export function denied(
  action: string,
  request: { path: string; name: string; objectId: string },
): Error {
  return armError(
    403,
    'AuthorizationFailed',
    `The client '${request.name}' with object id '${request.objectId}' does not have authorization to perform action '${action}' over scope '${request.path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

/** Nothing of a provider is served to a subscription that has not registered it. */
export function checkProvider(state: SandboxState, path: string): void {
  const namespace = /\/providers\/(Microsoft\.MachineLearningServices)\//i.exec(path)?.[1];
  if (namespace === undefined || isProviderRegistered(state, namespace)) return;
  throw armError(
    409,
    'MissingSubscriptionRegistration',
    `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`,
  );
}

/**
 * A workspace in legacy mode refuses the v2 API, all but itself. Microsoft Learn, "Network isolation change with our new API platform on Azure Resource Manager":
 * `v1_legacy_mode` disables the v2 API for the workspace. The wording is ours; Azure's is not known.
 */
export function checkLegacyMode(state: SandboxState, path: string): void {
  if (!/\/workspaces\/[^/]+\/(?!providers\/|$)/i.test(path)) return;
  if (!conditionsOf(state).v1LegacyMode) return;
  throw invalidRequest(
    `The workspace '${state.config.workspaceName}' has v1_legacy_mode enabled, which disables the v2 API. Set v1_legacy_mode to false to use it.`,
    'V1LegacyModeEnabled',
  );
}
