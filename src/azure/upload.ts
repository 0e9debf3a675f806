/**
 * Uploads a model folder the way the official client does (`azure-ai-ml`, `_blob_storage_helper`):
 * under the hash of its content, each file once, and marked complete on one indicator file.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ContainerClient } from '@azure/storage-blob';
import pLimit from 'p-limit';
import { assetHashes, HASHES } from './asset-hash.js';
import { byIdentity, type Datastore, keysRefused, openDatastore } from './datastore.js';
import { AzureError, invalid, toFailure } from './errors.js';
import { readIgnoreFile } from './ignore-file.js';
import type { Scope } from './scope.js';
import { type UploadFile, uploadList } from './upload-list.js';
import type { UploadedFolder, UploadProgress } from './types.js';

const PARALLEL = 8;
const SINGLE_PUT_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 8 * 1024 * 1024;
const COMPLETE = 'upload_status';

/** Where an uploaded folder's completeness is told; its version is known only later. */
export interface Indicator {
  container: ContainerClient;
  blob: string;
}

export interface Uploaded {
  folder: UploadedFolder;
  indicator: Indicator;
}

export async function uploadFolder(
  scope: Scope,
  folder: string,
  modelName: string,
  onProgress?: (progress: UploadProgress) => void,
  signal?: AbortSignal,
): Promise<Uploaded> {
  const what = `upload ${basename(folder)}`;
  const root = await checkFolder(folder, what);
  const ignored = await readIgnoreFile(root);
  const files = await uploadList(root, ignored);
  const [first] = files;
  if (!first) {
    throw invalid(what, `Nothing in ${folder} is left to upload.`, 'Check its ignore file.');
  }
  if (!files.some((file) => file.remote === 'MLmodel')) {
    throw invalid(
      what,
      `${folder} has no MLmodel file (or its ignore file excludes it).`,
      'Name the folder that mlflow.<flavor>.save_model wrote, the one that holds MLmodel.',
    );
  }
  const hashes = await assetHashes(root, ignored);
  const total = { totalBytes: sum(files), totalFiles: files.length };

  return guarded(scope, what, await openDatastore(scope, undefined, signal), async (store) => {
    const place = await findUploaded(store, hashes, basename(root), first.remote, signal);
    if (!place.complete) {
      await sendAll(store.container, place, files, onProgress, signal);
      await mark(
        { container: store.container, blob: `${place.path}/${first.remote}` },
        modelName,
        // The official client writes just this while the version is not known.
        'None',
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
        ...total,
      },
      indicator: { container: store.container, blob: `${place.path}/${first.remote}` },
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
      `The folder's name "${basename(root)}" has a dot, so that Azure ML takes it for a file and refuses the model.`,
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
    if ((await status(store.container, `${legacy}/${indicator}`, signal)) === 'completed') {
      return { path: legacy, hash, complete: true, partial: false };
    }
    if (here === 'completed') return { path, hash, complete: true, partial: false };
    if (algorithm === written) partial = true;
  }
  const hash = hashes[written];
  return { path: `LocalUpload/${hash}/${name}`, hash, complete: false, partial };
}

/** The upload status of a blob; `''` when it has none, `undefined` when there is no blob. */
async function status(
  container: ContainerClient,
  blob: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const { metadata } = await container
      .getBlobClient(blob)
      .getProperties({ ...(signal && { abortSignal: signal }) });
    return metadata?.[COMPLETE] ?? '';
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

async function sendAll(
  container: ContainerClient,
  place: Place,
  files: UploadFile[],
  onProgress: ((progress: UploadProgress) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sent = new Map<string, number>();
  let sentFiles = 0;
  const totals = { totalBytes: sum(files), totalFiles: files.length };
  const report = (): void =>
    onProgress?.({
      ...totals,
      sentBytes: Math.min(
        totals.totalBytes,
        [...sent.values()].reduce((all, bytes) => all + bytes, 0),
      ),
      sentFiles,
    });
  report();
  // The first failure stops the others.
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const limit = pLimit(PARALLEL);
  const one = async (file: UploadFile): Promise<void> => {
    either.throwIfAborted();
    try {
      await send(
        container,
        `${place.path}/${file.remote}`,
        file,
        place.partial,
        either,
        (bytes) => {
          sent.set(file.remote, bytes);
          report();
        },
      );
    } catch (error) {
      stop.abort();
      throw error;
    }
    sent.set(file.remote, file.bytes);
    sentFiles++;
    report();
  };
  const results = await Promise.allSettled(files.map((file) => limit(one, file)));
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) {
    throw failures.find((error) => (error as Error).name !== 'AbortError') ?? failures[0];
  }
}

async function send(
  container: ContainerClient,
  name: string,
  file: UploadFile,
  overwrite: boolean,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const blob = container.getBlockBlobClient(name);
  const options = {
    abortSignal: signal,
    // Another client may be uploading the same content: the first one wins.
    ...(!overwrite && { conditions: { ifNoneMatch: '*' } }),
    onProgress: ({ loadedBytes }: { loadedBytes: number }) => onBytes(loadedBytes),
  };
  const blobHTTPHeaders = { blobContentType: 'application/octet-stream' };
  try {
    if (file.bytes <= SINGLE_PUT_BYTES) {
      const content = await readFile(file.local);
      const md5 = createHash('md5').update(content).digest();
      await blob.upload(content, content.length, {
        ...options,
        blobHTTPHeaders: { ...blobHTTPHeaders, ...(content.length > 0 && { blobContentMD5: md5 }) },
      });
    } else {
      await blob.uploadStream(createReadStream(file.local), BLOCK_BYTES, 4, {
        ...options,
        blobHTTPHeaders,
      });
    }
  } catch (error) {
    // Content-addressed: what is there under this name is the same file.
    const there = (error as { code?: string }).code === 'BlobAlreadyExists';
    if (!there) throw error;
  }
}

/** Tries once more by identity where the account refuses its keys. */
async function guarded<T>(
  scope: Scope,
  what: string,
  store: Datastore,
  work: (store: Datastore) => Promise<T>,
): Promise<T> {
  try {
    try {
      return await work(store);
    } catch (error) {
      if (store.proof === 'identity' || !keysRefused(error)) throw error;
      return await work(await byIdentity(scope, store));
    }
  } catch (error) {
    if (error instanceof AzureError) throw error;
    const failure = toFailure(error, what);
    const byOwnIdentity =
      failure.kind === 'forbidden' && (store.proof === 'identity' || keysRefused(error));
    throw new AzureError(
      byOwnIdentity
        ? {
            ...failure,
            advice:
              'The upload goes by your own identity: ask an owner for the role Storage Blob Data Contributor on the storage account ' +
              `${new URL(store.container.url).host.split('.')[0]}. A new role takes some minutes.`,
          }
        : failure,
      { cause: error },
    );
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

function sum(files: UploadFile[]): number {
  return files.reduce((all, file) => all + file.bytes, 0);
}
