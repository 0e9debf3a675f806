/** Runs a model's ONNX file in a thread of this process. */
import { Worker } from 'node:worker_threads';
import {
  Crashed,
  type Runner,
  type RunnerEvents,
  type ScoreJob,
  type Scored,
  type StartRunner,
  Unloadable,
} from './runner.js';
import type { Signature } from './signature.js';

export interface WorkerStart {
  /** The ONNX file. Shared memory, so that instances of a deployment hold it once. */
  model: SharedArrayBuffer;
  /** Names of the signature's outputs; the model's first output where none of them is one. */
  outputs: string[];
}

export interface ScoreMessage extends ScoreJob {
  id: number;
}

export type WorkerMessage =
  | { kind: 'ready' }
  | { kind: 'unloadable'; message: string }
  | { kind: 'scored'; id: number; value: unknown; ms: number }
  | { kind: 'failed'; id: number; message: string };

/**
 * @param workerUrl the bundled worker.ts
 * @param model the ONNX file; its copy in shared memory is held once by all instances
 */
export function onnxRunner(
  workerUrl: URL,
  model: Uint8Array,
  signature: Signature | undefined,
): StartRunner {
  const shared = new SharedArrayBuffer(model.byteLength);
  new Uint8Array(shared).set(model);
  const start: WorkerStart = { model: shared, outputs: outputNames(signature) };
  return (events, signal) => startThread(workerUrl, start, events, signal);
}

interface Waiting {
  resolve(scored: Scored): void;
  reject(error: Error): void;
}

function startThread(
  workerUrl: URL,
  start: WorkerStart,
  events: RunnerEvents,
  signal: AbortSignal,
): Promise<Runner> {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let ready = false;
  let closed = false;
  const worker = new Worker(workerUrl, {
    workerData: start,
    // What the runtime prints must not reach the screen of whoever started the sandbox.
    stdout: true,
    stderr: true,
  });
  // The server keeps the process alive, not its models.
  worker.unref();
  worker.stdout.resume();
  worker.stderr.resume();

  const failAll = (why: string) => {
    for (const one of waiting.values()) one.reject(new Crashed(why));
    waiting.clear();
  };
  const answer = (message: Extract<WorkerMessage, { id: number }>) => {
    const one = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === 'scored') one?.resolve({ value: message.value, ms: message.ms });
    else one?.reject(new Error(message.message));
  };
  const runner: Runner = {
    score: (job: ScoreJob) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ ...job, id } satisfies ScoreMessage);
      }),
    async close() {
      closed = true;
      await worker.terminate();
      failAll('The instance was stopped.');
    },
  };
  return new Promise((resolve, reject) => {
    const callOff = () => void runner.close();
    signal.addEventListener('abort', callOff, { once: true });
    if (signal.aborted) callOff();
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') {
        ready = true;
        signal.removeEventListener('abort', callOff);
        resolve(runner);
      } else if (message.kind === 'unloadable') {
        reject(new Unloadable(message.message));
        void runner.close();
      } else answer(message);
    });
    worker.on('error', (error) => events.log(`Exception in worker: ${error.message}`));
    worker.on('exit', (code) => {
      signal.removeEventListener('abort', callOff);
      reject(new Unloadable(`The worker ended with exit code ${code} while it loaded the model.`));
      if (!ready || closed) return;
      failAll('The container ended while it served this request.');
      events.ended(`code ${code}`);
    });
  });
}

/** Names of the signature's outputs, of which the worker fetches those that the model has. */
function outputNames(signature: Signature | undefined): string[] {
  const { outputs } = signature ?? {};
  if (outputs === undefined) return [];
  return outputs.kind === 'columns'
    ? outputs.columns.map(({ name }) => String(name))
    : outputs.tensors.flatMap(({ name }) => (name === undefined ? [] : [name]));
}
