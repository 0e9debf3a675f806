/** deployment.yml of `az ml`, or the JSON of MLflow's plugin, as a deployment to create. */
import { z } from 'zod';
import type { DeploymentSpec } from '../azure/types.js';
import { nameProblem } from '../rollout/names.js';
import { modelNameVersion } from './model-reference.js';
import { FileProblem, parseYamlFile } from './yaml-file.js';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const seconds = z.number('use seconds').positive('use seconds above 0');
const count = z.int('use a whole number').min(1, 'use a whole number from 1');
const notHere = (why: string) => z.never(why).optional();

const probe = z.strictObject({
  initial_delay: z.number('use seconds').min(0).default(10),
  period: seconds.default(10),
  timeout: seconds.default(2),
  success_threshold: count.default(1),
  failure_threshold: count.default(30),
});

/** Microsoft Learn, "CLI (v2) managed online deployment YAML schema"; defaults are from there. */
const schema = z.strictObject({
  $schema: z.string().optional(),
  type: z.literal('managed', 'only managed deployments are supported here').optional(),
  name: z.string().optional(),
  endpoint_name: z.string().optional(),
  description: text.optional(),
  tags: z.record(z.string(), text).optional(),
  properties: z.record(z.string(), text).optional(),
  model: z
    .union(
      [
        z.string(),
        z.strictObject({
          path: z.string(),
          name: z.string().optional(),
          version: text.optional(),
          type: z
            .literal('mlflow_model', 'only models of type mlflow_model are supported here')
            .optional(),
        }),
      ],
      'use azureml:NAME:VERSION, azureml:NAME@latest, or path with name, version and type',
    )
    .optional(),
  instance_type: z.string(),
  instance_count: z.int('use a whole number').min(1).max(50, 'Azure allows at most 50 instances'),
  app_insights_enabled: z.boolean('use true or false').optional(),
  environment_variables: z.record(z.string(), text).optional(),
  scale_settings: z
    .looseObject({
      type: z.literal(
        'default',
        'managed deployments take only default; autoscale by Azure Monitor',
      ),
    })
    .optional(),
  request_settings: z
    .strictObject({
      request_timeout_ms: z
        .number('use milliseconds')
        .positive()
        .max(180_000, 'Azure allows at most 180000 ms')
        .default(5000),
      max_concurrent_requests_per_instance: count.default(1),
      max_queue_wait_ms: z.number('use milliseconds').min(0).default(500),
    })
    .optional(),
  liveness_probe: probe.optional(),
  readiness_probe: probe.optional(),
  egress_public_network_access: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['enabled', 'disabled'], 'use enabled or disabled'))
    .optional(),
  code_configuration: notHere('an MLflow model brings its own scoring; leave this out'),
  environment: notHere('an MLflow model brings its own environment; leave this out'),
  model_mount_path: notHere('not for MLflow models; leave this out'),
  data_collector: notHere('data collection is not supported here; turn it on after the rollout'),
  private_network_connection: notHere('use a managed virtual network instead'),
});

/** Where the file says that the model is. */
export type ModelSource =
  | { kind: 'version'; name: string; version: string }
  | { kind: 'latest'; name: string }
  /** Relative to the file. */
  | { kind: 'folder'; path: string; name?: string; version?: string }
  /** A registry's model, or another id that goes to Azure as it is. */
  | { kind: 'id'; id: string };

export interface DeploymentFile {
  name?: string;
  endpoint?: string;
  /** MLflow's files have none. */
  model?: ModelSource;
  spec: Omit<DeploymentSpec, 'model'>;
}

type File = z.output<typeof schema>;

function modelSource(model: NonNullable<File['model']>): ModelSource | undefined {
  if (typeof model !== 'string') {
    const { path, name, version } = model;
    return {
      kind: 'folder',
      path,
      ...(name !== undefined && { name }),
      ...(version !== undefined && { version }),
    };
  }
  const latest = /^azureml:([^:@/]+)@latest$/.exec(model)?.[1];
  if (latest !== undefined) return { kind: 'latest', name: latest };
  const found = modelNameVersion(model);
  if (found && !model.startsWith('/')) return { kind: 'version', ...found };
  return /^(azureml:\/\/registries\/|\/subscriptions\/)/i.test(model)
    ? { kind: 'id', id: model }
    : undefined;
}

function probeOf({ initial_delay, period, timeout, ...rest }: z.output<typeof probe>) {
  return {
    initialDelay: initial_delay,
    period,
    timeout,
    successThreshold: rest.success_threshold,
    failureThreshold: rest.failure_threshold,
  };
}

function specOf(value: File): DeploymentFile['spec'] {
  const request = value.request_settings;
  return {
    instanceType: value.instance_type,
    instanceCount: value.instance_count,
    ...(value.description !== undefined && { description: value.description }),
    ...(value.tags && { tags: value.tags }),
    ...(value.environment_variables && { environmentVariables: value.environment_variables }),
    ...(value.app_insights_enabled !== undefined && {
      appInsightsEnabled: value.app_insights_enabled,
    }),
    ...(request && {
      requestSettings: {
        requestTimeoutMs: request.request_timeout_ms,
        maxConcurrentRequestsPerInstance: request.max_concurrent_requests_per_instance,
        maxQueueWaitMs: request.max_queue_wait_ms,
      },
    }),
    ...(value.liveness_probe && { livenessProbe: probeOf(value.liveness_probe) }),
    ...(value.readiness_probe && { readinessProbe: probeOf(value.readiness_probe) }),
    ...(value.egress_public_network_access && {
      egressPublicNetworkAccess: value.egress_public_network_access,
    }),
  };
}

/** @throws FileProblem with every problem's line and column. */
export function readDeploymentFile(content: string, fileName: string): DeploymentFile {
  const { value, where } = parseYamlFile(content, fileName, schema);
  const problems: string[] = [];
  const wrongName = value.name === undefined ? undefined : nameProblem('deployment', value.name);
  if (wrongName) problems.push(`${where(['name'])}: ${wrongName}`);
  const wrongEndpoint =
    value.endpoint_name === undefined ? undefined : nameProblem('endpoint', value.endpoint_name);
  if (wrongEndpoint) problems.push(`${where(['endpoint_name'])}: ${wrongEndpoint}`);
  const model = value.model === undefined ? undefined : modelSource(value.model);
  if (value.model !== undefined && !model) {
    problems.push(
      `${where(['model'])}: model: use azureml:NAME:VERSION, azureml:NAME@latest, or azureml://registries/REGISTRY/models/NAME/versions/VERSION.`,
    );
  }
  if (problems.length > 0) throw new FileProblem(problems);
  return {
    ...(value.name !== undefined && { name: value.name }),
    ...(value.endpoint_name !== undefined && { endpoint: value.endpoint_name }),
    ...(model && { model }),
    spec: specOf(value),
  };
}
