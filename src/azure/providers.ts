/** Which services the subscription has switched on, of those that online endpoints stand on. */
import type { Scope } from './scope.js';
import type { ProviderState } from './types.js';

/**
 * Microsoft Learn, "Deploy and score a machine learning model by using an online endpoint": the
 * service itself, and the two that endpoints are refused without (`SubscriptionNotRegistered`).
 */
const NAMESPACES = [
  'Microsoft.MachineLearningServices',
  'Microsoft.PolicyInsights',
  'Microsoft.Cdn',
] as const;

export function providerStates(scope: Scope, signal?: AbortSignal): Promise<ProviderState[]> {
  const subscription = encodeURIComponent(scope.connection.subscriptionId);
  return Promise.all(
    NAMESPACES.map(async (namespace) => {
      const found = await scope.arm.get(
        `/subscriptions/${subscription}/providers/${namespace}`,
        'check the resource providers',
        { apiVersion: '2021-04-01', signal },
      );
      return { namespace, state: String(found['registrationState'] ?? 'unknown') };
    }),
  );
}
