/**
 * MLflow's registered models and their versions: ARM's model containers and versions by another name.
 * What Azure does not do is listed by Microsoft Learn, "Manage models registry in Azure Machine
 * Learning with MLflow".
 */
import { created } from '../arm/call.js';
import { ASSET_NAME } from '../arm/rules.js';
import { type ModelRecord, own } from '../model.js';
import {
  type AddMlflowRoute,
  type MlflowCall,
  MlflowError,
  invalidParameter,
  pageOf,
  pairs,
  required,
  optionalString,
  repeated,
  unsupported,
  unsupportedFilter,
} from './call.js';
import { holds, inOrder, parseSearchFilter } from './filter.js';
import {
  NO_STAGE,
  modelRecord,
  touch,
  registeredModelBody,
  modelVersionBody,
  versionsOf,
} from './model-records.js';
import {
  createModelVersion,
  oneModelVersion,
  updateModelVersion,
  transitionStage,
  deleteModelVersion,
  setVersionTag,
  deleteVersionTag,
  downloadUri,
  searchModelVersions,
} from './model-versions.js';

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
  on('GET', 'model-versions/get', oneModelVersion);
  on('PATCH', 'model-versions/update', updateModelVersion);
  on('DELETE', 'model-versions/delete', deleteModelVersion);
  on('GET', 'model-versions/search', searchModelVersions);
  on('GET', 'model-versions/get-download-uri', downloadUri);
  on('POST', 'model-versions/transition-stage', transitionStage);
  on('POST', 'model-versions/set-tag', setVersionTag);
  on('DELETE', 'model-versions/delete-tag', deleteVersionTag);
}

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
  return { registered_model: registeredModelBody(modelRecord(call)) };
}

function updateRegisteredModel(call: MlflowCall): unknown {
  const record = modelRecord(call);
  record.description = optionalString(call, 'description') ?? null;
  touch(call, record);
  return { registered_model: registeredModelBody(record) };
}

function setModelTag(call: MlflowCall): unknown {
  const record = modelRecord(call);
  record.tags[required(call, 'key')] = optionalString(call, 'value') ?? '';
  touch(call, record);
  return {};
}

function deleteModelTag(call: MlflowCall): unknown {
  const record = modelRecord(call);
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
  for (const version of versionsOf(modelRecord(call))) {
    const stage = version.stage ?? NO_STAGE;
    if (stages.length === 0 || stages.includes(stage)) newest.set(stage, modelVersionBody(version));
  }
  return { model_versions: [...newest.values()] };
}
