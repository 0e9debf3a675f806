/** Whether this identity may upload a model to where the workspace keeps its models. */
import type { DatastoreAccess, Workspace, WorkspaceInfo } from '../../azure/types.js';
import type { PreflightFinding } from './finding.js';

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
/** Both are of the role Storage Blob Data Contributor. */
const WRITING: readonly string[] = [`${BLOBS}/read`, `${BLOBS}/write`];
export const LIST_SECRETS =
  'Microsoft.MachineLearningServices/workspaces/datastores/listsecrets/action';
const ROLE = 'Storage Blob Data Contributor';
const what = 'storage';

/** @param missing which rights on the workspace this identity lacks */
export async function storageFinding(
  workspace: Workspace,
  info: WorkspaceInfo,
  missing: () => Promise<readonly string[]>,
  signal?: AbortSignal,
): Promise<PreflightFinding> {
  const store = await workspace.defaultDatastore(signal);
  const { name, account, credentials } = store;
  const place = `${name} on ${account}`;
  if (credentials !== 'identity') {
    if (!(await missing()).includes(LIST_SECRETS)) {
      const by = credentials === 'sas' ? 'a shared access signature' : 'the account key';
      return { state: 'ok', what, detail: `${place}: uploads are signed with ${by}` };
    }
  }
  const why =
    credentials === 'identity'
      ? 'keeps no key, so your own sign-in must write there'
      : 'keeps a key that this sign-in cannot read, so it must write with its own permissions';
  const allowed = await mayWrite(workspace, info, store, signal);
  if (allowed === true) {
    return { state: 'ok', what, detail: `${place} ${why}: allowed` };
  }
  return {
    state: allowed === false ? 'fail' : 'warn',
    what,
    detail: `${place} ${why}${allowed === false ? ': not allowed' : '; permission unknown'}.`,
    advice: `Ask an owner of the storage account for the role ${ROLE} on ${account}. A new role takes a few minutes.`,
    kind: 'forbidden',
  };
}

/** `undefined`: the service does not tell this identity. */
async function mayWrite(
  workspace: Workspace,
  { storageAccountId }: WorkspaceInfo,
  { account }: DatastoreAccess,
  signal: AbortSignal | undefined,
): Promise<boolean | undefined> {
  // A datastore may lie in another account than the workspace's own, of which only the name is known.
  const named = storageAccountId?.split('/').at(-1)?.toLowerCase() === account.toLowerCase();
  if (storageAccountId === undefined || !named) return undefined;
  try {
    return (await workspace.missingOnStorage(storageAccountId, WRITING, signal)).length === 0;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
