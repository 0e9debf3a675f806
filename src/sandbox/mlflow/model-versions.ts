/** Versions of registered models. */
import { parse } from 'yaml';
import { created } from '../arm/call.js';
import { type ModelVersionRecord, own } from '../model.js';
import {
  ARTIFACTS,
  type BlobReference,
  openPlace,
  blobReference,
  uriAnswered,
} from '../references.js';
import {
  type MlflowCall,
  invalidParameter,
  missing,
  pageOf,
  pairs,
  required,
  optionalString,
  repeated,
  unsupportedFilter,
} from './call.js';
import { holds, inOrder, parseSearchFilter } from './filter.js';
import { mustFindRun } from './tracking.js';
import {
  NO_STAGE,
  modelRecord,
  touch,
  findVersion,
  modelVersionBody,
  versionsOf,
} from './model-records.js';

/** mlflow `entities/model_registry/model_version_stages.py`. */
const STAGES = [NO_STAGE, 'Staging', 'Production', 'Archived'];

const VERSIONS_PAGE = 10_000;

export async function createModelVersion(call: MlflowCall): Promise<unknown> {
  const { context } = call;
  const model = modelRecord(call);
  const source = required(call, 'source');
  const run = optionalString(call, 'run_id');
  if (run !== undefined && run !== '') mustFindRun(context.state, run);
  const place = blobReference(source, context.state.config);
  if (place === undefined)
    throw invalidParameter(
      `The source '${source.slice(0, 200)}' is not a place in this workspace: give runs:/RUN/PATH, or the address of a run's artifacts.`,
    );
  const flavors = await readFlavors(call, place, source);
  const modelUri = uriAnswered(source, context.state.config);
  const numbers = Object.keys(model.versions).map(Number).filter(Number.isSafeInteger);
  const version = String(Math.max(0, ...numbers) + 1);
  const record: ModelVersionRecord = {
    name: model.name,
    version,
    modelUri,
    modelType: 'mlflow_model',
    description: optionalString(call, 'description') ?? null,
    tags: Object.fromEntries(pairs(call, 'tags')),
    properties: {},
    flavors,
    jobName: run || (/^ExperimentRun\/dcid\.([^/]+)/.exec(place.path)?.[1] ?? null),
    stage: null,
    isArchived: false,
    isAnonymous: false,
    systemData: created({ context, caller: call.caller.name }),
  };
  model.versions[version] = record;
  touch(call, model);
  return { model_version: modelVersionBody(record) };
}

export function oneModelVersion(call: MlflowCall): unknown {
  return { model_version: modelVersionBody(findVersion(call)) };
}

export function updateModelVersion(call: MlflowCall): unknown {
  const record = findVersion(call);
  record.description = optionalString(call, 'description') ?? null;
  touch(call, record);
  return { model_version: modelVersionBody(record) };
}

export function transitionStage(call: MlflowCall): unknown {
  const record = findVersion(call);
  const stage = required(call, 'stage');
  if (!STAGES.includes(stage))
    throw invalidParameter(
      `Invalid Model Version stage: ${stage}. Value must be one of ${STAGES.join(', ')}.`,
    );
  if (call.params['archive_existing_versions'] === true) {
    for (const other of Object.values(modelRecord(call).versions))
      if (other !== record && other.stage === stage) other.stage = 'Archived';
  }
  record.stage = stage === NO_STAGE ? null : stage;
  touch(call, record);
  return { model_version: modelVersionBody(record) };
}

export function deleteModelVersion(call: MlflowCall): unknown {
  const record = findVersion(call);
  const model = modelRecord(call);
  delete model.versions[record.version];
  // A model without versions is gone, by whichever door it was emptied.
  if (Object.keys(model.versions).length === 0)
    delete call.context.state.models[model.name.toLowerCase()];
  call.context.save();
  return {};
}

export function setVersionTag(call: MlflowCall): unknown {
  const record = findVersion(call);
  record.tags[required(call, 'key')] = optionalString(call, 'value') ?? '';
  touch(call, record);
  return {};
}

export function deleteVersionTag(call: MlflowCall): unknown {
  const record = findVersion(call);
  delete record.tags[required(call, 'key')];
  touch(call, record);
  return {};
}

/** Where MLflow's client downloads the model from: the artifact service's address of it. */
export function downloadUri(call: MlflowCall): unknown {
  const record = findVersion(call);
  const place = blobReference(record.modelUri, call.context.state.config);
  if (place === undefined)
    throw missing(`The files of model ${record.name} ${record.version} are not in this workspace.`);
  const path =
    place.container === ARTIFACTS ? place.path : `workspaceblobstore/paths/${place.path}`;
  return { artifact_uri: `azureml://artifacts/${path}` };
}

export function searchModelVersions(call: MlflowCall): unknown {
  const filter = optionalString(call, 'filter');
  const comparisons = parseSearchFilter(filter);
  const attributes: Record<string, (record: ModelVersionRecord) => string | undefined> = {
    name: ({ name }) => name,
    version: ({ version }) => version,
    version_number: ({ version }) => version,
    run_id: ({ jobName }) => jobName ?? undefined,
    source_path: ({ modelUri }) => modelUri,
  };
  for (const { entity, key, operator } of comparisons) {
    if (entity !== 'attributes' || own(attributes, key) === undefined || /LIKE/.test(operator))
      throw unsupportedFilter(filter);
  }
  const found = Object.values(call.context.state.models)
    .flatMap(versionsOf)
    .filter((record) =>
      comparisons.every((comparison) => holds(comparison, attributes[comparison.key]!(record))),
    );
  const columns: Record<string, (record: ModelVersionRecord) => string | number> = {
    name: ({ name }) => name,
    version_number: ({ version }) => Number(version) || 0,
    creation_timestamp: ({ systemData }) => systemData.createdAt,
    last_updated_timestamp: ({ systemData }) => systemData.lastModifiedAt,
  };
  const order = repeated(call, 'order_by');
  const standard = ['last_updated_timestamp DESC', 'name ASC', 'version_number DESC'];
  found.sort(
    inOrder(order.length > 0 ? order : standard, (name) => {
      const column = own(columns, name);
      if (column === undefined)
        throw invalidParameter(`Model versions can not be ordered by '${name}'.`);
      return column;
    }),
  );
  const { items, next } = pageOf(call, found, VERSIONS_PAGE);
  return { model_versions: items.map(modelVersionBody), ...next };
}

/** Only what is in MLflow's format can be registered through MLflow. */
async function readFlavors(
  call: MlflowCall,
  place: BlobReference,
  source: string,
): Promise<ModelVersionRecord['flavors']> {
  const { blobs, path } = openPlace(call.context, place);
  const text = await blobs.readText(`${path}/MLmodel`);
  if (text === undefined)
    throw invalidParameter(
      `There is no MLmodel file at '${source.slice(0, 200)}': only models in MLflow format can be registered with MLflow.`,
    );
  let flavors: unknown;
  try {
    flavors = (parse(text) as { flavors?: unknown } | null)?.flavors;
  } catch {
    throw invalidParameter(
      `The MLmodel file at '${source.slice(0, 200)}' is not readable as YAML.`,
    );
  }
  const entries = Object.entries((flavors ?? {}) as Record<string, Record<string, unknown> | null>);
  // ARM's flavors are maps of strings.
  return Object.fromEntries(
    entries.map(([name, data]) => [
      name,
      {
        data: Object.fromEntries(
          Object.entries(data ?? {})
            .filter(([, value]) => typeof value !== 'object')
            .map(([key, value]) => [key, String(value)]),
        ),
      },
    ]),
  );
}
