/** Rows in the workspace's datastores: a data asset's, a path's, and what a data collector stored. */
import { latestOf, parseData } from '../common/model-ref.js';
import { inDatastore } from './datastore.js';
import { invalid } from './errors.js';
import { findPlace, isOfAnotherWorkspace } from './model-place.js';
import { abortOption, doing, type Scope } from './scope.js';
import type { StoredFile } from '../common/stored-file.js';
import { storedBlob, type BlobSource } from './stored-blob.js';
import type { Deployment, StoredFiles } from './types.js';

/** More would take longer to list than rows take to send. */
const MOST_FILES = 10_000;
/** The collection that the scoring script of MLflow models writes. */
const INPUTS = 'model_inputs';

/** The files of `azureml:NAME@latest`, `azureml:NAME:VERSION` or `azureml://datastores/...`. */
export async function dataFiles(
  scope: Scope,
  reference: string,
  signal?: AbortSignal,
): Promise<StoredFiles> {
  const what = `read ${reference}`;
  const asset = await findAsset(scope, reference, signal);
  const path = asset ? `azureml:${asset.name}:${asset.version}` : reference;
  const uri = asset?.uri ?? reference;
  const place = await findPlace(scope, uri, signal);
  if (!place) {
    throw invalid(
      what,
      asset
        ? `${path} lies at ${uri}, which is in no datastore of this workspace.`
        : `"${reference}" is not a location in this workspace.`,
      'Use azureml:NAME@latest, azureml:NAME:VERSION or azureml://datastores/NAME/paths/PATH.',
    );
  }
  return inDatastore(
    scope,
    place.datastore,
    { what, reads: true, signal },
    async ({ container }) => {
      const source = { container, clock: scope.clock, what };
      const whole = decodeURIComponent(place.path);
      const one = await single(source, whole, signal);
      return { path, files: one ? [one] : await list(source, `${whole}/`, signal) };
    },
  );
}

/** What `deployment` was asked from `from` to `to`, as far as its data collector kept it. */
export async function collectedFiles(
  scope: Scope,
  deployment: Deployment,
  from: Date,
  to: Date,
  signal?: AbortSignal,
): Promise<StoredFiles> {
  const { name, endpointName, dataCollector } = deployment;
  const what = `read what ${name} was asked`;
  const collection = dataCollector?.collections[INPUTS];
  if (!collection) {
    throw invalid(
      what,
      `Deployment ${name} does not collect its inputs (${INPUTS}).`,
      'Name a file or a data asset, or turn on its data collector and wait until users have sent rows.',
    );
  }
  const asset = collection.dataId && (await findAsset(scope, collection.dataId, signal));
  const place = asset ? await findPlace(scope, asset.uri, signal) : undefined;
  return inDatastore(
    scope,
    place?.datastore,
    { what, reads: true, signal },
    async ({ container }) => {
      const source = { container, clock: scope.clock, what };
      const folder = place?.path ?? `modelDataCollector/${endpointName}/${name}/${INPUTS}`;
      const files: StoredFile[] = [];
      for (const month of monthsOf(from, to)) {
        const found = await list(source, `${folder}/${month}/`, signal, true);
        files.push(
          ...found.filter(({ path }) => overlaps(path.slice(folder.length + 1), from, to)),
        );
      }
      return { path: folder, files };
    },
  );
}

interface Asset {
  name: string;
  version: string;
  uri: string;
}

async function findAsset(
  scope: Scope,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<Asset | undefined> {
  const what = `read ${reference}`;
  const { resourceGroup, workspaceName } = scope.connection;
  if (isOfAnotherWorkspace(scope, reference)) return undefined;
  const label = latestOf(reference);
  return doing(what, async () => {
    const { name, version, registry } =
      label === undefined
        ? (parseData(reference) ?? {})
        : { name: label, version: await latest(scope, label, what, signal), registry: undefined };
    if (name === undefined || version === undefined || registry !== undefined) return undefined;
    const { properties } = await scope.client.dataVersions.get(
      resourceGroup,
      workspaceName,
      name,
      version,
      abortOption(signal),
    );
    if (properties.dataType === 'mltable') {
      throw invalid(
        what,
        `Data asset ${name}:${version} is an MLTable.`,
        'Use a data asset of type uri_file or uri_folder.',
      );
    }
    return { name, version, uri: properties.dataUri };
  });
}

async function latest(
  scope: Scope,
  name: string,
  what: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { resourceGroup, workspaceName } = scope.connection;
  const { properties } = await scope.client.dataContainers.get(
    resourceGroup,
    workspaceName,
    name,
    abortOption(signal),
  );
  if (properties.latestVersion) return properties.latestVersion;
  throw invalid(
    what,
    `Data asset ${name} has no version.`,
    'Create one in Azure ML studio, then try again.',
  );
}

/** `undefined`: a folder, or nothing. */
async function single(
  source: BlobSource,
  path: string,
  signal: AbortSignal | undefined,
): Promise<StoredFile | undefined> {
  try {
    const found = await source.container.getBlobClient(path).getProperties(abortOption(signal));
    // How storage with folders of its own shows one.
    if (found.metadata?.['hdi_isfolder'] === 'true') return undefined;
    return storedBlob(source, path, found.contentLength ?? 0, found.etag);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** Without what Spark and others leave beside data: `_SUCCESS`, `.crc`, empty markers of folders. */
async function list(
  source: BlobSource,
  prefix: string,
  signal: AbortSignal | undefined,
  grows = false,
): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const { name, properties } of source.container.listBlobsFlat({
    prefix,
    ...abortOption(signal),
  })) {
    const hidden = name
      .slice(prefix.length)
      .split('/')
      .some((part) => /^[._]/.test(part));
    const { contentLength = 0, etag } = properties;
    if (hidden || contentLength === 0) continue;
    files.push(storedBlob(source, name, contentLength, grows ? undefined : etag));
    if (files.length > MOST_FILES) {
      throw invalid(
        source.what,
        `${prefix} holds more than ${MOST_FILES} files.`,
        'Name a folder inside it, a file, or a shorter time.',
      );
    }
  }
  return files;
}

/** `2026/11` for each month that the time touches, in UTC: no blob of another one is listed. */
function monthsOf(from: Date, to: Date): string[] {
  const months: string[] = [];
  const month = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth()));
  for (; month < to; month.setUTCMonth(month.getUTCMonth() + 1)) {
    months.push(month.toISOString().slice(0, 7).replace('-', '/'));
  }
  return months;
}

/**
 * Whether `yyyy/MM/dd/HH/...` can hold requests of the time. How far the path goes down follows the
 * collector's `rolling_rate`.
 */
function overlaps(path: string, from: Date, to: Date): boolean {
  const parts: number[] = [];
  for (const part of path.split('/').slice(0, -1)) {
    if (!/^\d{2,4}$/.test(part)) break;
    parts.push(Number(part));
  }
  const start = at(parts);
  const end = at([...parts.slice(0, -1), (parts.at(-1) ?? 0) + 1]);
  return start < to.getTime() && end > from.getTime();
}

const at = ([year = 0, month = 1, day = 1, hour = 0, minute = 0]: number[]): number =>
  Date.UTC(year, month - 1, day, hour, minute);
