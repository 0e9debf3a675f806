/** What a client may write of a model and of its versions. */
import * as z from 'zod';
import type { ModelVersionRecord } from '../model.js';
import { uriAnswered } from '../references.js';
import {
  type ArmCall,
  RESOURCE,
  anyCase,
  anything,
  created,
  modified,
  optionalText,
  orElse,
  readBody,
  strings,
} from './call.js';
import { ArmError } from './errors.js';

const TYPES = ['mlflow_model', 'custom_model', 'triton_model'] as const;

export const ContainerBody = z.strictObject({
  ...RESOURCE,
  properties: z.strictObject({
    description: optionalText,
    tags: strings,
    isArchived: orElse(z.boolean(), false),
    properties: anything,
    // The service's own.
    latestVersion: anything,
    nextVersion: anything,
    provisioningState: anything,
  }),
});

const Version = z.strictObject({
  ...RESOURCE,
  properties: z.strictObject({
    modelUri: z
      .string("The property 'modelUri' must be an azureml:// path.")
      .regex(/^(azureml|https|runs):/, "The property 'modelUri' must be an azureml:// path."),
    modelType: orElse(
      anyCase(TYPES, `The property 'modelType' must be one of ${TYPES.join(', ')}.`),
      'custom_model' as const,
    ),
    description: optionalText,
    tags: strings,
    properties: strings,
    flavors: z.record(z.string(), z.looseObject({})).nullish(),
    jobName: optionalText,
    stage: optionalText,
    isArchived: orElse(z.boolean(), false),
    isAnonymous: orElse(z.boolean(), false),
    // Of newer api-versions, and the service's own: nothing here depends on them.
    autoDeleteSetting: anything,
    datasets: anything,
    defaultDeploymentSettings: anything,
    intellectualProperty: anything,
    provisioningState: anything,
    // azure-ai-ml writes it for a registry.
    system_metadata: anything,
  }),
});

/** A version that is there keeps its path and type; neither can change. */
export function readVersion(
  call: ArmCall,
  name: string,
  version: string,
  before: ModelVersionRecord | undefined,
): ModelVersionRecord {
  const { properties } = readBody(call, Version, 'ModelVersion');
  const { modelType, description, tags, flavors, isArchived, isAnonymous } = properties;
  const modelUri = uriAnswered(properties.modelUri, call.context.state.config);
  if (before !== undefined && before.modelUri.toLowerCase() !== modelUri.toLowerCase())
    throw new ArmError(400, 'UserError', 'Asset paths cannot be updated.', 'mfe');
  if (before !== undefined && before.modelType !== modelType)
    throw new ArmError(400, 'UserError', 'Asset types cannot be updated.', 'mfe');
  return {
    name,
    version,
    modelUri,
    modelType,
    description,
    tags,
    properties: properties.properties,
    flavors: (flavors as ModelVersionRecord['flavors'] | null) ?? before?.flavors ?? {},
    jobName: properties.jobName ?? jobOf(modelUri),
    stage: properties.stage ?? before?.stage ?? null,
    isArchived,
    isAnonymous,
    systemData: before === undefined ? created(call) : modified(call, before.systemData),
  };
}

/** The job whose artifacts the model is made of. */
function jobOf(modelUri: string): string | null {
  return /\/paths\/ExperimentRun\/dcid\.([^/]+)\//i.exec(modelUri)?.[1] ?? null;
}
