/**
 * One sandbox a state folder. The lock file names the process that serves and how to reach it; a
 * second start joins that one by holding a connection open (a lease), which keeps it serving. A lock
 * whose process is gone is replaced.
 */
import type { FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder, PRIVATE } from '../common/make-folder.js';
import type { SandboxInfo } from './info.js';
import { SandboxProblem } from './problems.js';

const LOCK_FILE = 'lock.json';
/** Milliseconds a start or an end may take before its lock counts as abandoned. */
const PATIENCE = 60_000;
const POLL = 25;

export interface LockContent {
  nonce: string;
  pid: number;
  phase: 'starting' | 'ready' | 'ending';
  /** Epoch milliseconds. */
  since: number;
  /** Where the control routes and leases are. */
  controlUrl?: string;
  /** What a caller of the control routes must show; local to this run. */
  token?: string;
  info?: SandboxInfo;
}

export interface OwnedLock {
  /** Says where the sandbox can be reached; false where the lock was lost to another start. */
  publish(reachable: { controlUrl: string; token: string; info: SandboxInfo }): boolean;
  /** From now on others wait instead of joining. */
  ending(): void;
  release(): void;
}

interface Joined {
  kind: 'joined';
  info: SandboxInfo;
  lease: Lease;
}

type Acquired = { kind: 'owned'; lock: OwnedLock } | Joined;

export async function acquire(dir: string, signal: AbortSignal): Promise<Acquired> {
  makeFolder(dir, PRIVATE);
  const file = join(dir, LOCK_FILE);
  for (;;) {
    signal.throwIfAborted();
    const mine: LockContent = {
      nonce: randomUUID(),
      pid: process.pid,
      phase: 'starting',
      since: Date.now(),
    };
    if (create(file, mine)) return { kind: 'owned', lock: owned(file, mine) };

    const found = read(file);
    if (found === undefined) continue;
    if (found.phase === 'ready') {
      const joining = await joined(found, dir, signal);
      if (joining !== undefined) return joining;
      // It may be about to end: only an unchanged lock is a stale one.
      const now = read(file);
      if (now?.nonce === found.nonce && now.phase === 'ready') takeAway(file, found.nonce);
      continue;
    }
    if (!isAlive(found.pid) || Date.now() - found.since > PATIENCE) takeAway(file, found.nonce);
    else await sleep(POLL, undefined, { signal });
  }
}

/** Joins the sandbox that serves this state now; undefined where none does. */
export async function joinReady(dir: string): Promise<Joined | undefined> {
  const found = read(join(dir, LOCK_FILE));
  if (found?.phase !== 'ready') return undefined;
  return joined(found, dir, new AbortController().signal);
}

/** @throws SandboxProblem where it lives and does not answer */
async function joined(
  { controlUrl, token, info, pid }: LockContent,
  dir: string,
  signal: AbortSignal,
): Promise<Joined | undefined> {
  const lease = await openLease(controlUrl!, token!, signal);
  if (typeof lease === 'object') return { kind: 'joined', info: info!, lease };
  if (lease === 'silent' && isAlive(pid)) {
    throw new SandboxProblem(
      `The sandbox that uses ${dir} (process ${pid}) does not answer. End that process, or choose another folder with --state-dir.`,
    );
  }
  return undefined;
}

function owned(file: string, mine: LockContent): OwnedLock {
  const isMine = () => read(file)?.nonce === mine.nonce;
  return {
    publish(reachable) {
      if (!isMine()) return false;
      replace(file, { ...mine, ...reachable, phase: 'ready' });
      return true;
    },
    ending() {
      if (isMine()) replace(file, { ...mine, phase: 'ending', since: Date.now() });
    },
    release() {
      if (isMine()) rmSync(file, { force: true });
    },
  };
}

/** False where there is a lock already. */
function create(file: string, content: LockContent): boolean {
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    try {
      writeFileSync(descriptor, JSON.stringify(content));
    } finally {
      closeSync(descriptor);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function replace(file: string, content: LockContent): void {
  const temporary = `${file}.${content.nonce}`;
  writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
  renameSync(temporary, file);
}

function read(file: string): LockContent | undefined {
  let text: string;
  let since: number;
  try {
    text = readFileSync(file, 'utf8');
    since = statSync(file).mtimeMs;
  } catch (error) {
    // Below a file there is none; a start says what to do.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined;
    throw error;
  }
  try {
    const content = JSON.parse(text) as LockContent;
    if (typeof content.nonce === 'string' && typeof content.pid === 'number') return content;
  } catch {
    // Handled below.
  }
  // Being written at this moment, or cut off by a full disk: then it counts as abandoned.
  const abandoned = Date.now() - since > 5_000;
  return { nonce: text, pid: abandoned ? 0 : process.pid, phase: 'starting', since };
}

/**
 * Removes a stale lock. Another start may have replaced it since it was read, therefore it is moved
 * first, looked at, and put back if it is not the one meant; whoever lost its lock in between finds
 * out when it publishes.
 */
function takeAway(file: string, nonce: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if (read(aside)?.nonce !== nonce) linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const LEASE_PATH = '/_sandbox/lease';
export const TOKEN_HEADER = 'x-sandbox-token';
/** Milliseconds until a sandbox that accepts connections but says nothing counts as silent. */
const ANSWER_WITHIN = 10_000;

interface Lease {
  /** Settles when the sandbox has ended. */
  ended: Promise<void>;
  close(): void;
}

/** `gone`: nobody there, or somebody else. `silent`: connected, no answer. */
function openLease(
  controlUrl: string,
  token: string,
  signal: AbortSignal,
): Promise<Lease | 'gone' | 'silent'> {
  return new Promise((resolve) => {
    const call = request(`${controlUrl}${LEASE_PATH}`, {
      agent: false,
      headers: { [TOKEN_HEADER]: token },
      signal,
    });
    const timer = setTimeout(() => {
      resolve('silent');
      call.destroy();
    }, ANSWER_WITHIN);
    call.on('error', () => {
      clearTimeout(timer);
      resolve('gone');
    });
    call.on('response', (response) => {
      clearTimeout(timer);
      if (response.statusCode !== 200) {
        resolve('gone');
        call.destroy();
        return;
      }
      const ended = new Promise<void>((end) => response.once('close', () => end()));
      response.on('error', () => undefined);
      response.resume();
      resolve({ ended, close: () => call.destroy() });
    });
    call.end();
  });
}

export interface Leases {
  count(): number;
  /** Called when the last lease has gone. */
  onLast(listener: () => void): void;
}

export function registerLeases(app: FastifyInstance): Leases {
  let count = 0;
  const listeners: (() => void)[] = [];
  app.get(LEASE_PATH, (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/plain' });
    reply.raw.write('joined\n');
    count += 1;
    reply.raw.once('close', () => {
      count -= 1;
      if (count === 0) for (const listener of listeners) listener();
    });
  });
  return { count: () => count, onLast: (listener) => void listeners.push(listener) };
}
