/** Model containers and versions: synchronous, numbered by the caller. */
import { type ModelRecord, type ModelVersionRecord, own } from '../model.js';
import { type ArmCall, type ArmReply, type Handler, ok, param, queryValue } from './call.js';
import { assetNotFound, invalid } from './errors.js';
import type { ModelScope } from './model-scope.js';
import { propertiesOf, readVersion, text } from './model-version-spec.js';
import { byListView, byPairs, page } from './paging.js';
import { checkAssetName, readStrings } from './rules.js';
import { created, modified } from './system-data.js';

export interface ModelHandlers {
  listModels: Handler;
  getModel: Handler;
  putModel: Handler;
  deleteModel: Handler;
  listVersions: Handler;
  getVersion: Handler;
  putVersion: Handler;
  deleteVersion: Handler;
}

export function modelHandlers(scope: ModelScope): ModelHandlers {
  function containerBody(call: ArmCall, record: ModelRecord): unknown {
    const versions = Object.values(record.versions);
    const numbers = versions.map(({ version }) => Number(version)).filter(Number.isSafeInteger);
    const latest = versions.toSorted(inOrder('createdtime desc'))[0];
    return {
      id: scope.containerId(call, record.name),
      name: record.name,
      type: scope.type,
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
      id: scope.versionId(call, name, version),
      name: version,
      type: `${scope.type}/versions`,
      properties,
      systemData,
    };
  }

  function findModel(call: ArmCall): ModelRecord {
    const name = param(call, 'model');
    const record = own(scope.records(call), name.toLowerCase());
    if (record === undefined)
      throw assetNotFound('ModelNotFound', `Model container with name: ${name} not found.`);
    return record;
  }

  function findVersion(call: ArmCall): ModelVersionRecord {
    const name = param(call, 'model');
    const version = param(call, 'version');
    const record = own(own(scope.records(call), name.toLowerCase())?.versions ?? {}, version);
    if (record === undefined) {
      throw assetNotFound(
        'ModelNotFound',
        `Model with name: ${name} and version: ${version} not found.`,
      );
    }
    return record;
  }

  return {
    listModels(call): ArmReply {
      const records = byListView(call, Object.values(scope.records(call)));
      return page(
        call,
        records.map((record) => containerBody(call, record)),
      );
    },

    getModel: (call) => ok(containerBody(call, findModel(call))),

    /** PUT of a container changes its description, tags or archive mark. */
    putModel(call): ArmReply {
      const name = param(call, 'model');
      checkAssetName('Model name', name);
      const properties = propertiesOf(call);
      const models = scope.records(call, true);
      const before = own(models, name.toLowerCase());
      const record = before ?? newModel(call, name);
      record.description = text(properties['description']);
      record.tags = readStrings('tags', properties['tags']);
      record.isArchived = properties['isArchived'] === true;
      record.systemData = modified(call, record.systemData);
      models[name.toLowerCase()] = record;
      call.context.save();
      return { status: before === undefined ? 201 : 200, body: containerBody(call, record) };
    },

    deleteModel(call): ArmReply {
      const models = scope.records(call);
      const key = param(call, 'model').toLowerCase();
      if (own(models, key) === undefined) return { status: 204 };
      delete models[key];
      call.context.save();
      return { status: 200 };
    },

    /** Filters and order of the REST reference, "Model Versions - List". */
    listVersions(call): ArmReply {
      const known = own(scope.records(call), param(call, 'model').toLowerCase());
      if (known === undefined && scope.listsUnknown) return page(call, []);
      const model = findModel(call);
      const wanted = queryValue(call, 'version');
      const described = queryValue(call, 'description');
      const stage = queryValue(call, 'stage');
      const versions = byListView(call, Object.values(model.versions))
        .filter(({ version }) => wanted === undefined || version === wanted)
        .filter(({ description }) => described === undefined || description === described)
        .filter((record) => stage === undefined || (record.stage ?? 'None') === stage)
        .filter((record) => byPairs(queryValue(call, 'tags'), record.tags))
        .filter((record) => byPairs(queryValue(call, 'properties'), record.properties));
      versions.sort(inOrder(queryValue(call, '$orderBy') ?? 'createdtime desc'));
      return page(
        call,
        versions.map((record) => versionBody(call, record)),
      );
    },

    getVersion: (call) => ok(versionBody(call, findVersion(call))),

    /** 201 for a new version, 200 for one that is there; its path can never change. */
    putVersion(call): ArmReply {
      const name = param(call, 'model');
      const version = param(call, 'version');
      checkAssetName('Model name', name);
      checkAssetName('Model version', version);
      const models = scope.records(call, true);
      const model = own(models, name.toLowerCase()) ?? newModel(call, name);
      const before = own(model.versions, version);
      const record = readVersion(call, model.name, version, before);
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
    },

    deleteVersion(call): ArmReply {
      const models = scope.records(call);
      const model = own(models, param(call, 'model').toLowerCase());
      const version = param(call, 'version');
      if (model === undefined || own(model.versions, version) === undefined) return { status: 204 };
      delete model.versions[version];
      if (Object.keys(model.versions).length === 0) delete models[model.name.toLowerCase()];
      call.context.save();
      return { status: 200 };
    },
  };
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

const ORDERS = /^(createdtime|createdat|modifiedtime|modifiedat|version|name)(\s+(asc|desc))?$/;

/** `createdtime desc` (also `createdAt`, `version`, `modifiedtime`); ties go by version. */
function inOrder(orderBy: string): (a: ModelVersionRecord, b: ModelVersionRecord) => number {
  const wanted = orderBy.trim().toLowerCase();
  if (!ORDERS.test(wanted))
    throw invalid(`The query parameter '$orderBy' can not be '${orderBy.slice(0, 60)}'.`);
  const [field = '', direction = 'asc'] = wanted.split(/\s+/);
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
