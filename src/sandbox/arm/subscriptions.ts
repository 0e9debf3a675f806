/** Subscriptions, tenants, resource groups and resource providers. */
import { conditionsOf, isRegistered } from '../conditions.js';
import type { SandboxState } from '../model.js';
import { type ArmCall, type ArmReply, ok, param } from './call.js';
import { armError } from './errors.js';
import { resourceTypes } from './resources.js';

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

export function getProvider(call: ArmCall): ArmReply {
  return ok(provider(call, param(call, 'provider')));
}

/** Nothing of a provider is served to a subscription that has not registered it. */
export function checkProvider(state: SandboxState, path: string): void {
  const namespace = /\/providers\/(Microsoft\.MachineLearningServices)\//i.exec(path)?.[1];
  if (namespace === undefined || isRegistered(state, namespace)) return;
  throw armError(
    409,
    'MissingSubscriptionRegistration',
    `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`,
  );
}

/** Registered at once; Azure takes minutes, with the state `Registering` meanwhile. */
export function registerProvider(call: ArmCall): ArmReply {
  const { state, save } = call.context;
  const namespace = param(call, 'provider');
  if (!isRegistered(state, namespace)) {
    const before = conditionsOf(state);
    const unregisteredProviders = before.unregisteredProviders.filter(
      (name) => name.toLowerCase() !== namespace.toLowerCase(),
    );
    state.conditions = { ...before, unregisteredProviders };
    save();
  }
  return ok(provider(call, namespace));
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
  const { subscriptionId, location } = call.context.state.config;
  return {
    id: `/subscriptions/${subscriptionId}/providers/${namespace}`,
    namespace,
    registrationPolicy: 'RegistrationRequired',
    registrationState: isRegistered(call.context.state, namespace) ? 'Registered' : 'NotRegistered',
    resourceTypes: resourceTypes(namespace, location),
  };
}
