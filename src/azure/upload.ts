/**
 * Uploads a model folder the way the official client does (`azure-ai-ml`, `_blob_storage_helper`):
 * under the hash of its content, each file once, and marked complete on one indicator file.
 */
import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ContainerClient } from '@azure/storage-blob';
import { assetHashes, HASHES } from './asset-hash.js';
import { type Datastore, inDatastore } from './datastore.js';
import { AzureError, invalid } from './errors.js';
import { type IgnoreFile, readIgnoreFile } from './ignore-file.js';
import type { Scope } from './scope.js';
import { checkUnchanged, readLocal, type UploadFile, uploadList } from './upload-list.js';
import { sendAll, sum } from './upload-send.js';
import type { FilesToUpload, UploadedFolder, UploadProgress } from './types.js';

const COMPLETE = 'upload_status';
/** What the official client writes while the version is not known. */
const NOT_KNOWN = 'None';

/** Where an uploaded folder's completeness is told; its version is known only later. */
export interface Indicator {
  container: ContainerClient;
  blob: string;
}

interface Uploaded {
  folder: UploadedFolder;
  indicator: Indicator;
  /** In the indicator's container. */
  path: string;
}

export async function folderHashes(folder: string): Promise<string[]> {
  const what = `read ${basename(folder)}`;
  const { root, ignored } = await modelFiles(folder, what);
  return readLocal(what, async () => Object.values(await assetHashes(root, ignored)));
}

/** The very list that `uploadFolder` sends, or why it would refuse; sends nothing. */
export async function filesToUpload(folder: string): Promise<FilesToUpload> {
  try {
    const { files } = await modelFiles(folder, `read ${basename(folder)}`);
    return { files: files.map(({ remote }) => remote) };
  } catch (error) {
    if (!(error instanceof AzureError)) throw error;
    const { message, advice } = error.failure;
    return { refused: message, advice };
  }
}

export async function uploadFolder(
  scope: Scope,
  folder: string,
  modelName: string,
  onProgress?: (progress: UploadProgress) => void,
  signal?: AbortSignal,
): Promise<Uploaded> {
  const files = await modelFiles(folder, `upload ${basename(folder)}`);
  return uploadFiles(scope, files, modelName, onProgress, signal);
}

async function modelFiles(folder: string, what: string): Promise<LocalFiles> {
  const root = await checkFolder(folder, what);
  const ignored = await readIgnoreFile(root);
  const files = await readLocal(what, () => uploadList(root, ignored));
  if (files.length === 0) throw nothing(root, what);
  if (!files.some((file) => file.remote === 'MLmodel')) {
    throw invalid(
      what,
      `${folder} has no MLmodel file (or its ignore file excludes it).`,
      'Name the folder that mlflow.<flavor>.save_model wrote, the one that holds MLmodel.',
    );
  }
  return { root, files, ignored };
}

const nothing = (root: string, what: string): AzureError =>
  invalid(what, `There is nothing to upload in ${root}.`, 'Check its ignore file.');

/** What of a folder is uploaded. */
export interface LocalFiles {
  /** Absolute, links resolved. */
  root: string;
  files: UploadFile[];
  ignored: IgnoreFile;
}

/** @param asset name of what the files become */
export async function uploadFiles(
  scope: Scope,
  { root, files, ignored }: LocalFiles,
  asset: string,
  onProgress?: (progress: UploadProgress) => void,
  signal?: AbortSignal,
): Promise<Uploaded> {
  const what = `upload ${basename(root)}`;
  const [first] = files;
  if (!first) throw nothing(root, what);
  const hashes = await readLocal(what, () => assetHashes(root, ignored));
  const total = { totalBytes: sum(files), totalFiles: files.length };

  return inDatastore(scope, undefined, { what, reads: false, signal }, async (store) => {
    const place = await findUploaded(store, hashes, basename(root), first.remote, signal);
    if (!place.complete) {
      await sendAll(store.container, place.path, place.partial, files, onProgress, signal);
      await checkUnchanged(files, what);
      await mark(
        { container: store.container, blob: `${place.path}/${first.remote}` },
        asset,
        NOT_KNOWN,
        signal,
      );
    } else {
      onProgress?.({ ...total, sentBytes: total.totalBytes, sentFiles: total.totalFiles });
    }
    return {
      folder: {
        uri: datastoreUri(scope, store.name, place.path),
        hash: place.hash,
        alreadyThere: place.complete,
        ...(place.registeredAs && { registeredAs: place.registeredAs }),
        ...total,
      },
      indicator: { container: store.container, blob: `${place.path}/${first.remote}` },
      path: place.path,
    };
  });
}

/** After registration: says on the indicator which version the upload became. */
export async function mark(
  indicator: Indicator,
  name: string,
  version: string,
  signal?: AbortSignal,
): Promise<void> {
  await indicator.container
    .getBlobClient(indicator.blob)
    .setMetadata(
      { [COMPLETE]: 'completed', name, version },
      { ...(signal && { abortSignal: signal }) },
    );
}

async function checkFolder(folder: string, what: string): Promise<string> {
  const info = await stat(folder).catch(() => undefined);
  if (!info?.isDirectory()) {
    throw invalid(
      what,
      info ? `${folder} is a file.` : `There is no folder ${folder}.`,
      'Name the folder that holds MLmodel.',
    );
  }
  const root = await realpath(folder);
  if (basename(root).includes('.')) {
    throw invalid(
      what,
      `The folder's name "${basename(root)}" has a dot, so Azure ML treats it as a file and refuses the model.`,
      'Rename or copy the folder, for example to model-v2.',
    );
  }
  return root;
}

interface Place {
  /** `LocalUpload/<hash>/<folder>` */
  path: string;
  hash: string;
  complete: boolean;
  registeredAs?: { name: string; version: string };
  /** Some of it is there, from an upload that was broken off. */
  partial: boolean;
}

/** Where this content is already, by either hash, or where it shall go. */
async function findUploaded(
  store: Datastore,
  hashes: Record<(typeof HASHES)[number], string>,
  name: string,
  indicator: string,
  signal: AbortSignal | undefined,
): Promise<Place> {
  const written = HASHES[0];
  let partial = false;
  for (const algorithm of HASHES) {
    const hash = hashes[algorithm];
    const path = `LocalUpload/${hash}/${name}`;
    const here = await status(store.container, `${path}/${indicator}`, signal);
    if (here === undefined) continue;
    // As the official client asks, and only then: uploads of the first clients had this prefix.
    const legacy = `az-ml-artifacts/${hash}/${name}`;
    const old = await status(store.container, `${legacy}/${indicator}`, signal);
    if (old?.status === 'completed') return completed(legacy, hash, old);
    if (here.status === 'completed') return completed(path, hash, here);
    if (algorithm === written) partial = true;
  }
  const hash = hashes[written];
  return { path: `LocalUpload/${hash}/${name}`, hash, complete: false, partial };
}

function completed(path: string, hash: string, { name, version }: Status): Place {
  const registered = name !== undefined && version !== undefined && version !== NOT_KNOWN;
  return {
    path,
    hash,
    complete: true,
    partial: false,
    ...(registered && { registeredAs: { name, version } }),
  };
}

/** What the indicator says of an upload. */
interface Status {
  status?: string;
  name?: string;
  version?: string;
}

/** `undefined` when there is no blob. */
async function status(
  container: ContainerClient,
  blob: string,
  signal: AbortSignal | undefined,
): Promise<Status | undefined> {
  try {
    const { metadata = {} } = await container
      .getBlobClient(blob)
      .getProperties({ ...(signal && { abortSignal: signal }) });
    const { [COMPLETE]: done, name, version } = metadata;
    return {
      ...(done !== undefined && { status: done }),
      ...(name !== undefined && { name }),
      ...(version !== undefined && { version }),
    };
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** As the official client writes it, with a lower-case `resourcegroups`. */
function datastoreUri(scope: Scope, datastore: string, path: string): string {
  const { subscriptionId, resourceGroup, workspaceName } = scope.connection;
  return (
    `azureml://subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}` +
    `/workspaces/${workspaceName}/datastores/${datastore}/paths/${path}`
  );
}
