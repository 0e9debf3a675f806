/** Calls of the classes of `azure-ai-ml`: a model, and a deployment with all its settings. */
import { azuremlReference } from '../common/model-ref.js';
import type { DataCollector, DeploymentSpec, Probe } from '../azure/types.js';
import {
  NEXT_VERSION,
  type CreateDeployment,
  type RegisterModel,
} from '../rollout/changes/change.js';
import { pythonCall, pythonLiteral as literal } from './python-literal.js';
import { collectorFile } from './data-collector-file.js';
import { environmentFile } from './environment-file.js';
import { outsideName, splitVariables } from './variables.js';
import type { CodeContext } from './languages/language.js';

export const optional = (value: unknown): string | undefined =>
  value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)
    ? undefined
    : literal(value);

function probe(settings: Partial<Probe> | undefined): string | undefined {
  return (
    settings &&
    call('ProbeSettings', {
      initial_delay: optional(settings.initialDelay),
      period: optional(settings.period),
      timeout: optional(settings.timeout),
      success_threshold: optional(settings.successThreshold),
      failure_threshold: optional(settings.failureThreshold),
    })
  );
}

const call = (name: string, members: Record<string, string | undefined>): string => {
  const given = Object.entries(members).filter(([, code]) => code !== undefined);
  return `${name}(${given.map(([key, code]) => `${key}=${code ?? ''}`).join(', ')})`;
};

/** The client asks for an asset's name, also where Azure was given its id. */
function collector(settings: DataCollector | undefined): string | undefined {
  if (!settings) return undefined;
  const { collections, rolling_rate, sampling_rate, request_logging } = collectorFile(settings);
  const each = Object.entries(collections).map(([name, { enabled, data, client_id }]) => {
    const asset =
      typeof data === 'object' &&
      call('DataAsset', { name: literal(data.name), version: literal(data.version) });
    const collection = call('DeploymentCollection', {
      enabled: literal(enabled),
      data: asset || optional(data),
      client_id: optional(client_id),
    });
    return `${literal(name)}: ${collection}`;
  });
  return call('DataCollector', {
    collections: `{${each.join(', ')}}`,
    rolling_rate: optional(rolling_rate),
    sampling_rate: optional(sampling_rate),
    request_logging:
      request_logging &&
      call('RequestLogging', { capture_headers: literal(request_logging.capture_headers) }),
  });
}

function variables(
  { spec }: CreateDeployment,
  visible: CodeContext['visible'],
): string | undefined {
  const { open, hidden } = splitVariables(spec.environmentVariables, visible);
  const members = [
    ...Object.entries(open).map(([name, value]) => `${literal(name)}: ${literal(value)}`),
    ...hidden.map((name) => `${literal(name)}: os.environ[${literal(outsideName(name))}]`),
  ];
  return members.length === 0 ? undefined : `{${members.join(', ')}}`;
}

export function modelCall(change: RegisterModel): string[] {
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

function environment(spec: DeploymentSpec): string | undefined {
  const { packagedEnvironment } = spec;
  if (packagedEnvironment !== undefined) return literal(azuremlReference(packagedEnvironment));
  const written = environmentFile(spec);
  if (typeof written !== 'object') return optional(written);
  const members = Object.entries(written).map(([name, value]) => `${name}=${literal(value)}`);
  return `Environment(${members.join(', ')})`;
}

export function deploymentCall(
  change: CreateDeployment,
  registers: boolean,
  visible: CodeContext['visible'],
): string[] {
  const { spec } = change;
  const { requestSettings: request, codeConfiguration: code } = spec;
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
    environment: environment(spec),
    code_configuration:
      code &&
      `CodeConfiguration(code=${literal(code.folder ?? azuremlReference(code.codeId ?? ''))}, scoring_script=${literal(code.scoringScript)})`,
    model_mount_path: optional(spec.modelMountPath),
    instance_type: literal(spec.instanceType),
    instance_count: literal(spec.instanceCount),
    environment_variables: variables(change, visible),
    app_insights_enabled: optional(spec.appInsightsEnabled),
    request_settings:
      request &&
      call('OnlineRequestSettings', {
        request_timeout_ms: optional(request.requestTimeoutMs),
        max_concurrent_requests_per_instance: optional(request.maxConcurrentRequestsPerInstance),
        max_queue_wait_ms: optional(request.maxQueueWaitMs),
      }),
    liveness_probe: probe(spec.livenessProbe),
    readiness_probe: probe(spec.readinessProbe),
    data_collector: collector(spec.dataCollector),
    egress_public_network_access: optional(spec.egressPublicNetworkAccess),
    properties: optional(spec.properties),
  });
}
