/**
 * MLflow's registered models and their versions: ARM's model containers and versions by another name.
 * What Azure does not do is listed by Microsoft Learn, "Manage models registry in Azure Machine
 * Learning with MLflow".
 */
import { parse } from 'yaml';
import { created } from '../arm/call.js';
import { wireTime } from '../arm/errors.js';
import { ASSET_NAME } from '../arm/rules.js';
import { type ModelRecord, type ModelVersionRecord, own } from '../model.js';
import {
  ARTIFACTS,
  type BlobReference,
  openPlace,
  blobReference,
  uriAnswered,
} from '../references.js';
import {
  type AddMlflowRoute,
  type MlflowCall,
  MlflowError,
  asPairs,
  invalidParameter,
  missing,
  pageOf,
  pairs,
  required,
  optionalString,
  repeated,
  unsupported,
  unsupportedFilter,
} from './call.js';
import { holds, inOrder, parseSearchFilter } from './filter.js';
import { mustFindRun } from './tracking.js';

export function mlflowModelRoutes(on: AddMlflowRoute): void {
  on('POST', 'registered-models/create', createRegisteredModel);
  on('GET', 'registered-models/get', getRegisteredModel);
  on('PATCH', 'registered-models/update', updateRegisteredModel);
  on('POST', 'registered-models/rename', renameRegisteredModel);
  on('DELETE', 'registered-models/delete', deleteRegisteredModel);
  on('GET', 'registered-models/search', searchRegisteredModels);
  on('POST', 'registered-models/get-latest-versions', latestVersions);
  on('GET', 'registered-models/get-latest-versions', latestVersions);
  on('POST', 'registered-models/set-tag', setModelTag);
  on('DELETE', 'registered-models/delete-tag', deleteModelTag);

  on('POST', 'model-versions/create', createModelVersion);
  on('GET', 'model-versions/get', getModelVersion);
  on('PATCH', 'model-versions/update', updateModelVersion);
  on('DELETE', 'model-versions/delete', deleteModelVersion);
  on('GET', 'model-versions/search', searchModelVersions);
  on('GET', 'model-versions/get-download-uri', downloadUri);
  on('POST', 'model-versions/transition-stage', transitionStage);
  on('POST', 'model-versions/set-tag', setVersionTag);
  on('DELETE', 'model-versions/delete-tag', deleteVersionTag);
}

/** The stage of a version that was given none. */
const NO_STAGE = 'None';
const PAGE = 100;

function createRegisteredModel(call: MlflowCall): unknown {
  const { models } = call.context.state;
  const name = required(call, 'name');
  if (!ASSET_NAME.test(name))
    throw invalidParameter(
      `Registered model name '${name.slice(0, 60)}' has up to 255 letters, digits, dots, dashes and underscores.`,
    );
  if (own(models, name.toLowerCase()) !== undefined)
    throw new MlflowError(
      'RESOURCE_ALREADY_EXISTS',
      `Registered Model (name=${name}) already exists.`,
    );
  const record: ModelRecord = {
    name,
    description: optionalString(call, 'description') ?? null,
    tags: Object.fromEntries(pairs(call, 'tags')),
    isArchived: false,
    systemData: created({ context: call.context, caller: call.caller.name }),
    versions: {},
  };
  models[name.toLowerCase()] = record;
  call.context.save();
  return { registered_model: registeredModelBody(record) };
}

function getRegisteredModel(call: MlflowCall): unknown {
  return { registered_model: registeredModelBody(findModel(call)) };
}

function updateRegisteredModel(call: MlflowCall): unknown {
  const record = findModel(call);
  record.description = optionalString(call, 'description') ?? null;
  touch(call, record);
  return { registered_model: registeredModelBody(record) };
}

function setModelTag(call: MlflowCall): unknown {
  const record = findModel(call);
  record.tags[required(call, 'key')] = optionalString(call, 'value') ?? '';
  touch(call, record);
  return {};
}

function deleteModelTag(call: MlflowCall): unknown {
  const record = findModel(call);
  delete record.tags[required(call, 'key')];
  touch(call, record);
  return {};
}

function renameRegisteredModel(_call: MlflowCall): unknown {
  throw unsupported('Azure Machine Learning does not support renaming models.');
}

function deleteRegisteredModel(_call: MlflowCall): unknown {
  throw unsupported(
    'Azure Machine Learning does not support deleting a registered model. Delete all of its versions instead.',
  );
}

function searchRegisteredModels(call: MlflowCall): unknown {
  const filter = optionalString(call, 'filter');
  const comparisons = parseSearchFilter(filter);
  for (const { entity, key, operator } of comparisons) {
    // MLflow from 2.21 on adds a tag to every filter; Azure refuses that, too.
    if (entity !== 'attributes' || key !== 'name' || !['=', '!='].includes(operator))
      throw unsupportedFilter(filter);
  }
  const found = Object.values(call.context.state.models)
    .filter(({ isArchived }) => !isArchived)
    .filter(({ name }) => comparisons.every((comparison) => holds(comparison, name)));
  const columns: Record<string, (record: ModelRecord) => string> = {
    name: ({ name }) => name,
    creation_timestamp: ({ systemData }) => systemData.createdAt,
    last_updated_timestamp: ({ systemData }) => systemData.lastModifiedAt,
    timestamp: ({ systemData }) => systemData.lastModifiedAt,
  };
  const order = repeated(call, 'order_by');
  found.sort(
    inOrder(order.length > 0 ? order : ['name ASC'], (name) => {
      const column = own(columns, name);
      if (column === undefined)
        throw invalidParameter(`Registered models can not be ordered by '${name}'.`);
      return column;
    }),
  );
  const { items, next } = pageOf(call, found, PAGE);
  return { registered_models: items.map(registeredModelBody), ...next };
}

/** The newest version of each stage that is asked for; of all stages where none is. */
function latestVersions(call: MlflowCall): unknown {
  const stages = repeated(call, 'stages');
  const newest = new Map<string, unknown>();
  for (const version of versionsOf(findModel(call))) {
    const stage = version.stage ?? NO_STAGE;
    if (stages.length === 0 || stages.includes(stage)) newest.set(stage, modelVersionBody(version));
  }
  return { model_versions: [...newest.values()] };
}

function findModel(call: MlflowCall): ModelRecord {
  const name = required(call, 'name');
  const record = own(call.context.state.models, name.toLowerCase());
  if (record === undefined) throw missing(`Registered Model with name=${name} not found`);
  return record;
}

function touch(call: MlflowCall, record: Pick<ModelRecord, 'systemData'>): void {
  record.systemData.lastModifiedAt = wireTime(call.context.clock.now());
  record.systemData.lastModifiedBy = call.caller.name;
  call.context.save();
}

/** mlflow `entities/model_registry/model_version_stages.py`. */
const STAGES = [NO_STAGE, 'Staging', 'Production', 'Archived'];
const VERSIONS_PAGE = 10_000;

async function createModelVersion(call: MlflowCall): Promise<unknown> {
  const { context } = call;
  const model = findModel(call);
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

function getModelVersion(call: MlflowCall): unknown {
  return { model_version: modelVersionBody(findVersion(call)) };
}

function updateModelVersion(call: MlflowCall): unknown {
  const record = findVersion(call);
  record.description = optionalString(call, 'description') ?? null;
  touch(call, record);
  return { model_version: modelVersionBody(record) };
}

function transitionStage(call: MlflowCall): unknown {
  const record = findVersion(call);
  const stage = required(call, 'stage');
  if (!STAGES.includes(stage))
    throw invalidParameter(
      `Invalid Model Version stage: ${stage}. Value must be one of ${STAGES.join(', ')}.`,
    );
  if (call.params['archive_existing_versions'] === true) {
    for (const other of Object.values(findModel(call).versions))
      if (other !== record && other.stage === stage) other.stage = 'Archived';
  }
  record.stage = stage === NO_STAGE ? null : stage;
  touch(call, record);
  return { model_version: modelVersionBody(record) };
}

function deleteModelVersion(call: MlflowCall): unknown {
  const record = findVersion(call);
  const model = findModel(call);
  delete model.versions[record.version];
  // A model without versions is gone, by whichever door it was emptied.
  if (Object.keys(model.versions).length === 0)
    delete call.context.state.models[model.name.toLowerCase()];
  call.context.save();
  return {};
}

function setVersionTag(call: MlflowCall): unknown {
  const record = findVersion(call);
  record.tags[required(call, 'key')] = optionalString(call, 'value') ?? '';
  touch(call, record);
  return {};
}

function deleteVersionTag(call: MlflowCall): unknown {
  const record = findVersion(call);
  delete record.tags[required(call, 'key')];
  touch(call, record);
  return {};
}

/** Where MLflow's client downloads the model from: the artifact service's address of it. */
function downloadUri(call: MlflowCall): unknown {
  const record = findVersion(call);
  const place = blobReference(record.modelUri, call.context.state.config);
  if (place === undefined)
    throw missing(`The files of model ${record.name} ${record.version} are not in this workspace.`);
  const path =
    place.container === ARTIFACTS ? place.path : `workspaceblobstore/paths/${place.path}`;
  return { artifact_uri: `azureml://artifacts/${path}` };
}

function searchModelVersions(call: MlflowCall): unknown {
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

function findVersion(call: MlflowCall): ModelVersionRecord {
  const model = findModel(call);
  const version = required(call, 'version');
  const record = own(model.versions, version);
  if (record === undefined)
    throw missing(`Model Version (name=${model.name}, version=${version}) not found`);
  return record;
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

function registeredModelBody(record: ModelRecord): unknown {
  const newest = new Map<string, ModelVersionRecord>();
  for (const version of versionsOf(record)) newest.set(version.stage ?? NO_STAGE, version);
  return {
    name: record.name,
    creation_timestamp: Date.parse(record.systemData.createdAt),
    last_updated_timestamp: Date.parse(record.systemData.lastModifiedAt),
    user_id: record.systemData.createdBy,
    ...(record.description === null ? {} : { description: record.description }),
    latest_versions: [...newest.values()].map(modelVersionBody),
    tags: asPairs(record.tags),
  };
}

function modelVersionBody(record: ModelVersionRecord): unknown {
  return {
    name: record.name,
    version: record.version,
    creation_timestamp: Date.parse(record.systemData.createdAt),
    last_updated_timestamp: Date.parse(record.systemData.lastModifiedAt),
    user_id: record.systemData.createdBy,
    current_stage: record.stage ?? NO_STAGE,
    ...(record.description === null ? {} : { description: record.description }),
    source: record.modelUri,
    ...(record.jobName === null ? {} : { run_id: record.jobName }),
    status: 'READY',
    tags: asPairs(record.tags),
  };
}

/** Oldest first; what is archived or anonymous is not shown. */
function versionsOf(record: ModelRecord): ModelVersionRecord[] {
  return Object.values(record.versions)
    .filter(({ isArchived, isAnonymous }) => !isArchived && !isAnonymous)
    .toSorted(
      (a, b) =>
        a.systemData.createdAt.localeCompare(b.systemData.createdAt) ||
        a.version.localeCompare(b.version, 'en', { numeric: true }),
    );
}
