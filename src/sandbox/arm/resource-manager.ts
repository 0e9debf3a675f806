/** What Resource Manager answers itself: subscriptions, groups, providers, resources, rights, clouds. */
import { conditionsOf, isProviderRegistered } from '../conditions.js';
import { deploymentBody, endpointBody } from './bodies.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  ENDPOINT,
  GROUP,
  SUB,
  WS,
  isObject,
  ok,
  page,
  param,
  queryValue,
} from './call.js';
import { armError } from './errors.js';
import { IDENTITY, STORAGE } from './roles.js';
import { workspaceBody } from './workspace.js';
import { CLOUDS_PATH, listClouds } from './clouds.js';

export function resourceManagerRoutes(on: AddArmRoute): void {
  on('GET', CLOUDS_PATH, listClouds);
  on('GET', '/subscriptions', listSubscriptions);
  on('GET', '/tenants', listTenants);
  on('GET', SUB, getSubscription);
  on('GET', `${SUB}/resourceGroups`, listResourceGroups);
  on('GET', GROUP, getResourceGroup);
  for (const scope of [SUB, GROUP]) on('GET', `${scope}/resources`, listResources);
  on('GET', `${SUB}/locations`, listLocations);
  on('GET', `${SUB}/providers`, listProviders);
  on('GET', `${SUB}/providers/:provider`, getProvider);
  on('POST', `${SUB}/providers/:provider/register`, registerProvider);
  for (const scope of [SUB, GROUP, WS, ENDPOINT, STORAGE, IDENTITY])
    on('GET', `${scope}/providers/Microsoft.Authorization/permissions`, listPermissions);
}

function listSubscriptions(call: ArmCall): ArmReply {
  return ok({ value: [subscription(call)], count: { type: 'Total', value: 1 } });
}

function getSubscription(call: ArmCall): ArmReply {
  return ok(subscription(call));
}

function listTenants(call: ArmCall): ArmReply {
  const { tenantId } = call.context.state.config;
  return ok({ value: [{ id: `/tenants/${tenantId}`, tenantId, displayName: 'Sandbox' }] });
}

function listResourceGroups(call: ArmCall): ArmReply {
  return ok({ value: [resourceGroup(call)] });
}

function getResourceGroup(call: ArmCall): ArmReply {
  return ok(resourceGroup(call));
}

function listProviders(call: ArmCall): ArmReply {
  const names = [
    'Microsoft.MachineLearningServices',
    'Microsoft.PolicyInsights',
    'Microsoft.Cdn',
    'Microsoft.Storage',
    'Microsoft.Insights',
  ];
  return ok({ value: names.map((name) => provider(call, name)) });
}

function getProvider(call: ArmCall): ArmReply {
  return ok(provider(call, param(call, 'provider')));
}

/** Registered at once; Azure takes minutes, with the state `Registering` meanwhile. */
function registerProvider(call: ArmCall): ArmReply {
  const { state, save } = call.context;
  const namespace = param(call, 'provider');
  if (!isProviderRegistered(state, namespace)) {
    const before = conditionsOf(state);
    const unregisteredProviders = before.unregisteredProviders.filter(
      (name) => name.toLowerCase() !== namespace.toLowerCase(),
    );
    state.conditions = { ...before, unregisteredProviders };
    save();
  }
  return ok(provider(call, namespace));
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
    registrationState: isProviderRegistered(call.context.state, namespace)
      ? 'Registered'
      : 'NotRegistered',
    resourceTypes: resourceTypes(namespace, location),
  };
}

const ML = 'Microsoft.MachineLearningServices';
const ONLINE_TYPES = [
  'workspaces',
  'workspaces/models',
  'workspaces/models/versions',
  'workspaces/onlineEndpoints',
  'workspaces/onlineEndpoints/deployments',
];
/** Those that carry a location and tags: only these are listed as resources. */
const TRACKED = ['id', 'name', 'type', 'location', 'tags', 'kind', 'identity', 'sku'] as const;
/** Newest first: `az resource show` takes the first that is no preview. */
const API_VERSIONS = ['2025-12-01', '2024-04-01', '2023-10-01', '2023-04-01', '2022-10-01'];

function listResources(call: ArmCall): ArmReply {
  const wanted = readFilter(queryValue(call, '$filter') ?? '');
  const endpoints = Object.values(call.context.state.endpoints);
  const bodies = [
    workspaceBody(call.context),
    ...endpoints.map((endpoint) => endpointBody(call, endpoint)),
    ...endpoints.flatMap(({ deployments }) =>
      Object.values(deployments).map((deployment) => deploymentBody(call, deployment)),
    ),
  ].filter(isObject);
  const resources = bodies.map((body) =>
    Object.fromEntries(TRACKED.map((key) => [key, body[key]])),
  );
  return page(
    call,
    resources.filter((resource) => wanted.every((matches) => matches(resource))),
  );
}

function listLocations(call: ArmCall): ArmReply {
  const { subscriptionId, location } = call.context.state.config;
  return ok({
    value: [
      {
        id: `/subscriptions/${subscriptionId}/locations/${location}`,
        name: location,
        type: 'Region',
        displayName: location,
        regionalDisplayName: location,
        metadata: { regionType: 'Physical', regionCategory: 'Recommended' },
      },
    ],
  });
}

/** The types of a provider, as its GET shows them. */
function resourceTypes(namespace: string, location: string): unknown[] {
  if (namespace.toLowerCase() !== ML.toLowerCase()) return [];
  return ONLINE_TYPES.map((resourceType) => ({
    resourceType,
    locations: [location],
    apiVersions: API_VERSIONS,
  }));
}

type Resource = Record<string, unknown>;

/** `resourceType eq 'x' and name eq 'y'`, also `resourceGroup`, `location`, `tagName`, `tagValue`. */
function readFilter(filter: string): ((resource: Resource) => boolean)[] {
  if (filter.trim() === '') return [];
  return filter.split(/\s+and\s+/i).map((clause) => {
    const [, field = '', value = ''] = /^\s*(\w+)\s+eq\s+'([^']*)'\s*$/i.exec(clause) ?? [];
    const same = (text: unknown) => String(text).toLowerCase() === value.toLowerCase();
    const tags = (resource: Resource) => (isObject(resource['tags']) ? resource['tags'] : {});
    switch (field.toLowerCase()) {
      case 'resourcetype':
        return (resource: Resource) => same(resource['type']);
      case 'name':
        return (resource: Resource) => same(resource['name']);
      case 'location':
        return (resource: Resource) => same(resource['location']);
      case 'resourcegroup':
        return (resource: Resource) => same(String(resource['id']).split('/')[4]);
      case 'tagname':
        return (resource: Resource) => Object.keys(tags(resource)).some(same);
      case 'tagvalue':
        return (resource: Resource) => Object.values(tags(resource)).some(same);
      default:
        throw armError(
          400,
          'InvalidFilterInQueryString',
          `Invalid $filter '${clause.slice(0, 80)}' specified in the query string.`,
        );
    }
  });
}

/** One role assignment, as "Permissions - List For Resource" answers it. */
function listPermissions(call: ArmCall): ArmReply {
  const { deniedActions, deniedDataActions } = conditionsOf(call.context.state);
  return ok({
    value: [
      {
        actions: ['*'],
        notActions: deniedActions,
        dataActions: ['*'],
        notDataActions: deniedDataActions,
      },
    ],
  });
}
