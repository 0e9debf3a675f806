/** What a deployment file may hold. */
import { posix } from 'node:path';
import { parseCode } from '../common/model-ref.js';
import * as z from 'zod';
import { dataCollectorSchema } from './data-collector-file.js';
import { environmentMember } from './environment-file.js';
import { access, notHere, shown, shownMembers, text, texts, textOr, word } from './file-schema.js';

const seconds = z.number('use seconds').positive('use seconds above 0');

const count = z.int('use a whole number').min(1, 'use a whole number from 1');

const from0 = (unit: string) => z.number(`use ${unit}`).min(0, `use ${unit} from 0`);

/** As for `az`, Azure decides on what a file leaves out. */
export const probeSchema = z.strictObject({
  initial_delay: from0('seconds').optional(),
  period: seconds.optional(),
  timeout: seconds.optional(),
  success_threshold: count.optional(),
  failure_threshold: count.optional(),
});

/** A model that the file itself describes; azure-ai-ml 1.35, `AnonymousModelSchema`. */
const inlineModel = z.strictObject({
  path: z.string().min(1, 'name the location of the model'),
  name: z.string().optional(),
  version: text.optional(),
  type: word(['mlflow_model'], 'only models of type mlflow_model are supported here').optional(),
  description: text.optional(),
  tags: texts.optional(),
  properties: notHere('a property bag of a model is not written here; use tags'),
  stage: notHere('stages are not written here; use tags'),
  flavors: notHere('the flavors are read from MLmodel; leave this out'),
  datastore: notHere("models are uploaded to the workspace's own datastore; leave this out"),
});

const model = textOr(
  z.string(),
  inlineModel,
  'use azureml:NAME:VERSION, azureml:NAME@latest, or path with name, version and type',
);

const MOUNT_PATH = 'use an absolute path in the container, such as /var/models';

const CODE = 'use a folder beside the file, azureml:NAME:VERSION, or the ARM id of a code version';

/** azure-ai-ml 1.35, `CodeConfigurationSchema`; places that only other clients fetch from are refused. */
export const codeSchema = z.strictObject({
  code: z
    .string(CODE)
    .min(1, CODE)
    .refine((code) => !isRemote(code) || parseCode(code) !== undefined, CODE),
  scoring_script: z
    .string('name the script, such as score.py')
    .min(1, 'name the script, such as score.py')
    .refine(isInside, 'use a path inside the folder that code names'),
});

export const isRemote = (code: string): boolean =>
  /^(azureml:|[a-z]+:\/\/|git@|\/subscriptions\/)/i.test(code);

function isInside(path: string): boolean {
  const inside = posix.normalize(path.replaceAll('\\', '/'));
  return !/^(\.\.(\/|$)|\/|[a-z]:)/i.test(inside) && inside !== '.';
}

/** Microsoft Learn, "CLI (v2) managed online deployment YAML schema"; defaults are from there. */
export const deploymentSchema = z.strictObject({
  $schema: z.string().optional(),
  type: word(['managed'], 'only managed deployments are supported here').optional(),
  name: z.string().optional(),
  endpoint_name: z.string().optional(),
  description: text.optional(),
  tags: texts.optional(),
  properties: texts.optional(),
  model: model.optional(),
  instance_type: z.string().min(1).optional(),
  instance_count: count.max(50, 'Azure allows at most 50 instances').optional(),
  app_insights_enabled: z.boolean('use true or false').optional(),
  environment_variables: texts.optional(),
  scale_settings: z
    .strictObject({
      type: word(['default'], 'managed deployments take only default; autoscale by Azure Monitor'),
    })
    .optional(),
  request_settings: z
    .strictObject({
      request_timeout_ms: z
        .number('use milliseconds')
        .positive('use milliseconds above 0')
        .max(180_000, 'Azure allows at most 180000 ms')
        .optional(),
      max_concurrent_requests_per_instance: count.optional(),
      max_queue_wait_ms: from0('milliseconds').optional(),
    })
    .optional(),
  liveness_probe: probeSchema.optional(),
  readiness_probe: probeSchema.optional(),
  egress_public_network_access: access.optional(),
  code_configuration: codeSchema.optional(),
  environment: environmentMember.optional(),
  model_mount_path: z
    .string(MOUNT_PATH)
    .regex(/^\/[^\p{Cc}]*$/u, MOUNT_PATH)
    .optional(),
  data_collector: dataCollectorSchema.optional(),
  private_network_connection: z.boolean('use true or false').optional(),
  resources: notHere('for Kubernetes only, where managed deployments have an instance_type'),
  ...shownMembers,
  creation_context: shown,
});
