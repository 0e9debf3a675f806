/**
 * Threads with an ONNX runtime, each of which holds several models. Starting a runtime takes longer
 * than loading a model, and threads beyond the number of cores would wait for one another anyway.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ThreadMessage, WorkerMessage } from './onnx-runner.js';

/** Blue and green have one each on any machine. Each holds the compiled runtime, some 50 MB. */
const MOST = Math.max(2, availableParallelism());

/** A model in a thread, as its runner hears of it. */
interface Tenant {
  message(message: WorkerMessage): void;
  /** An error that ends the thread; `exited` follows. */
  failed(error: Error): void;
  /** The thread has ended, and every model in it. */
  exited(code: number): void;
}

interface Place {
  readonly threadId: number;
  send(message: ThreadMessage): void;
  /** From now on the tenant hears nothing. Resolves when the thread no longer holds its model. */
  leave(): Promise<void>;
  /** No further model comes into this thread; it ends with its last one. */
  close(): void;
}

interface Thread {
  url: string;
  worker: Worker;
  tenants: Map<number, Tenant>;
}

/** Those that take another model. */
const open: Thread[] = [];
let lastPlace = 0;

/** @param alone in a thread of its own, which ends with it */
export function takePlace(workerUrl: URL, tenant: Tenant, alone = false): Place {
  const thread = alone ? startThread(workerUrl) : sharedThread(workerUrl);
  const { worker, tenants } = thread;
  const place = (lastPlace += 1);
  tenants.set(place, tenant);
  const endIfUnused = async () => {
    if (tenants.size === 0 && !open.includes(thread)) await worker.terminate();
  };
  return {
    threadId: worker.threadId,
    send: (message) => worker.postMessage({ ...message, place }),
    async leave() {
      await new Promise<void>((resolve) => {
        tenants.set(place, {
          message: ({ kind }) => void (kind === 'unloaded' && resolve()),
          failed: () => undefined,
          exited: () => resolve(),
        });
        worker.postMessage({ kind: 'unload', place });
      });
      tenants.delete(place);
      await endIfUnused();
    },
    close: () => leaveOut(thread),
  };
}

/** The one with the fewest models. */
function sharedThread(workerUrl: URL): Thread {
  const threads = open.filter(({ url }) => url === workerUrl.href);
  const [emptiest] = threads.sort((a, b) => a.tenants.size - b.tenants.size);
  if (emptiest && (emptiest.tenants.size === 0 || threads.length >= MOST)) return emptiest;
  const thread = startThread(workerUrl);
  open.push(thread);
  return thread;
}

function startThread(workerUrl: URL): Thread {
  const worker = new Worker(workerUrl, {
    // What the runtime prints must not reach the screen of whoever started the sandbox.
    stdout: true,
    stderr: true,
  });
  // The server keeps the process alive, not its models.
  worker.unref();
  worker.stdout.resume();
  worker.stderr.resume();
  const thread: Thread = { url: workerUrl.href, worker, tenants: new Map() };
  const each = (tell: (tenant: Tenant) => void) => [...thread.tenants.values()].forEach(tell);
  worker.on('message', (message: WorkerMessage) =>
    thread.tenants.get(message.place)?.message(message),
  );
  worker.on('error', (error) => each((tenant) => tenant.failed(error)));
  worker.on('exit', (code) => {
    leaveOut(thread);
    each((tenant) => tenant.exited(code));
  });
  return thread;
}

function leaveOut(thread: Thread): void {
  const at = open.indexOf(thread);
  if (at >= 0) open.splice(at, 1);
}
