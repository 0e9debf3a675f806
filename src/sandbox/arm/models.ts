/** Model containers and versions: synchronous, numbered by the caller. */
import { type ModelRecord, type ModelVersionRecord, own } from '../model.js';
import {
  type ArmCall,
  type ArmReply,
  type JsonObject,
  isObject,
  ok,
  param,
  queryValue,
} from './call.js';
import { ArmError, assetNotFound, invalid } from './errors.js';
import { byListView, page } from './paging.js';
import { checkAssetName, readStrings } from './rules.js';
import { created, modified } from './system-data.js';
import { workspaceId } from './workspace.js';

const TYPES = ['mlflow_model', 'custom_model', 'triton_model'];
const CONTAINER_TYPE = 'Microsoft.MachineLearningServices/workspaces/models';

export function listModels(call: ArmCall): ArmReply {
  const records = byListView(call, Object.values(call.context.state.models));
  return page(
    call,
    records.map((record) => containerBody(call, record)),
  );
}

export function getModel(call: ArmCall): ArmReply {
  return ok(containerBody(call, findModel(call)));
}

/** PUT of a container changes its description, tags or archive mark. */
export function putModel(call: ArmCall): ArmReply {
  const name = param(call, 'model');
  checkAssetName('Model name', name);
  const properties = propertiesOf(call);
  const { models } = call.context.state;
  const before = own(models, name.toLowerCase());
  const record = before ?? newModel(call, name);
  record.description = text(properties['description']);
  record.tags = readStrings('tags', properties['tags']);
  record.isArchived = properties['isArchived'] === true;
  record.systemData = modified(call, record.systemData);
  models[name.toLowerCase()] = record;
  call.context.save();
  return { status: before === undefined ? 201 : 200, body: containerBody(call, record) };
}

export function deleteModel(call: ArmCall): ArmReply {
  const { models } = call.context.state;
  const key = param(call, 'model').toLowerCase();
  if (own(models, key) === undefined) return { status: 204 };
  delete models[key];
  call.context.save();
  return { status: 200 };
}

export function listVersions(call: ArmCall): ArmReply {
  const model = findModel(call);
  const wanted = queryValue(call, 'version');
  const tags = queryValue(call, 'tags')?.split(',') ?? [];
  const versions = byListView(call, Object.values(model.versions))
    .filter(({ version }) => wanted === undefined || version === wanted)
    .filter((record) =>
      tags.every((pair) => {
        const [key = '', value] = pair.split('=');
        const given = own(record.tags, key);
        return given !== undefined && (value === undefined || given === value);
      }),
    );
  versions.sort(inOrder(queryValue(call, '$orderBy') ?? 'createdtime desc'));
  return page(
    call,
    versions.map((record) => versionBody(call, record)),
  );
}

export function getVersion(call: ArmCall): ArmReply {
  return ok(versionBody(call, findVersion(call)));
}

/** 201 for a new version, 200 for one that is there; its path can never change. */
export function putVersion(call: ArmCall): ArmReply {
  const name = param(call, 'model');
  const version = param(call, 'version');
  checkAssetName('Model name', name);
  checkAssetName('Model version', version);
  const properties = propertiesOf(call);
  const { models } = call.context.state;
  const model = own(models, name.toLowerCase()) ?? newModel(call, name);
  const before = own(model.versions, version);
  const record = readVersion(call, model.name, version, properties, before);
  model.versions[version] = record;
  model.systemData = modified(call, model.systemData);
  models[name.toLowerCase()] = model;
  call.context.save();
  const body = versionBody(call, record);
  return before === undefined
    ? {
        status: 201,
        body,
        headers: { location: `${call.origin}${call.path}?api-version=${call.apiVersion}` },
      }
    : ok(body);
}

export function deleteVersion(call: ArmCall): ArmReply {
  const model = own(call.context.state.models, param(call, 'model').toLowerCase());
  const version = param(call, 'version');
  if (model === undefined || own(model.versions, version) === undefined) return { status: 204 };
  delete model.versions[version];
  if (Object.keys(model.versions).length === 0)
    delete call.context.state.models[model.name.toLowerCase()];
  call.context.save();
  return { status: 200 };
}

function readVersion(
  call: ArmCall,
  name: string,
  version: string,
  properties: JsonObject,
  before: ModelVersionRecord | undefined,
): ModelVersionRecord {
  const uri = properties['modelUri'];
  if (typeof uri !== 'string' || !/^(azureml|https|runs):/.test(uri))
    throw invalid("The property 'modelUri' must be an azureml:// path.");
  const modelUri = uri.replace(/\/resourcegroups\//i, '/resourceGroups/');
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
    jobName: text(properties['jobName']),
    stage: text(properties['stage']),
    isArchived: properties['isArchived'] === true,
    isAnonymous: properties['isAnonymous'] === true,
    systemData: before === undefined ? created(call) : modified(call, before.systemData),
  };
}

function findModel(call: ArmCall): ModelRecord {
  const name = param(call, 'model');
  const record = own(call.context.state.models, name.toLowerCase());
  if (record === undefined)
    throw assetNotFound('ModelNotFound', `Model container with name: ${name} not found.`);
  return record;
}

function findVersion(call: ArmCall): ModelVersionRecord {
  const name = param(call, 'model');
  const version = param(call, 'version');
  const record = own(own(call.context.state.models, name.toLowerCase())?.versions ?? {}, version);
  if (record === undefined) {
    throw assetNotFound(
      'ModelNotFound',
      `Model with name: ${name} and version: ${version} not found.`,
    );
  }
  return record;
}

function newModel(call: ArmCall, name: string): ModelRecord {
  return {
    name,
    description: null,
    tags: {},
    isArchived: false,
    systemData: created(call),
    versions: {},
  };
}

function propertiesOf(call: ArmCall): JsonObject {
  if (!isObject(call.body) || !isObject(call.body['properties']))
    throw invalid("The request body must be an object with 'properties'.");
  return call.body['properties'];
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function containerBody(call: ArmCall, record: ModelRecord): unknown {
  const versions = Object.values(record.versions);
  const numbers = versions.map(({ version }) => Number(version)).filter(Number.isSafeInteger);
  const latest = versions.toSorted(inOrder('createdtime desc'))[0];
  return {
    id: `${workspaceId(call.context)}/models/${record.name}`,
    name: record.name,
    type: CONTAINER_TYPE,
    properties: {
      description: record.description,
      tags: record.tags,
      properties: {},
      isArchived: record.isArchived,
      latestVersion: latest?.version ?? null,
      nextVersion: String(Math.max(0, ...numbers) + 1),
    },
    systemData: record.systemData,
  };
}

function versionBody(call: ArmCall, record: ModelVersionRecord): unknown {
  const { name, version, systemData, ...properties } = record;
  return {
    id: `${workspaceId(call.context)}/models/${name}/versions/${version}`,
    name: version,
    type: `${CONTAINER_TYPE}/versions`,
    properties,
    systemData,
  };
}

/** `createdtime desc` (also `createdAt`, `version`, `modifiedtime`); ties go by version. */
function inOrder(orderBy: string): (a: ModelVersionRecord, b: ModelVersionRecord) => number {
  const [field = '', direction = 'asc'] = orderBy.trim().toLowerCase().split(/\s+/);
  const sign = direction === 'desc' ? -1 : 1;
  const key = (record: ModelVersionRecord): string =>
    field.startsWith('modified')
      ? record.systemData.lastModifiedAt
      : field.startsWith('created')
        ? record.systemData.createdAt
        : '';
  const byVersion = new Intl.Collator('en', { numeric: true }).compare;
  return (a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left !== right) return left < right ? -sign : sign;
    return sign * byVersion(a.version, b.version);
  };
}
