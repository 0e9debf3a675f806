/** The workspace's blob containers, and how this identity may write there. */
import {
  AnonymousCredential,
  BlobServiceClient,
  type ContainerClient,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { AzureError, toFailure } from './errors.js';
import { abortOption, doing, type Scope } from './scope.js';
import { retryStorage } from './storage-retry.js';
import type { DatastoreAccess } from './types.js';

/** A container of blobs, and by which proof this identity may use it. */
export interface Datastore {
  name: string;
  container: ContainerClient;
  proof: 'account-key' | 'sas' | 'identity';
}

interface BlobStore {
  name: string;
  accountName: string;
  containerName: string;
  credentials: string;
  url: string;
}

/** How long a datastore stays open: its keys may be replaced, and its SAS ends. */
const OPEN_MS = 10 * 60_000;

interface Opened {
  store: Datastore;
  at: number;
}

/** By name; the default one has none. */
const opened = new WeakMap<Scope, Map<string | undefined, Opened>>();

async function openDatastore(
  scope: Scope,
  name: string | undefined,
  signal?: AbortSignal,
): Promise<Datastore> {
  const what = name ? `open datastore ${name}` : 'open the default datastore';
  return doing(what, async () => {
    const found = await findDatastore(scope, name, what, signal);
    const { client, proof } = await openService(scope, found, signal);
    return { name: found.name, container: client.getContainerClient(found.containerName), proof };
  });
}

/** How the default datastore lets one in; nothing of it is opened, and no secret asked for. */
export async function defaultDatastore(
  scope: Scope,
  signal?: AbortSignal,
): Promise<DatastoreAccess> {
  const what = 'read the default datastore';
  return doing(what, async () => {
    const { name, accountName, credentials } = await findDatastore(scope, undefined, what, signal);
    return { name, account: accountName, credentials: CREDENTIALS[credentials] ?? 'account-key' };
  });
}

const CREDENTIALS: Partial<Record<string, DatastoreAccess['credentials']>> = {
  AccountKey: 'account-key',
  Sas: 'sas',
  None: 'identity',
  ServicePrincipal: 'service-principal',
  Certificate: 'service-principal',
};

async function findDatastore(
  scope: Scope,
  name: string | undefined,
  what: string,
  signal: AbortSignal | undefined,
): Promise<BlobStore> {
  const { resourceGroup, workspaceName } = scope.connection;
  const { datastores } = scope.client;
  let found;
  if (name) {
    found = await datastores.get(resourceGroup, workspaceName, name, abortOption(signal));
  } else {
    for await (const each of datastores.list(resourceGroup, workspaceName, {
      isDefault: true,
      count: 30,
      orderByAsc: false,
      ...abortOption(signal),
    })) {
      if (each.properties.isDefault) {
        found = each;
        break;
      }
    }
  }
  const properties = found?.properties;
  const type = properties?.datastoreType;
  // A data lake answers as blobs too, and is only ever named to read from.
  const lake = name !== undefined && type === 'AzureDataLakeGen2';
  if (!found?.name || !properties || !(type === 'AzureBlob' || lake)) {
    throw new AzureError({
      kind: 'invalid',
      what,
      message: found
        ? `${found.name} is not a blob datastore.`
        : 'The workspace has no default datastore.',
      advice:
        name === undefined
          ? 'Set a blob datastore as the default in Azure ML studio.'
          : 'Name a datastore of blobs or of a data lake (Gen2).',
      retrySafe: false,
    });
  }
  const blob = properties as typeof properties & {
    accountName?: string;
    containerName?: string;
    filesystem?: string;
    endpoint?: string;
    protocol?: string;
  };
  const suffix = blob.endpoint ?? scope.cloud.storageSuffix;
  return {
    name: found.name,
    accountName: blob.accountName ?? '',
    containerName: blob.containerName ?? blob.filesystem ?? '',
    credentials: blob.credentials.credentialsType,
    url: `${blob.protocol ?? 'https'}://${blob.accountName}.blob.${suffix}`,
  };
}

/**
 * Works in the named datastore, or in the default one; once more by identity where the account
 * refuses its keys, once more with new credentials where those at hand are no longer valid, and
 * some times more where it is busy or what it sends is cut.
 */
export async function inDatastore<T>(
  scope: Scope,
  name: string | undefined,
  { what, reads, signal }: { what: string; reads: boolean; signal?: AbortSignal | undefined },
  work: (store: Datastore) => Promise<T>,
): Promise<T> {
  const known = opened.get(scope) ?? new Map<string | undefined, Opened>();
  opened.set(scope, known);
  const before = known.get(name);
  const isOpen = before !== undefined && scope.clock.now() - before.at < OPEN_MS;
  const open = async (): Promise<Datastore> => {
    const store = await openDatastore(scope, name, signal);
    const entry = { store, at: scope.clock.now() };
    known.set(name, entry).set(store.name, entry);
    return store;
  };
  let store = isOpen ? before.store : await open();
  let renewed = false;
  try {
    return await retryStorage(() => work(store), {
      clock: scope.clock,
      signal,
      async renew(error) {
        if (store.proof !== 'identity' && keysRefused(error)) store = byIdentity(scope, store);
        else if (hasLapsed(error) && !renewed) {
          renewed = true;
          store = await open();
        } else return false;
        return true;
      },
    });
  } catch (error) {
    known.clear();
    if (error instanceof AzureError) throw error;
    const failure = toFailure(error, what);
    const byOwnIdentity =
      failure.kind === 'forbidden' && (store.proof === 'identity' || keysRefused(error));
    const account = new URL(store.container.url).host.split('.')[0];
    const role = `Storage Blob Data ${reads ? 'Reader' : 'Contributor'}`;
    throw new AzureError(
      byOwnIdentity
        ? {
            ...failure,
            advice: `${reads ? 'The data is read' : 'The upload goes'} by your own identity: ask an owner for the role ${role} on the storage account ${account}. A new role takes a few minutes.`,
          }
        : failure,
      { cause: error },
    );
  }
}

/** The same container by this person's own identity, where the account's keys are refused. */
function byIdentity(scope: Scope, store: Datastore): Datastore {
  const url = new URL(store.container.url);
  const client = new BlobServiceClient(url.origin, scope.tokens, storageOptions(scope));
  return {
    name: store.name,
    container: client.getContainerClient(store.container.containerName),
    proof: 'identity',
  };
}

/** What a refused request to storage means; the codes are Azure Storage's. */
function codesOf(error: unknown): unknown[] {
  const { code, details } = (error ?? {}) as { code?: unknown; details?: { errorCode?: unknown } };
  // An answer to HEAD has its code in a header only.
  return [code, details?.errorCode];
}

const keysRefused = (error: unknown): boolean =>
  codesOf(error).includes('KeyBasedAuthenticationNotPermitted');

const statusOf = (error: unknown): unknown =>
  (error as { statusCode?: unknown } | undefined)?.statusCode;

/** A key was replaced since it was read, a SAS has ended, or a token: what one gets now is valid. */
const hasLapsed = (error: unknown): boolean =>
  statusOf(error) === 401 || codesOf(error).includes('AuthenticationFailed');

function storageOptions(scope: Scope): object {
  return {
    // Honoured, though not in the type.
    agent: scope.transport.agent,
    userAgentOptions: { userAgentPrefix: 'aml-rollout' },
    retryOptions: { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 8000 },
  };
}

async function openService(
  scope: Scope,
  { name, url, accountName, credentials }: BlobStore,
  signal: AbortSignal | undefined,
): Promise<{ client: BlobServiceClient; proof: Datastore['proof'] }> {
  const options = storageOptions(scope);
  if (credentials !== 'None') {
    const secrets = await listSecrets(scope, name, signal);
    if (secrets?.secretsType === 'AccountKey' && secrets.key) {
      const key = new StorageSharedKeyCredential(accountName, secrets.key);
      return { client: new BlobServiceClient(url, key, options), proof: 'account-key' };
    }
    if (secrets?.secretsType === 'Sas' && secrets.sasToken) {
      const sas = secrets.sasToken.replace(/^\?/, '');
      const client = new BlobServiceClient(`${url}?${sas}`, new AnonymousCredential(), options);
      return { client, proof: 'sas' };
    }
  }
  return { client: new BlobServiceClient(url, scope.tokens, options), proof: 'identity' };
}

/** `undefined` where the secrets may not be read: then the person's own identity has to do. */
async function listSecrets(
  scope: Scope,
  name: string,
  signal: AbortSignal | undefined,
): Promise<{ secretsType: string; key?: string; sasToken?: string } | undefined> {
  const { resourceGroup, workspaceName } = scope.connection;
  try {
    return await scope.client.datastores.listSecrets(
      resourceGroup,
      workspaceName,
      name,
      abortOption(signal),
    );
  } catch (error) {
    const { status } = toFailure(error, 'read the datastore secrets');
    if (status !== undefined && status >= 400 && status < 500 && status !== 401) return undefined;
    throw error;
  }
}
