/**
 * MLflow's registered models: ARM's model containers by another name. What Azure does not do is
 * listed by Microsoft Learn, "Manage models registry in Azure Machine Learning with MLflow".
 */
import { type ModelRecord, own } from '../model.js';
import { wireTime } from '../arm/errors.js';
import { ASSET_NAME } from '../arm/rules.js';
import { type MlflowCall, pageOf, pairs, required, text, texts } from './call.js';
import {
  MlflowError,
  invalidParameter,
  missing,
  unsupported,
  unsupportedFilter,
} from './errors.js';
import { holds, inOrder, parseFilter } from './filter.js';
import { modelVersionBody, NO_STAGE, registeredModelBody, versionsOf } from './model-body.js';

const PAGE = 100;

export function createRegisteredModel(call: MlflowCall): unknown {
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
  const at = wireTime(call.context.clock.now());
  const by = call.caller.name;
  const record: ModelRecord = {
    name,
    description: text(call, 'description') ?? null,
    tags: Object.fromEntries(pairs(call, 'tags')),
    isArchived: false,
    systemData: {
      createdAt: at,
      createdBy: by,
      createdByType: 'User',
      lastModifiedAt: at,
      lastModifiedBy: by,
      lastModifiedByType: 'User',
    },
    versions: {},
  };
  models[name.toLowerCase()] = record;
  call.context.save();
  return { registered_model: registeredModelBody(record) };
}

export function getRegisteredModel(call: MlflowCall): unknown {
  return { registered_model: registeredModelBody(findModel(call)) };
}

export function updateRegisteredModel(call: MlflowCall): unknown {
  const record = findModel(call);
  record.description = text(call, 'description') ?? null;
  touch(call, record);
  return { registered_model: registeredModelBody(record) };
}

export function setModelTag(call: MlflowCall): unknown {
  const record = findModel(call);
  record.tags[required(call, 'key')] = text(call, 'value') ?? '';
  touch(call, record);
  return {};
}

export function deleteModelTag(call: MlflowCall): unknown {
  const record = findModel(call);
  delete record.tags[required(call, 'key')];
  touch(call, record);
  return {};
}

export function renameRegisteredModel(_call: MlflowCall): unknown {
  throw unsupported('Azure Machine Learning does not support renaming models.');
}

export function deleteRegisteredModel(_call: MlflowCall): unknown {
  throw unsupported(
    'Azure Machine Learning does not support deleting a registered model. Delete all of its versions instead.',
  );
}

export function searchRegisteredModels(call: MlflowCall): unknown {
  const filter = text(call, 'filter');
  const comparisons = parseFilter(filter);
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
  const order = texts(call, 'order_by');
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
export function latestVersions(call: MlflowCall): unknown {
  const stages = texts(call, 'stages');
  const newest = new Map<string, unknown>();
  for (const version of versionsOf(findModel(call))) {
    const stage = version.stage ?? NO_STAGE;
    if (stages.length === 0 || stages.includes(stage)) newest.set(stage, modelVersionBody(version));
  }
  return { model_versions: [...newest.values()] };
}

export function findModel(call: MlflowCall): ModelRecord {
  const name = required(call, 'name');
  const record = own(call.context.state.models, name.toLowerCase());
  if (record === undefined) throw missing(`Registered Model with name=${name} not found`);
  return record;
}

export function touch(call: MlflowCall, record: Pick<ModelRecord, 'systemData'>): void {
  record.systemData.lastModifiedAt = wireTime(call.context.clock.now());
  record.systemData.lastModifiedBy = call.caller.name;
  call.context.save();
}
