/** Changes in the Python SDK, `azure-ai-ml`. `ml_client` is an `MLClient` of the workspace. */
import type { Probe } from '../azure/types.js';
import type { Change, CreateDeployment } from '../rollout/changes/change.js';
import { say, type Code, type Dialect, type DialectContext } from './dialect.js';
import { azuremlReference } from './model-reference.js';
import { pythonCall, pythonLiteral as literal } from './python-literal.js';
import { splitVariables } from './yaml-out.js';

const optional = (value: unknown): string | undefined =>
  value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
    ? undefined
    : literal(value);

/** `x = Call(...)`, then the operation on it. */
function made(name: string, call: string[], then: string): string[] {
  const [first = '', ...rest] = call;
  return [`${name} = ${first}`, ...rest, then];
}

function probe(settings: Probe | undefined): string | undefined {
  if (!settings) return undefined;
  const { initialDelay, period, timeout, successThreshold, failureThreshold } = settings;
  return `ProbeSettings(initial_delay=${initialDelay}, period=${period}, timeout=${timeout}, success_threshold=${successThreshold}, failure_threshold=${failureThreshold})`;
}

function variables({ spec }: CreateDeployment): string | undefined {
  const { open, hidden } = splitVariables(spec.environmentVariables);
  const members = [
    ...Object.entries(open).map(([name, value]) => `${literal(name)}: ${literal(value)}`),
    ...hidden.map((name) => `${literal(name)}: os.environ[${literal(name)}]`),
  ];
  return members.length === 0 ? undefined : `{${members.join(', ')}}`;
}

function deployment(change: CreateDeployment): string[] {
  const { spec } = change;
  const request = spec.requestSettings;
  return pythonCall('ManagedOnlineDeployment', {
    name: literal(change.deployment),
    endpoint_name: literal(change.endpoint),
    description: optional(spec.description),
    tags: optional(spec.tags),
    model: literal(azuremlReference(spec.model)),
    instance_type: literal(spec.instanceType),
    instance_count: literal(spec.instanceCount),
    environment_variables: variables(change),
    app_insights_enabled: optional(spec.appInsightsEnabled),
    request_settings:
      request &&
      `OnlineRequestSettings(request_timeout_ms=${request.requestTimeoutMs}, max_concurrent_requests_per_instance=${request.maxConcurrentRequestsPerInstance}, max_queue_wait_ms=${request.maxQueueWaitMs})`,
    liveness_probe: probe(spec.livenessProbe),
    readiness_probe: probe(spec.readinessProbe),
    egress_public_network_access: optional(spec.egressPublicNetworkAccess),
  });
}

const SAVE_ENDPOINT = 'ml_client.online_endpoints.begin_create_or_update(endpoint).result()';
const SAVE_DEPLOYMENT = 'ml_client.online_deployments.begin_create_or_update(deployment).result()';
const get = (endpoint: string): string =>
  `endpoint = ml_client.online_endpoints.get(${literal(endpoint)})`;

const python: Dialect = {
  registerModel({ model, version, folder, uri, description, tags, flavors }) {
    const call = pythonCall('Model', {
      name: literal(model),
      version: literal(version),
      path: literal(folder ?? uri),
      type: 'AssetTypes.MLFLOW_MODEL',
      description: optional(description),
      tags: optional(tags),
      flavors: optional(flavors),
    });
    return { lines: made('model', call, 'ml_client.models.create_or_update(model)') };
  },

  createEndpoint({ endpoint, authMode, identity, description, tags }) {
    const ids = identity.userAssignedIds ?? [];
    const assigned = ids.map((id) => `ManagedIdentityConfiguration(resource_id=${literal(id)})`);
    const call = pythonCall('ManagedOnlineEndpoint', {
      name: literal(endpoint),
      auth_mode: literal(authMode),
      identity: `IdentityConfiguration(type=${literal(identity.type)}${
        assigned.length > 0 ? `, user_assigned_identities=[${assigned.join(', ')}]` : ''
      })`,
      description: optional(description),
      tags: optional(tags),
    });
    return { lines: made('endpoint', call, SAVE_ENDPOINT) };
  },

  createDeployment(change) {
    return { lines: made('deployment', deployment(change), SAVE_DEPLOYMENT) };
  },

  setTraffic({ endpoint, to, tags, why }, { withoutTags }) {
    const written = withoutTags
      ? []
      : Object.entries(tags ?? {}).map(([name, value]) =>
          value === null
            ? `endpoint.tags.pop(${literal(name)}, None)`
            : `endpoint.tags[${literal(name)}] = ${literal(value)}`,
        );
    const traffic = why === 'close' ? [] : [`endpoint.traffic = ${literal(to)}`];
    const lines = [...traffic, ...written];
    return { lines: lines.length === 0 ? [] : [get(endpoint), ...lines, SAVE_ENDPOINT] };
  },

  setMirror({ endpoint, to }) {
    return {
      lines: [get(endpoint), `endpoint.mirror_traffic = ${literal(to)}`, SAVE_ENDPOINT],
    };
  },

  scaleDeployment({ endpoint, deployment: name, to }) {
    return {
      lines: [
        `deployment = ml_client.online_deployments.get(name=${literal(name)}, endpoint_name=${literal(endpoint)})`,
        `deployment.instance_count = ${to}`,
        SAVE_DEPLOYMENT,
      ],
    };
  },

  deleteDeployment({ endpoint, deployment: name }) {
    return {
      lines: [
        `ml_client.online_deployments.begin_delete(name=${literal(name)}, endpoint_name=${literal(endpoint)}).result()`,
      ],
    };
  },

  deleteEndpoint({ endpoint }) {
    return {
      lines: [`ml_client.online_endpoints.begin_delete(name=${literal(endpoint)}).result()`],
    };
  },
};

export const inPython = (change: Change, context: DialectContext): Code =>
  say(python, change, context);
