/** Subscriptions, tenants, resource groups and resource providers. */
import { type ArmCall, type ArmReply, ok, param } from './call.js';

export function listSubscriptions(call: ArmCall): ArmReply {
  return ok({ value: [subscription(call)], count: { type: 'Total', value: 1 } });
}

export function getSubscription(call: ArmCall): ArmReply {
  return ok(subscription(call));
}

export function listTenants(call: ArmCall): ArmReply {
  const { tenantId } = call.context.state.config;
  return ok({ value: [{ id: `/tenants/${tenantId}`, tenantId, displayName: 'Sandbox' }] });
}

export function listResourceGroups(call: ArmCall): ArmReply {
  return ok({ value: [resourceGroup(call)] });
}

export function getResourceGroup(call: ArmCall): ArmReply {
  return ok(resourceGroup(call));
}

export function listProviders(call: ArmCall): ArmReply {
  const names = [
    'Microsoft.MachineLearningServices',
    'Microsoft.PolicyInsights',
    'Microsoft.Cdn',
    'Microsoft.Storage',
    'Microsoft.Insights',
  ];
  return ok({ value: names.map((name) => provider(call, name)) });
}

/** Every provider is registered here; a fault on this path can say otherwise. */
export function getProvider(call: ArmCall): ArmReply {
  return ok(provider(call, param(call, 'provider')));
}

/** Lists that are always empty here: autoscale settings and alert rules. */
export function emptyList(_call: ArmCall): ArmReply {
  return ok({ value: [] });
}

function subscription(call: ArmCall): unknown {
  const { subscriptionId, tenantId } = call.context.state.config;
  return {
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName: 'Sandbox',
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'Sandbox',
      spendingLimit: 'On',
    },
    authorizationSource: 'RoleBased',
    managedByTenants: [],
  };
}

function resourceGroup(call: ArmCall): unknown {
  const { subscriptionId, resourceGroup: name, location } = call.context.state.config;
  return {
    id: `/subscriptions/${subscriptionId}/resourceGroups/${name}`,
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    tags: {},
    properties: { provisioningState: 'Succeeded' },
  };
}

function provider(call: ArmCall, namespace: string): unknown {
  const { subscriptionId } = call.context.state.config;
  return {
    id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    namespace,
    registrationPolicy: 'RegistrationRequired',
    registrationState: 'Registered',
    resourceTypes: [],
  };
}
