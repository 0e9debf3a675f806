/** Registered models and their versions. */
import type { ModelVersion as WireVersion } from '@azure/arm-machinelearning';
import { inDatastore } from './datastore.js';
import { AzureError, toFailure } from './errors.js';
import { findPlace } from './model-place.js';
import { abortOption, doing, type Scope } from './scope.js';
import type { ModelContainer, ModelVersion } from './types.js';

export async function listModels(scope: Scope, signal?: AbortSignal): Promise<string[]> {
  const { resourceGroup, workspaceName } = scope.connection;
  return doing('list the models', async () => {
    const names: string[] = [];
    for await (const model of scope.client.modelContainers.list(resourceGroup, workspaceName, {
      listViewType: 'ActiveOnly',
      ...abortOption(signal),
    })) {
      if (model.name) names.push(model.name);
    }
    return names.sort();
  });
}

export async function modelContainer(
  scope: Scope,
  name: string,
  signal?: AbortSignal,
): Promise<ModelContainer | undefined> {
  const { resourceGroup, workspaceName } = scope.connection;
  return unlessAbsent(`read model ${name}`, async () => {
    const { properties } = await scope.client.modelContainers.get(
      resourceGroup,
      workspaceName,
      name,
      abortOption(signal),
    );
    return {
      name,
      nextVersion: properties.nextVersion ?? '1',
      ...(properties.latestVersion && { latestVersion: properties.latestVersion }),
    };
  });
}

/** Newest first. */
export async function listModelVersions(
  scope: Scope,
  name: string,
  signal?: AbortSignal,
  newest?: number,
): Promise<ModelVersion[]> {
  const { resourceGroup, workspaceName } = scope.connection;
  const found = await unlessAbsent(`list the versions of model ${name}`, async () => {
    const versions: ModelVersion[] = [];
    for await (const each of scope.client.modelVersions.list(resourceGroup, workspaceName, name, {
      listViewType: 'ActiveOnly',
      orderBy: 'createdtime desc',
      ...(newest !== undefined && { top: newest }),
      ...abortOption(signal),
    })) {
      versions.push(toVersion(name, each));
      if (versions.length === newest) break;
    }
    return versions;
  });
  return (found ?? []).sort(newestFirst);
}

export async function getModelVersion(
  scope: Scope,
  name: string,
  version: string,
  signal?: AbortSignal,
): Promise<ModelVersion | undefined> {
  const { resourceGroup, workspaceName } = scope.connection;
  return unlessAbsent(`read model ${name}:${version}`, async () =>
    toVersion(
      name,
      await scope.client.modelVersions.get(
        resourceGroup,
        workspaceName,
        name,
        version,
        abortOption(signal),
      ),
    ),
  );
}

export async function putModelVersion(
  scope: Scope,
  name: string,
  version: string,
  uri: string,
  extra: {
    description?: string;
    tags?: Record<string, string>;
    flavors?: Record<string, Record<string, string>>;
  } = {},
  signal?: AbortSignal,
): Promise<ModelVersion> {
  const { resourceGroup, workspaceName } = scope.connection;
  return doing(`register model ${name}:${version}`, async () =>
    toVersion(
      name,
      await scope.client.modelVersions.createOrUpdate(
        resourceGroup,
        workspaceName,
        name,
        version,
        {
          properties: {
            properties: {},
            tags: extra.tags ?? {},
            isAnonymous: false,
            isArchived: false,
            modelType: 'mlflow_model',
            modelUri: uri,
            ...(extra.description !== undefined && { description: extra.description }),
            ...(extra.flavors && {
              flavors: Object.fromEntries(
                Object.entries(extra.flavors).map(([flavor, data]) => [flavor, { data }]),
              ),
            }),
          },
        },
        abortOption(signal),
      ),
    ),
  );
}

/**
 * One file of a model; `undefined` when it is absent or has more than `most` bytes, or where the model
 * lies in a place that this workspace's datastores don't reach (a registry, another workspace).
 */
export async function readModelBytes(
  scope: Scope,
  uri: string,
  path: string,
  what: string,
  { most, signal }: { most?: number; signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array | undefined> {
  return unlessAbsent(what, async () => {
    const place = await findPlace(scope, uri, signal);
    if (!place) return undefined;
    return inDatastore(scope, place.datastore, { what, reads: true, signal }, async (store) => {
      const blob = store.container.getBlobClient(`${place.path}/${path}`);
      if (most !== undefined) {
        const { contentLength = Infinity } = await blob.getProperties(abortOption(signal));
        if (contentLength > most) return undefined;
      }
      return blob.downloadToBuffer(0, undefined, abortOption(signal));
    });
  });
}

/** The same as text. */
export async function readModelText(
  scope: Scope,
  uri: string,
  path: string,
  what: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const bytes = await readModelBytes(scope, uri, path, what, { signal });
  return bytes && new TextDecoder().decode(bytes);
}

/** `undefined` for a 404 of the thing itself. */
export async function unlessAbsent<T>(
  what: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const failure = toFailure(error, what);
    const gone =
      /ResourceGroupNotFound|SubscriptionNotFound|^ResourceNotFound$|AuthorizationFailed/;
    if (failure.status === 404 && !gone.test(failure.code ?? '')) return undefined;
    throw error instanceof AzureError ? error : new AzureError(failure, { cause: error });
  }
}

function toVersion(name: string, raw: WireVersion): ModelVersion {
  const { properties } = raw;
  const createdAt = raw.systemData?.createdAt;
  return {
    id: raw.id ?? '',
    name,
    version: raw.name ?? '',
    type: properties.modelType ?? 'custom_model',
    uri: properties.modelUri ?? '',
    ...(properties.description && { description: properties.description }),
    tags: Object.fromEntries(
      Object.entries(properties.tags ?? {}).map(([key, value]) => [key, value ?? '']),
    ),
    flavors: Object.keys(properties.flavors ?? {}),
    ...(createdAt && { createdAt: new Date(createdAt).toISOString() }),
  };
}

function newestFirst(a: ModelVersion, b: ModelVersion): number {
  const byTime = (b.createdAt ?? '').localeCompare(a.createdAt ?? '');
  return byTime || Number(b.version) - Number(a.version) || b.version.localeCompare(a.version);
}
