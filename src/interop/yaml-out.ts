/** endpoint.yml and deployment.yml as `az ml` reads them. */
import { stringify } from 'yaml';
import type { Probe } from '../azure/types.js';
import {
  NEXT_VERSION,
  type CreateDeployment,
  type CreateEndpoint,
  type RegisterModel,
} from '../rollout/changes/change.js';
import { HIDDEN, isSecretVariable } from '../rollout/secrets.js';
import { azuremlReference } from './model-reference.js';

const SCHEMA = 'https://azuremlschemas.azureedge.net/latest';

/** No folding of long strings and no anchors: what is read by people stays as it is. */
const write = (value: unknown): string =>
  stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

const some = (record: Record<string, string> | undefined): boolean =>
  record !== undefined && Object.keys(record).length > 0;

export function endpointYaml(change: CreateEndpoint): string {
  const { endpoint, authMode, identity, description, tags } = change;
  return write({
    $schema: `${SCHEMA}/managedOnlineEndpoint.schema.json`,
    name: endpoint,
    auth_mode: authMode,
    ...(description !== undefined && { description }),
    identity: {
      type: identity.type,
      ...(identity.userAssignedIds && {
        user_assigned_identities: identity.userAssignedIds.map((id) => ({ resource_id: id })),
      }),
    },
    ...(change.publicNetworkAccess && { public_network_access: change.publicNetworkAccess }),
    ...(change.location !== undefined && { location: change.location }),
    ...(some(change.properties) && { properties: change.properties }),
    ...(some(tags) && { tags }),
  });
}

function probe({ initialDelay, period, timeout, successThreshold, failureThreshold }: Probe) {
  return {
    initial_delay: initialDelay,
    period,
    timeout,
    success_threshold: successThreshold,
    failure_threshold: failureThreshold,
  };
}

/** The variables that may be shown, and the names of those whose values stay hidden. */
export function splitVariables(variables: Record<string, string> = {}): {
  open: Record<string, string>;
  hidden: string[];
} {
  const entries = Object.entries(variables);
  // A value hidden earlier is dots, which only the name still gives away.
  const isHidden = ([name, value]: [string, string]) =>
    value === HIDDEN || isSecretVariable(name, value);
  return {
    open: Object.fromEntries(entries.filter((entry) => !isHidden(entry))),
    hidden: entries.filter(isHidden).map(([name]) => name),
  };
}

/** A model that is registered when the deployment is made. */
function inlineModel({ model, version, folder, uri, description, tags }: RegisterModel) {
  return {
    name: model,
    ...(version !== NEXT_VERSION && { version }),
    path: folder ?? uri,
    type: 'mlflow_model',
    ...(description !== undefined && { description }),
    ...(some(tags) && { tags }),
  };
}

/**
 * Without the values of secret variables; whoever runs it hands them in from outside.
 * @param model says the model in place of the spec's id
 */
export function deploymentYaml(
  { endpoint, deployment, spec }: CreateDeployment,
  model?: RegisterModel,
): string {
  const { open } = splitVariables(spec.environmentVariables);
  const request = spec.requestSettings;
  return write({
    $schema: `${SCHEMA}/managedOnlineDeployment.schema.json`,
    name: deployment,
    endpoint_name: endpoint,
    ...(spec.description !== undefined && { description: spec.description }),
    ...(spec.packagedEnvironment === undefined
      ? { model: model ? inlineModel(model) : azuremlReference(spec.model) }
      : { environment: azuremlReference(spec.packagedEnvironment) }),
    instance_type: spec.instanceType,
    instance_count: spec.instanceCount,
    ...(spec.appInsightsEnabled !== undefined && { app_insights_enabled: spec.appInsightsEnabled }),
    ...(some(open) && { environment_variables: open }),
    ...(request && {
      request_settings: {
        request_timeout_ms: request.requestTimeoutMs,
        max_concurrent_requests_per_instance: request.maxConcurrentRequestsPerInstance,
        max_queue_wait_ms: request.maxQueueWaitMs,
      },
    }),
    ...(spec.livenessProbe && { liveness_probe: probe(spec.livenessProbe) }),
    ...(spec.readinessProbe && { readiness_probe: probe(spec.readinessProbe) }),
    ...(spec.egressPublicNetworkAccess && {
      egress_public_network_access: spec.egressPublicNetworkAccess,
    }),
    ...(some(spec.properties) && { properties: spec.properties }),
    ...(some(spec.tags) && { tags: spec.tags }),
  });
}

/** Microsoft Learn, "Package and deploy models outside Azure Machine Learning" (preview). */
export const packageYaml = (targetEnvironment: string): string =>
  write({
    $schema: 'http://azureml/sdk-2-0/ModelVersionPackage.json',
    target_environment: targetEnvironment,
    inferencing_server: { type: 'azureml_online' },
  });
