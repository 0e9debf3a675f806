/** What the sandbox keeps in its folder: its memory, a new one's names and ids, and its own log. */
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, PRIVATE } from '../common/make-folder.js';
import { replaceFile } from '../common/replace-file.js';
import { type SandboxConfig, type SandboxState, emptyState } from './model.js';

/** Raised when a change of `SandboxState` makes older files unreadable. */
const VERSION = 1;
const FILE = 'state.json';
export const BLOBS = 'blobs';
/** Milliseconds between a change and its way to the disk. */
const DEBOUNCE = 100;

interface StateStore {
  state: SandboxState;
  /** Sentences about what was found on disk. */
  notices: string[];
  /** Marks the state as changed. */
  save(): void;
  /** Writes at once what is not yet written; the last call before the end. */
  flush(): void;
}

interface StoreOptions {
  /** Starts over: what is there is removed. */
  fresh: boolean;
  create(): SandboxState;
  /** Brings to the disk what the state refers to, before the state itself. */
  beforeWrite(): Promise<void>;
  onError(error: Error): void;
}

export function openStateStore(dir: string, options: StoreOptions): StateStore {
  makeFolder(dir, PRIVATE);
  const file = join(dir, FILE);
  const notices: string[] = [];
  if (options.fresh) {
    for (const name of [FILE, BLOBS]) rmSync(join(dir, name), { recursive: true, force: true });
  }
  const found = read(file);
  if (typeof found === 'string') {
    const suffix = `.broken-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    // The blobs belong to that state: together they can be looked at, or restored, later.
    for (const name of [FILE, BLOBS]) {
      try {
        renameSync(join(dir, name), join(dir, `${name}${suffix}`));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    notices.push(
      `The sandbox's state in ${file} ${found}. It is kept as ${FILE}${suffix}, and the sandbox starts empty.`,
    );
  }
  const state = typeof found === 'object' ? found : options.create();

  let timer: NodeJS.Timeout | undefined;
  let dirty = false;
  let writing = false;
  let flushed = false;

  const write = async () => {
    timer = undefined;
    writing = true;
    dirty = false;
    const temporary = `${file}.tmp`;
    try {
      const text = serialize(state);
      await options.beforeWrite();
      const handle = await open(temporary, 'w', 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      // A flush in the meantime wrote what is newer.
      if (flushed) return;
      await rename(temporary, file);
    } catch (error) {
      options.onError(error as Error);
    } finally {
      writing = false;
      if (dirty) schedule();
    }
  };
  const schedule = () => {
    if (!writing) timer ??= setTimeout(() => void write(), DEBOUNCE);
  };

  const store: StateStore = {
    state,
    notices,
    save() {
      dirty = true;
      schedule();
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      flushed = true;
      if (dirty || writing) replaceFile(file, serialize(state));
      dirty = false;
    },
  };
  if (typeof found !== 'object') {
    replaceFile(file, serialize(state));
  }
  return store;
}

function serialize(state: SandboxState): string {
  return JSON.stringify({ version: VERSION, state });
}

/** A sentence part says what is wrong with the file; undefined: there is none. */
function read(file: string): SandboxState | string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  let content: { version?: unknown; state?: SandboxState } | null;
  try {
    content = JSON.parse(text) as typeof content;
  } catch {
    return 'is not valid JSON';
  }
  if (content?.version !== VERSION) return 'was written by another version of aml-rollout';
  const { state } = content;
  if (typeof state?.config?.storageKey !== 'string' || typeof state.endpoints !== 'object')
    return 'lacks parts';
  return state;
}

export interface WorkspaceChoices {
  location?: string | undefined;
  cloud?: NonNullable<SandboxConfig['cloud']> | undefined;
}

const DEFAULT_LOCATION = 'westeurope';

export function newWorkspace(choices: WorkspaceChoices): SandboxState {
  const workspaceId = randomUUID();
  return emptyState({
    subscriptionId: randomUUID(),
    tenantId: randomUUID(),
    resourceGroup: 'rg-sandbox',
    workspaceName: 'sandbox',
    location: choices.location ?? DEFAULT_LOCATION,
    workspaceId,
    storageAccount: `stsandbox${randomBytes(5).toString('hex')}`,
    storageKey: randomBytes(64).toString('base64'),
    containerName: `azureml-blobstore-${workspaceId}`,
    cloud: choices.cloud ?? 'public',
  });
}

const LIMIT = 5_000_000;

export interface LogFile {
  path: string;
  line(text: string): void;
}

export function openLog(path: string): LogFile {
  try {
    if (statSync(path).size > LIMIT) renameSync(path, `${path}.1`);
  } catch {
    // There is none yet.
  }
  return {
    path,
    line(text) {
      const oneLine = text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
      try {
        appendFileSync(path, `${new Date().toISOString()} ${oneLine}\n`, { mode: 0o600 });
      } catch {
        // A full disk must not stop the sandbox.
      }
    },
  };
}
