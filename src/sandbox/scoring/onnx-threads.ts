/**
 * Threads with an ONNX runtime that hold no model now. Loading the runtime takes longer than loading
 * a model, so a deployment that is deleted leaves its thread to the next one.
 */
import { Worker } from 'node:worker_threads';
import type { ThreadMessage, WorkerMessage } from './onnx-runner.js';

/** Each holds the compiled runtime, some 50 MB. */
const MOST_IDLE = 4;

const idle: { url: string; worker: Worker }[] = [];

/** One that holds no model: an idle one, or a new one. Nobody listens to it yet. */
export function takeThread(workerUrl: URL): Worker {
  const at = idle.findIndex(({ url }) => url === workerUrl.href);
  if (at >= 0) {
    const [kept] = idle.splice(at, 1);
    ignore(kept!.worker);
    return kept!.worker;
  }
  const worker = new Worker(workerUrl, {
    // What the runtime prints must not reach the screen of whoever started the sandbox.
    stdout: true,
    stderr: true,
  });
  // The server keeps the process alive, not its models.
  worker.unref();
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}

/** Takes the model from a thread and keeps it for another; ends it where enough are kept. */
export async function giveBack(workerUrl: URL, worker: Worker): Promise<void> {
  ignore(worker);
  const unloaded = await new Promise<boolean>((resolve) => {
    worker.once('message', ({ kind }: WorkerMessage) => resolve(kind === 'unloaded'));
    // An `exit` follows it.
    worker.on('error', () => undefined);
    worker.once('exit', () => resolve(false));
    worker.postMessage({ kind: 'unload' } satisfies ThreadMessage);
  });
  if (!unloaded || idle.length >= MOST_IDLE) return void (await worker.terminate());
  const kept = { url: workerUrl.href, worker };
  idle.push(kept);
  worker.once('exit', () => void (idle.includes(kept) && idle.splice(idle.indexOf(kept), 1)));
}

function ignore(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}
