/**
 * Resource Manager's own lists: resources, locations, and which types and api-versions a provider
 * has. `az resource` asks for them before it asks for a resource itself.
 */
import { type ArmCall, type ArmReply, isObject, ok, queryValue } from './call.js';
import { deploymentBody } from './deployment-body.js';
import { endpointBody } from './endpoint-body.js';
import { armError } from './errors.js';
import { page } from './paging.js';
import { getWorkspace } from './workspace.js';

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

export function listResources(call: ArmCall): ArmReply {
  const wanted = readFilter(queryValue(call, '$filter') ?? '');
  const endpoints = Object.values(call.context.state.endpoints);
  const bodies = [
    getWorkspace(call).body,
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

export function listLocations(call: ArmCall): ArmReply {
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

/** HEAD of the resource group: the path was checked already, so it is there. */
export function headResourceGroup(): ArmReply {
  return { status: 204 };
}

/** The types of a provider, as its GET shows them. */
export function resourceTypes(namespace: string, location: string): unknown[] {
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
