/**
 * Codes, environments and data assets, as far as clients need them: what was PUT is kept and given
 * back. No image is ever built from them.
 */
import { sameName } from '../../common/same-name.js';
import * as z from 'zod';
import { type AssetContainer, type PlainAssetRecord, own } from '../model.js';
import { uriAnswered } from '../references.js';
import { workspaceId } from './bodies.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  WS,
  anyCase,
  anything,
  byListView,
  created,
  isObject,
  modified,
  ok,
  optionalText,
  orElse,
  page,
  param,
  queryValue,
  readBody,
  stringMap,
  strings,
} from './call.js';
import { ArmError, assetNotFound } from './errors.js';
import { checkAssetName } from './rules.js';

const NAMES = { codes: 'Code', environments: 'Environment', data: 'Data' } as const;
type AssetKind = keyof typeof NAMES;

export function assetRoutes(on: AddArmRoute): void {
  for (const kind of Object.keys(NAMES) as AssetKind[]) {
    const asset = assetHandlers(kind);
    const base = `${WS}/${kind}/:asset`;
    on('GET', `${WS}/${kind}`, asset.listContainers);
    on('GET', base, asset.getContainer);
    on('PUT', base, asset.putContainer);
    on('GET', `${base}/versions`, asset.listVersions);
    on('GET', `${base}/versions/:version`, asset.getVersion);
    on('PUT', `${base}/versions/:version`, asset.putVersion);
  }
}

/** What clients change of a container: description, tags, and whether it is archived. */
const Container = z.object({
  properties: z.strictObject({
    description: optionalText,
    tags: strings,
    properties: strings,
    isArchived: orElse(z.boolean(), false),
    // The service's own, and data's.
    dataType: anything,
    latestVersion: anything,
    nextVersion: anything,
    provisioningState: anything,
  }),
});

/** Their properties are kept as they are: none of them is looked at. */
const Asset = z.object({ properties: z.record(z.string(), z.unknown()) });

const Route = z.strictObject({ port: z.int(), path: z.string() });

/** "Environment Versions - Create Or Update" of 2025-12-01; what an image is made from is only kept. */
const Environment = z.object({
  properties: z.strictObject({
    image: z.string().nullish(),
    build: z
      .strictObject({ contextUri: z.string(), dockerfilePath: z.string().nullish() })
      .nullish(),
    condaFile: z.string().nullish(),
    inferenceConfig: z
      .strictObject({
        livenessRoute: Route.nullish(),
        readinessRoute: Route.nullish(),
        scoringRoute: Route.nullish(),
      })
      .nullish(),
    osType: z.string().nullish(),
    autoRebuild: z.string().nullish(),
    environmentType: z.string().nullish(),
    provisioningState: z.string().nullish(),
    stage: z.string().nullish(),
    description: z.string().nullish(),
    tags: stringMap.nullish(),
    properties: stringMap.nullish(),
    isAnonymous: z.boolean().nullish(),
    isArchived: z.boolean().nullish(),
    autoDeleteSetting: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** The three types of azure-ai-ml; a path can never change. */
const Data = z.object({
  properties: z.looseObject({
    dataType: anyCase(
      ['uri_file', 'uri_folder', 'mltable'],
      "The property 'dataType' must be one of uri_file, uri_folder, mltable.",
    ),
    dataUri: z.string("The property 'dataUri' is required."),
  }),
});

function dataProperties(call: ArmCall, before: PlainAssetRecord | undefined) {
  const { properties } = readBody(call, Data, 'DataVersionBase');
  const dataUri = uriAnswered(properties.dataUri, call.context.state.config);
  if (before !== undefined && before.properties['dataUri'] !== dataUri)
    throw new ArmError(400, 'UserError', 'Asset paths cannot be updated.', 'mfe');
  return { ...properties, dataUri };
}

/** As "Code Versions - List" is asked: `hash` and `hashVersion` of the content. */
function hasHash(call: ArmCall, { properties }: PlainAssetRecord['properties']): boolean {
  if (!isObject(properties)) return false;
  const version = queryValue(call, 'hashVersion');
  return (
    properties['hash_sha256'] === queryValue(call, 'hash') &&
    (version === undefined || String(properties['hash_version']) === version)
  );
}

function assetHandlers(kind: AssetKind) {
  const records = (call: ArmCall) => (call.context.state[kind] ??= {});
  const key = (name: string, version: string) => `${name.toLowerCase()}/${version}`;
  const listed = (call: ArmCall, versions: PlainAssetRecord[]) =>
    byListView(
      call,
      versions.map((record) => ({ record, isArchived: record.properties['isArchived'] === true })),
    ).map(({ record }) => record);
  const versionsOf = (call: ArmCall, name: string) =>
    Object.values(records(call)).filter((record) => sameName(record.name, name));
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

  const ownOf = (call: ArmCall, name: string): AssetContainer | undefined =>
    own(call.context.state.assetContainers ?? {}, `${kind}/${name.toLowerCase()}`);

  function containerBody(call: ArmCall, name: string): unknown {
    const made = ownOf(call, name);
    const versions = versionsOf(call, name);
    const numbers = versions.map(({ version }) => Number(version)).filter(Number.isSafeInteger);
    const { dataType } = versions.at(-1)?.properties ?? {};
    return {
      id: `${workspaceId(call.context)}/${kind}/${name}`,
      name,
      type: `Microsoft.MachineLearningServices/workspaces/${kind}`,
      properties: {
        description: made?.description ?? null,
        tags: made?.tags ?? {},
        properties: made?.properties ?? {},
        isArchived: made?.isArchived ?? false,
        ...(dataType !== undefined && { dataType }),
        latestVersion: versions.at(-1)?.version ?? null,
        nextVersion: String(Math.max(0, ...numbers) + 1),
      },
      systemData: versions.at(-1)?.systemData ?? made?.systemData ?? null,
    };
  }

  return {
    getContainer(call: ArmCall): ArmReply {
      const name = param(call, 'asset');
      if (versionsOf(call, name).length === 0 && !ownOf(call, name))
        throw missing(`container with name: ${name}`);
      return ok(containerBody(call, name));
    },
    listContainers(call: ArmCall): ArmReply {
      const names = [...new Set(Object.values(records(call)).map(({ name }) => name))];
      const marked = names.map((name) => ({
        name,
        isArchived: ownOf(call, name)?.isArchived ?? false,
      }));
      return page(
        call,
        byListView(call, marked).map(({ name }) => containerBody(call, name)),
      );
    },
    putContainer(call: ArmCall): ArmReply {
      const name = param(call, 'asset');
      checkAssetName(`${NAMES[kind]} name`, name);
      const { description, tags, properties, isArchived } = readBody(
        call,
        Container,
        `${NAMES[kind]}Container`,
      ).properties;
      const before = ownOf(call, name);
      const isThere = before !== undefined || versionsOf(call, name).length > 0;
      const systemData = before ? modified(call, before.systemData) : created(call);
      (call.context.state.assetContainers ??= {})[`${kind}/${name.toLowerCase()}`] = {
        description,
        tags,
        properties,
        isArchived,
        systemData,
      };
      call.context.save();
      return { status: isThere ? 200 : 201, body: containerBody(call, name) };
    },
    listVersions(call: ArmCall): ArmReply {
      const hash = kind === 'codes' ? queryValue(call, 'hash') : undefined;
      // azure-ai-ml asks by a hash with a name that it has just made up.
      const versions =
        hash === undefined
          ? listed(call, versionsOf(call, param(call, 'asset'))).toReversed()
          : Object.values(records(call)).filter(({ properties }) => hasHash(call, properties));
      return page(
        call,
        versions.map((record) => versionBody(call, record)),
      );
    },
    getVersion(call: ArmCall): ArmReply {
      const [name, version] = [param(call, 'asset'), param(call, 'version')];
      const record = own(records(call), key(name, version));
      if (record === undefined) throw missing(`with name: ${name} and version: ${version}`);
      return ok(versionBody(call, record));
    },
    putVersion(call: ArmCall): ArmReply {
      const [name, version] = [param(call, 'asset'), param(call, 'version')];
      checkAssetName(`${NAMES[kind]} name`, name);
      checkAssetName(`${NAMES[kind]} version`, version);
      const before = own(records(call), key(name, version));
      const properties =
        kind === 'data'
          ? dataProperties(call, before)
          : kind === 'environments'
            ? readBody(call, Environment, 'EnvironmentVersion').properties
            : readBody(call, Asset, NAMES[kind]).properties;
      const record: PlainAssetRecord = {
        name,
        version,
        properties: { description: null, tags: {}, ...properties },
        systemData: before === undefined ? created(call) : modified(call, before.systemData),
      };
      records(call)[key(name, version)] = record;
      call.context.save();
      return { status: before === undefined ? 201 : 200, body: versionBody(call, record) };
    },
  };
}
