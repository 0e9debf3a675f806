/** deployment.yml of `az ml`, or the JSON of MLflow's plugin, as a deployment to create. */
import { posix } from 'node:path';
import { latestOf, parseModel, workspaceModel } from '../common/model-ref.js';
import type * as z from 'zod';
import { withoutUndefined } from '../common/without-undefined.js';
import type { CodeConfiguration, DeploymentSpec } from '../azure/types.js';
import { nameProblem, nameWarning } from '../rollout/names.js';
import { collectorOf } from './data-collector-file.js';
import { environmentOf } from './environment-file.js';
import { ignored, ownProperties, SET_BY_AZURE, SHOWN, WAITED_FOR } from './file-schema.js';
import { FileProblem, parseYamlFile } from './yaml-file.js';
import type { codeSchema, probeSchema } from './deployment-schema.js';
import { deploymentSchema, isRemote } from './deployment-schema.js';

const PROPERTIES_OF_AZURE = ['AzureAsyncOperationUri'];

/**
 * How azure-ai-ml 1.35 sends `private_network_connection`; the member itself is of API version
 * 2022-02-01-preview, and later ones have `egressPublicNetworkAccess` in its place.
 */
const PRIVATE_NETWORK = 'private-network-connection';

const WITHOUT_USE = { ...SHOWN, creation_context: SET_BY_AZURE, async: WAITED_FOR };

/** Where the file says that the model is. */
export type FileModel =
  | { kind: 'version'; name: string; version: string }
  | { kind: 'latest'; name: string }
  /** Relative to the file. */
  | {
      kind: 'folder';
      path: string;
      name?: string;
      version?: string;
      description?: string;
      tags?: Record<string, string>;
    }
  /** A registry's model, or another id that goes to Azure as it is. */
  | { kind: 'id'; id: string };

/** A plan may name the instances beside the file. */
type FileSpec = Omit<DeploymentSpec, 'model' | Instances> &
  Partial<Pick<DeploymentSpec, Instances>>;
type Instances = 'instanceType' | 'instanceCount';

export interface DeploymentFile {
  name?: string;
  endpoint?: string;
  /** MLflow's files have none. */
  model?: FileModel;
  spec: FileSpec;
  /** What is in the file and leads to nothing, or to trouble later: a sentence each, with its place. */
  notes: string[];
}

type File = z.output<typeof deploymentSchema>;

function modelSource(model: NonNullable<File['model']>): FileModel | undefined {
  if (typeof model !== 'string') {
    const { path, name, version, description, tags } = model;
    return {
      kind: 'folder',
      path,
      ...(name !== undefined && { name }),
      ...(version !== undefined && { version }),
      ...(description !== undefined && { description }),
      ...(tags && { tags }),
    };
  }
  const latest = model.startsWith('azureml:') ? latestOf(model) : undefined;
  if (latest !== undefined) return { kind: 'latest', name: latest };
  // An ARM id says of which workspace it is: a model of that name here may be another.
  const id = model.replace(/^azureml:(?=\/subscriptions\/)/i, '');
  const found = workspaceModel(id);
  if (found && !id.startsWith('/')) return { kind: 'version', ...found };
  return /^(?:azureml:\/\/registries|\/subscriptions)\//i.test(id) && parseModel(id)
    ? { kind: 'id', id }
    : undefined;
}

function probeOf({ initial_delay, period, timeout, ...rest }: z.output<typeof probeSchema>) {
  return withoutUndefined({
    initialDelay: initial_delay,
    period,
    timeout,
    successThreshold: rest.success_threshold,
    failureThreshold: rest.failure_threshold,
  });
}

/** A folder stays as the file names it. */
function codeOf({ code, scoring_script }: z.output<typeof codeSchema>): CodeConfiguration {
  const scoringScript = posix.normalize(scoring_script.replaceAll('\\', '/'));
  return isRemote(code)
    ? { codeId: code.replace(/^azureml:(?=\/)/i, ''), scoringScript }
    : { folder: code, scoringScript };
}

function specOf(value: File, environment: Partial<DeploymentSpec>): DeploymentFile['spec'] {
  const request = value.request_settings;
  return {
    ...(value.instance_type !== undefined && { instanceType: value.instance_type }),
    ...(value.instance_count !== undefined && { instanceCount: value.instance_count }),
    ...(value.description !== undefined && { description: value.description }),
    ...(value.tags && { tags: value.tags }),
    ...(value.environment_variables && { environmentVariables: value.environment_variables }),
    ...(value.app_insights_enabled !== undefined && {
      appInsightsEnabled: value.app_insights_enabled,
    }),
    ...(request && {
      requestSettings: withoutUndefined({
        requestTimeoutMs: request.request_timeout_ms,
        maxConcurrentRequestsPerInstance: request.max_concurrent_requests_per_instance,
        maxQueueWaitMs: request.max_queue_wait_ms,
      }),
    }),
    ...environment,
    ...(value.model_mount_path !== undefined && { modelMountPath: value.model_mount_path }),
    ...(value.code_configuration && { codeConfiguration: codeOf(value.code_configuration) }),
    ...(value.data_collector && { dataCollector: collectorOf(value.data_collector) }),
    ...(value.liveness_probe && { livenessProbe: probeOf(value.liveness_probe) }),
    ...(value.readiness_probe && { readinessProbe: probeOf(value.readiness_probe) }),
    ...(value.egress_public_network_access && {
      egressPublicNetworkAccess: value.egress_public_network_access,
    }),
    ...((value.properties ?? value.private_network_connection) && {
      properties: {
        ...ownProperties(value.properties ?? {}, PROPERTIES_OF_AZURE).own,
        ...(value.private_network_connection && { [PRIVATE_NETWORK]: 'true' }),
      },
    }),
  };
}

/** What the file has to say itself. */
interface DeploymentNeeds {
  name?: boolean;
  model?: boolean;
  instanceType?: boolean;
  instanceCount?: boolean;
  /** The endpoint it is to belong to. */
  endpoint?: string;
  /** Text of a file that it names, by its path from the file. */
  open?: (path: string) => string;
}

const notFromHere = (path: string): never => {
  throw new FileProblem([`${path} can't be read from here.`]);
};

/** @throws FileProblem with every problem's line and column. */
export function readDeploymentFile(
  content: string,
  fileName: string,
  needs: DeploymentNeeds = {},
): DeploymentFile {
  const { value, where, whereKey } = parseYamlFile(content, fileName, deploymentSchema);
  const problems: string[] = [];
  const wrongName = value.name === undefined ? undefined : nameProblem('deployment', value.name);
  if (wrongName) problems.push(`${where(['name'])}: ${wrongName}`);
  const wrongEndpoint =
    value.endpoint_name === undefined ? undefined : nameProblem('endpoint', value.endpoint_name);
  if (wrongEndpoint) problems.push(`${where(['endpoint_name'])}: ${wrongEndpoint}`);
  if (needs.name && value.name === undefined) {
    problems.push(`${where([])}: name is missing: name the deployment.`);
  }
  if (needs.model && value.model === undefined) {
    problems.push(`${where([])}: model is missing: name the model to serve.`);
  }
  if (needs.instanceType && value.instance_type === undefined) {
    problems.push(`${where([])}: instance_type is missing: name the size of its instances.`);
  }
  if (needs.instanceCount && value.instance_count === undefined) {
    problems.push(`${where([])}: instance_count is missing: set the number of instances.`);
  }
  if (value.environment === undefined) {
    for (const member of ['code_configuration', 'model_mount_path'] as const) {
      if (value[member] === undefined) continue;
      problems.push(
        `${whereKey([member])}: ${member} needs an environment: add environment: azureml:NAME:VERSION.`,
      );
    }
  }
  const other = needs.endpoint !== undefined && value.endpoint_name?.toLowerCase();
  if (other && other !== needs.endpoint?.toLowerCase()) {
    problems.push(
      `${where(['endpoint_name'])}: endpoint_name is ${value.endpoint_name}, but the endpoint is ${needs.endpoint}.`,
    );
  }
  const model = value.model === undefined ? undefined : modelSource(value.model);
  if (value.model !== undefined && !model) {
    problems.push(
      `${where(['model'])}: model: use azureml:NAME:VERSION, azureml:NAME@latest, azureml://registries/REGISTRY/models/NAME/versions/VERSION, or {name: NAME, path: FOLDER} for one to register.`,
    );
  }
  if (problems.length > 0) throw new FileProblem(problems);
  const { environment: asked } = value;
  const environment =
    asked === undefined ? {} : environmentOf(asked, content, needs.open ?? notFromHere);
  const warning = value.name === undefined ? undefined : nameWarning(value.name);
  return {
    ...(value.name !== undefined && { name: value.name }),
    ...(value.endpoint_name !== undefined && { endpoint: value.endpoint_name }),
    ...(model && { model }),
    spec: specOf(value, environment),
    notes: [
      ...ignored(value, whereKey, WITHOUT_USE),
      ...ownProperties(value.properties ?? {}, PROPERTIES_OF_AZURE).left.map(
        (name) => `${whereKey(['properties', name])}: ${name} ${SET_BY_AZURE}.`,
      ),
      ...(value.private_network_connection
        ? [
            `${whereKey(['private_network_connection'])}: private_network_connection is sent as the property ${PRIVATE_NETWORK}, as az sends it. No stable API version has the member: to block egress, use egress_public_network_access: disabled.`,
          ]
        : []),
      ...(typeof asked === 'object' && asked.name === undefined && asked.version !== undefined
        ? [`${whereKey(['environment', 'version'])}: version is not used without a name.`]
        : []),
      ...(warning === undefined ? [] : [`${where(['name'])}: ${warning}`]),
    ],
  };
}
