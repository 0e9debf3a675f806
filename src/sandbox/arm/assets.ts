/**
 * Codes and environments, as far as the official clients need them to pass by: what was PUT is
 * kept and given back. No image is ever built from them.
 */
import { type PlainAssetRecord, own } from '../model.js';
import { type ArmCall, type ArmReply, type Handler, isObject, ok, param } from './call.js';
import { assetNotFound, invalid } from './errors.js';
import { page } from './paging.js';
import { checkAssetName } from './rules.js';
import { created, modified } from './system-data.js';
import { workspaceId } from './workspace.js';

export type AssetKind = 'codes' | 'environments';
const NAMES = { codes: 'Code', environments: 'Environment' } as const;

export interface AssetHandlers {
  getContainer: Handler;
  listContainers: Handler;
  listVersions: Handler;
  getVersion: Handler;
  putVersion: Handler;
}

export function assetHandlers(kind: AssetKind): AssetHandlers {
  const records = (call: ArmCall) => call.context.state[kind];
  const key = (name: string, version: string) => `${name.toLowerCase()}/${version}`;
  const versionsOf = (call: ArmCall, name: string) =>
    Object.values(records(call)).filter(
      (record) => record.name.toLowerCase() === name.toLowerCase(),
    );
  const missing = (what: string) =>
    assetNotFound(`${NAMES[kind]}NotFound`, `${NAMES[kind]} ${what} not found.`);

  function versionBody(call: ArmCall, record: PlainAssetRecord): unknown {
    return {
      id: `${workspaceId(call.context)}/${kind}/${record.name}/versions/${record.version}`,
      name: record.version,
      type: `Microsoft.MachineLearningServices/workspaces/${kind}/versions`,
      properties: record.properties,
      systemData: record.systemData,
    };
  }

  function containerBody(call: ArmCall, name: string): unknown {
    const versions = versionsOf(call, name);
    const numbers = versions.map(({ version }) => Number(version)).filter(Number.isSafeInteger);
    return {
      id: `${workspaceId(call.context)}/${kind}/${name}`,
      name,
      type: `Microsoft.MachineLearningServices/workspaces/${kind}`,
      properties: {
        description: null,
        tags: {},
        properties: {},
        isArchived: false,
        latestVersion: versions.at(-1)?.version ?? null,
        nextVersion: String(Math.max(0, ...numbers) + 1),
      },
      systemData: versions.at(-1)?.systemData ?? null,
    };
  }

  return {
    getContainer(call): ArmReply {
      const name = param(call, 'asset');
      if (versionsOf(call, name).length === 0) throw missing(`container with name: ${name}`);
      return ok(containerBody(call, name));
    },
    listContainers(call): ArmReply {
      const names = [...new Set(Object.values(records(call)).map(({ name }) => name))];
      return page(
        call,
        names.map((name) => containerBody(call, name)),
      );
    },
    listVersions(call): ArmReply {
      const versions = versionsOf(call, param(call, 'asset')).toReversed();
      return page(
        call,
        versions.map((record) => versionBody(call, record)),
      );
    },
    getVersion(call): ArmReply {
      const [name, version] = [param(call, 'asset'), param(call, 'version')];
      const record = own(records(call), key(name, version));
      if (record === undefined) throw missing(`with name: ${name} and version: ${version}`);
      return ok(versionBody(call, record));
    },
    putVersion(call): ArmReply {
      const [name, version] = [param(call, 'asset'), param(call, 'version')];
      checkAssetName(`${NAMES[kind]} name`, name);
      checkAssetName(`${NAMES[kind]} version`, version);
      if (!isObject(call.body) || !isObject(call.body['properties']))
        throw invalid("The request body must be an object with 'properties'.");
      const before = own(records(call), key(name, version));
      const record: PlainAssetRecord = {
        name,
        version,
        properties: { description: null, tags: {}, ...call.body['properties'] },
        systemData: before === undefined ? created(call) : modified(call, before.systemData),
      };
      records(call)[key(name, version)] = record;
      call.context.save();
      return { status: before === undefined ? 201 : 200, body: versionBody(call, record) };
    },
  };
}
