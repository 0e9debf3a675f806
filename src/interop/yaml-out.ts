/** endpoint.yml and deployment.yml as `az ml` reads them. */
import { azuremlReference } from '../common/model-ref.js';
import type { DeploymentSpec, Probe } from '../azure/types.js';
import {
  NEXT_VERSION,
  type CreateDeployment,
  type CreateEndpoint,
  type RegisterModel,
} from '../rollout/changes/change.js';
import { collectorFile, ownRates } from './data-collector-file.js';
import { environmentFile } from './environment-file.js';
import { comment } from './script.js';
import { splitVariables } from './variables.js';
import { yamlText as write } from './yaml-text.js';

const SCHEMA = 'https://azuremlschemas.azureedge.net/latest';

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

function probe({
  initialDelay,
  period,
  timeout,
  successThreshold,
  failureThreshold,
}: Partial<Probe>) {
  return {
    initial_delay: initialDelay,
    period,
    timeout,
    success_threshold: successThreshold,
    failure_threshold: failureThreshold,
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

interface DeploymentYamlOptions {
  /** In place of the spec's id: the model that is registered along with the deployment. */
  model?: RegisterModel | undefined;
  /** Environment variables whose values may be written. */
  visible?: readonly string[] | undefined;
}

/** Without the values of other variables: whoever uses the file sets them. */
export function deploymentYaml(
  { endpoint, deployment, spec }: CreateDeployment,
  { model, visible }: DeploymentYamlOptions = {},
): string {
  const { open, hidden } = splitVariables(spec.environmentVariables, visible);
  const { requestSettings: request, codeConfiguration: code } = spec;
  const missing = comment(`environment_variables without their values: ${hidden.join(', ')}`);
  const yaml = write({
    $schema: `${SCHEMA}/managedOnlineDeployment.schema.json`,
    name: deployment,
    endpoint_name: endpoint,
    ...(spec.description !== undefined && { description: spec.description }),
    ...(spec.packagedEnvironment === undefined
      ? {
          model: model ? inlineModel(model) : azuremlReference(spec.model),
          ...(spec.environment !== undefined && { environment: environmentFile(spec) }),
        }
      : { environment: azuremlReference(spec.packagedEnvironment) }),
    ...(code && {
      code_configuration: {
        code: code.folder ?? azuremlReference(code.codeId ?? ''),
        scoring_script: code.scoringScript,
      },
    }),
    ...(spec.modelMountPath !== undefined && { model_mount_path: spec.modelMountPath }),
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
    ...(spec.dataCollector && { data_collector: collectorFile(spec.dataCollector) }),
    ...(spec.egressPublicNetworkAccess && {
      egress_public_network_access: spec.egressPublicNetworkAccess,
    }),
    ...(some(spec.properties) && { properties: spec.properties }),
    ...(some(spec.tags) && { tags: spec.tags }),
  });
  return [...leftOut(spec), ...(hidden.length === 0 ? [] : [missing]), yaml].join('\n');
}

/** A comment on what azure-ai-ml 1.35 has no word for: `az ml` refuses a file that has it. */
export function leftOut({ startupProbe, dataCollector }: DeploymentSpec): string[] {
  const rates = ownRates(dataCollector);
  const members = [...(startupProbe ? ['startup_probe'] : []), ...(rates ? [rates] : [])];
  if (members.length === 0) return [];
  return [comment(`Left out, as azure-ai-ml cannot express it: ${members.join(', ')}.`)];
}

/** Microsoft Learn, "Package and deploy models outside Azure Machine Learning" (preview). */
export const packageYaml = (targetEnvironment: string): string =>
  write({
    $schema: 'http://azureml/sdk-2-0/ModelVersionPackage.json',
    target_environment: targetEnvironment,
    inferencing_server: { type: 'azureml_online' },
  });
