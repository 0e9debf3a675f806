/** Changes in the Python SDK, `azure-ai-ml`. `ml_client` is an `MLClient` of the workspace. */
import type { Probe } from '../azure/types.js';
import {
  NEXT_VERSION,
  type Change,
  type CreateDeployment,
  type RegisterModel,
} from '../rollout/changes/change.js';
import { nameWarning } from '../rollout/names.js';
import { say, type Code, type Dialect, type DialectContext } from './dialect.js';
import { azuremlReference } from './model-reference.js';
import { pythonCall, pythonLiteral as literal } from './python-literal.js';
import { splitVariables } from './yaml-out.js';

const optional = (value: unknown): string | undefined =>
  value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
    ? undefined
    : literal(value);

/** `x = Call(...)`, then the operation on it. */
function made(name: string, call: string[], ...then: string[]): string[] {
  const [first = '', ...rest] = call;
  return [`${name} = ${first}`, ...rest, ...then];
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

function modelCall(change: RegisterModel): string[] {
  const { model, version, folder, uri, description, tags, flavors } = change;
  return pythonCall('Model', {
    name: literal(model),
    version: version === NEXT_VERSION ? undefined : literal(version),
    path: literal(folder ?? uri),
    type: 'AssetTypes.MLFLOW_MODEL',
    description: optional(description),
    tags: optional(tags),
    flavors: optional(flavors),
  });
}

function deployment(change: CreateDeployment, registers: boolean): string[] {
  const { spec } = change;
  const request = spec.requestSettings;
  return pythonCall('ManagedOnlineDeployment', {
    name: literal(change.deployment),
    endpoint_name: literal(change.endpoint),
    description: optional(spec.description),
    tags: optional(spec.tags),
    model:
      spec.packagedEnvironment !== undefined
        ? undefined
        : registers
          ? 'model'
          : literal(azuremlReference(spec.model)),
    environment: optional(spec.packagedEnvironment && azuremlReference(spec.packagedEnvironment)),
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
    properties: optional(spec.properties),
  });
}

const SAVE_ENDPOINT = 'ml_client.online_endpoints.begin_create_or_update(endpoint).result()';
const SAVE_DEPLOYMENT = 'ml_client.online_deployments.begin_create_or_update(deployment).result()';
const get = (endpoint: string): string =>
  `endpoint = ml_client.online_endpoints.get(${literal(endpoint)})`;

const python: Dialect = {
  registerModel(change) {
    return {
      lines: made('model', modelCall(change), 'ml_client.models.create_or_update(model)'),
    };
  },

  packageModel({ model, version, environment, environmentVersion }) {
    return {
      lines: [
        ...pythonCall('ml_client.models.package', {
          name: literal(model),
          version: literal(version),
          package_request: `ModelPackage(target_environment=${literal(`azureml:${environment}:${environmentVersion}`)}, inferencing_server=AzureMLOnlineInferencingServer())`,
        }),
      ],
    };
  },

  createEndpoint({ endpoint, authMode, identity, description, tags, ...rest }) {
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
      public_network_access: optional(rest.publicNetworkAccess),
      properties: optional(rest.properties),
      location: optional(rest.location),
    });
    return { lines: made('endpoint', call, SAVE_ENDPOINT) };
  },

  createDeployment(change, { script }) {
    // The client registers a model that it is handed, and takes the next free version.
    const model = script?.model ? made('model', modelCall(script.model)) : [];
    const call = deployment(change, model.length > 0);
    return { lines: [...model, ...made('deployment', call, SAVE_DEPLOYMENT)] };
  },

  setTraffic({ endpoint, to, tags, why }, { script }) {
    const lost = Object.keys(to).map(nameWarning).find(Boolean);
    if (lost !== undefined && why !== 'close') return { notExpressible: lost };
    const written = script
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
