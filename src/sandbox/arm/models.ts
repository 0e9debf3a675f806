/** Model containers and versions, of the workspace and of the registry, numbered by the caller. */
import { type ModelRecord, type ModelVersionRecord, own } from '../model.js';
import { registryModelId } from '../../common/model-ref.js';
import { REGISTRY_NAME } from '../references.js';
import { workspaceId } from './bodies.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  REGISTRY_PATH,
  WS,
  byListView,
  byPairs,
  created,
  modified,
  ok,
  page,
  param,
  queryValue,
  readBody,
} from './call.js';
import { assetNotFound, invalidRequest } from './errors.js';
import { beginPackage } from './packages.js';
import { checkAssetName } from './rules.js';
import { ContainerBody, readVersion } from './model-body.js';

export function modelRoutes(on: AddArmRoute): void {
  for (const [root, scope] of [
    [WS, WORKSPACE_MODELS],
    [REGISTRY_PATH, REGISTRY_MODELS],
  ] as const) {
    const models = modelHandlers(scope);
    const model = `${root}/models/:model`;
    const version = `${model}/versions/:version`;
    on('GET', `${root}/models`, models.listModels);
    on('GET', model, models.getModel);
    on('PUT', model, models.putModel);
    on('DELETE', model, models.deleteModel);
    on('GET', `${model}/versions`, models.listVersions);
    on('GET', version, models.getVersion);
    on('PUT', version, models.putVersion);
    on('DELETE', version, models.deleteVersion);
    on('POST', `${version}/package`, models.packageVersion);
  }
}

interface ModelScope {
  /** By lower-case name; `create` makes the place for the first. */
  records(call: ArmCall, create?: boolean): Record<string, ModelRecord>;
  type: string;
  /** Does a model that is not there have an empty list of versions? Otherwise it is not found. */
  listsUnknown: boolean;
  containerId(call: ArmCall, name: string): string;
  versionId(call: ArmCall, name: string, version: string): string;
}

const WORKSPACE_MODELS: ModelScope = {
  records: (call) => call.context.state.models,
  type: 'Microsoft.MachineLearningServices/workspaces/models',
  listsUnknown: false,
  containerId: (call, name) => `${workspaceId(call.context)}/models/${name}`,
  versionId: (call, name, version) =>
    `${workspaceId(call.context)}/models/${name}/versions/${version}`,
};

/** A version's id is the uri that deployments name, as azure-ai-ml's tests show it. */
const REGISTRY_MODELS: ModelScope = {
  records(call, create = false) {
    const { state } = call.context;
    if (create) return (state.registryModels ??= {});
    return state.registryModels ?? {};
  },
  type: 'Microsoft.MachineLearningServices/registries/models',
  // azure-ai-ml lists before it creates the first, and takes only an empty list for an answer.
  listsUnknown: true,
  containerId: (_call, name) => `azureml://registries/${REGISTRY_NAME}/models/${name}`,
  versionId: (_call, name, version) => registryModelId({ registry: REGISTRY_NAME, name, version }),
};

function modelHandlers(scope: ModelScope) {
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
    listModels(call: ArmCall): ArmReply {
      const records = byListView(call, Object.values(scope.records(call)));
      return page(
        call,
        records.map((record) => containerBody(call, record)),
      );
    },

    getModel: (call: ArmCall) => ok(containerBody(call, findModel(call))),

    /** PUT of a container changes its description, tags or archive mark. */
    putModel(call: ArmCall): ArmReply {
      const name = param(call, 'model');
      checkAssetName('Model name', name);
      const { properties } = readBody(call, ContainerBody, 'ModelContainer');
      const models = scope.records(call, true);
      const before = own(models, name.toLowerCase());
      const record = before ?? newModel(call, name);
      record.description = properties.description;
      record.tags = properties.tags;
      record.isArchived = properties.isArchived;
      record.systemData = modified(call, record.systemData);
      models[name.toLowerCase()] = record;
      call.context.save();
      return { status: before === undefined ? 201 : 200, body: containerBody(call, record) };
    },

    deleteModel(call: ArmCall): ArmReply {
      const models = scope.records(call);
      const key = param(call, 'model').toLowerCase();
      if (own(models, key) === undefined) return { status: 204 };
      delete models[key];
      call.context.save();
      return { status: 200 };
    },

    /** Filters and order of the REST reference, "Model Versions - List". */
    listVersions(call: ArmCall): ArmReply {
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

    getVersion: (call: ArmCall) => ok(versionBody(call, findVersion(call))),

    /** 201 for a new version, 200 for one that is there; its path can never change. */
    putVersion(call: ArmCall): ArmReply {
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

    packageVersion: (call: ArmCall) => beginPackage(call, findVersion(call)),

    deleteVersion(call: ArmCall): ArmReply {
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
    throw invalidRequest(`The query parameter '$orderBy' can not be '${orderBy.slice(0, 60)}'.`);
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
