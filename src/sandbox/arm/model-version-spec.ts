/** Reads and checks the body of a model version's PUT. */
import type { ModelVersionRecord } from '../model.js';
import { uriAnswered } from '../model-place.js';
import { type ArmCall, type JsonObject, isObject } from './call.js';
import { ArmError, invalid } from './errors.js';
import { readStrings } from './rules.js';
import { created, modified } from './system-data.js';

const TYPES = ['mlflow_model', 'custom_model', 'triton_model'];

/** A version that is there keeps its path and type; neither can change. */
export function readVersion(
  call: ArmCall,
  name: string,
  version: string,
  before: ModelVersionRecord | undefined,
): ModelVersionRecord {
  const properties = propertiesOf(call);
  const uri = properties['modelUri'];
  if (typeof uri !== 'string' || !/^(azureml|https|runs):/.test(uri))
    throw invalid("The property 'modelUri' must be an azureml:// path.");
  const modelUri = uriAnswered(uri, call.context.state.config);
  if (before !== undefined && before.modelUri.toLowerCase() !== modelUri.toLowerCase())
    throw new ArmError(400, 'UserError', 'Asset paths cannot be updated.', 'mfe');
  const modelType = properties['modelType'] ?? 'custom_model';
  if (typeof modelType !== 'string' || !TYPES.includes(modelType.toLowerCase()))
    throw invalid(`The property 'modelType' must be one of ${TYPES.join(', ')}.`);
  if (before !== undefined && before.modelType !== modelType.toLowerCase())
    throw new ArmError(400, 'UserError', 'Asset types cannot be updated.', 'mfe');
  return {
    name,
    version,
    modelUri,
    modelType: modelType.toLowerCase(),
    description: text(properties['description']),
    tags: readStrings('tags', properties['tags']),
    properties: readStrings('properties', properties['properties']),
    flavors: isObject(properties['flavors'])
      ? (properties['flavors'] as ModelVersionRecord['flavors'])
      : (before?.flavors ?? {}),
    jobName: text(properties['jobName']) ?? jobOf(modelUri),
    stage: text(properties['stage']) ?? before?.stage ?? null,
    isArchived: properties['isArchived'] === true,
    isAnonymous: properties['isAnonymous'] === true,
    systemData: before === undefined ? created(call) : modified(call, before.systemData),
  };
}

export function propertiesOf(call: ArmCall): JsonObject {
  if (!isObject(call.body) || !isObject(call.body['properties']))
    throw invalid("The request body must be an object with 'properties'.");
  return call.body['properties'];
}

export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The job whose artifacts the model is made of. */
function jobOf(modelUri: string): string | null {
  return /\/paths\/ExperimentRun\/dcid\.([^/]+)\//i.exec(modelUri)?.[1] ?? null;
}
