/** Runs a model's ONNX file in a thread of this process. */
import type { Predictor } from './model-folder.js';
import {
  Crashed,
  type ModelRunner,
  type RunnerEvents,
  type ScoreJob,
  type RunnerAnswer,
  type StartRunner,
  Unloadable,
} from './runner.js';
import { takePlace } from './onnx-threads.js';
import type { ServedSignature } from './signature.js';

export interface LoadMessage {
  kind: 'load';
  /** The ONNX file. Shared memory, so that instances of a deployment hold it once. */
  model: SharedArrayBuffer;
  answer: OnnxAnswer;
  /** Names of the signature's outputs; the model's first output where none of them is one. */
  outputs: string[];
  /** Does the signature say that the answer is a matrix? A column of an ONNX model is one always. */
  isMatrix: boolean;
}

/**
 * What of an ONNX model is the answer of `mlflow.pyfunc` for the same folder: its first output, its
 * probabilities, or a frame of all outputs, as MLflow's own ONNX flavor gives.
 */
type OnnxAnswer = 'labels' | 'probabilities' | 'frame';

/**
 * How the ONNX file answers as the python_function flavor does.
 * @returns a sentence where it need not give the same answers
 */
export function onnxAnswer({ loader, predictFn, modelClass }: Predictor): OnnxAnswer | string[] {
  if (loader === 'mlflow.onnx') return 'frame';
  if (loader === 'mlflow.sklearn') {
    if (predictFn === 'predict') return 'labels';
    if (predictFn === 'predict_proba') return 'probabilities';
    return [`The model answers with ${predictFn}, which its ONNX flavor does not.`];
  }
  // A Booster answers with scores, what the scikit-learn interface wraps it in with labels.
  if (['mlflow.xgboost', 'mlflow.lightgbm'].includes(loader))
    return /\.sklearn\./.test(modelClass ?? '')
      ? 'labels'
      : [`The model is a ${modelClass ?? 'Booster'}, whose scores its ONNX flavor need not give.`];
  return [`The model is loaded by ${loader}, whose answers its ONNX flavor need not give.`];
}

export interface ScoreMessage extends ScoreJob {
  kind: 'score';
  id: number;
}

/** What the thread is told, of one of its models. */
export type ThreadMessage = LoadMessage | ScoreMessage | { kind: 'unload' };

/** What the thread tells of a model. */
export type WorkerMessage = { place: number } & (
  | { kind: 'ready' }
  /** It no longer holds the model. */
  | { kind: 'unloaded' }
  | { kind: 'unloadable'; message: string }
  /** Loaded, but it does not answer as mlflow.pyfunc would. */
  | { kind: 'unlike'; message: string }
  | { kind: 'scored'; id: number; value: unknown; ms: number }
  | { kind: 'failed'; id: number; message: string }
);

/** This ONNX file can not stand for the python_function flavor. */
export class UnlikePyfunc extends Unloadable {
  override name = 'UnlikePyfunc';
}

/**
 * @param workerUrl the bundled worker.ts
 * @param model the ONNX file; its copy in shared memory is held once by all instances
 * @returns rejects with UnlikePyfunc where the model's outputs are not what `answer` needs
 */
export function onnxRunner(
  workerUrl: URL,
  model: Uint8Array,
  answer: OnnxAnswer,
  signature: ServedSignature | undefined,
): StartRunner {
  const shared = new SharedArrayBuffer(model.byteLength);
  new Uint8Array(shared).set(model);
  const { outputs } = signature ?? {};
  const load: LoadMessage = {
    kind: 'load',
    model: shared,
    answer,
    outputs: outputNames(signature),
    isMatrix: outputs?.kind === 'tensors' && (outputs.tensors[0]?.shape.length ?? 1) > 1,
  };
  return (events, signal) => loadModel(workerUrl, load, events, signal);
}

/** The memory of a model of this size is given back with its thread, which alone can. */
const LARGE_BYTES = 16 * 1024 * 1024;

interface Waiting {
  resolve(scored: RunnerAnswer): void;
  reject(error: Error): void;
}

function loadModel(
  workerUrl: URL,
  load: LoadMessage,
  events: RunnerEvents,
  signal: AbortSignal,
): Promise<ModelRunner> {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let ready = false;
  let closed = false;

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
  const end = (how: string) => {
    closed = true;
    failAll('The container ended while it served this request.');
    events.ended(how);
  };
  return new Promise((resolve, reject) => {
    const place = takePlace(
      workerUrl,
      {
        message(message) {
          if (message.kind === 'ready') {
            ready = true;
            signal.removeEventListener('abort', callOff);
            resolve(runner);
          } else if (message.kind === 'unloadable' || message.kind === 'unlike') {
            const Kind = message.kind === 'unlike' ? UnlikePyfunc : Unloadable;
            reject(new Kind(message.message));
            // What a file that does not load leaves behind in the runtime is not known.
            if (message.kind === 'unloadable') place.close();
            void runner.close();
          } else if (message.kind !== 'unloaded') answer(message);
        },
        failed: (error) => events.log(`Exception in worker: ${error.message}`),
        exited(code) {
          signal.removeEventListener('abort', callOff);
          reject(
            new Unloadable(`The worker ended with exit code ${code} while it loaded the model.`),
          );
          if (ready && !closed) end(`code ${code}`);
          closed = true;
        },
      },
      load.model.byteLength > LARGE_BYTES,
    );
    const runner: ModelRunner = {
      score: ({ crash, ...job }: ScoreJob) =>
        new Promise((resolve, reject) => {
          const id = nextId++;
          waiting.set(id, { resolve, reject });
          if (crash !== true || closed) return place.send({ ...job, kind: 'score', id });
          // Its own container alone: the thread has other models.
          end('code 137');
          void place.leave();
        }),
      async close() {
        if (closed) return;
        closed = true;
        failAll('The instance was stopped.');
        await place.leave();
      },
    };
    const callOff = () => {
      void runner.close().then(() => reject(new Unloadable('The start was called off.')));
    };
    signal.addEventListener('abort', callOff, { once: true });
    if (signal.aborted) callOff();
    else place.send(load);
  });
}

/** Names of the signature's outputs, of which the worker fetches those that the model has. */
function outputNames(signature: ServedSignature | undefined): string[] {
  const { outputs } = signature ?? {};
  if (outputs === undefined) return [];
  return outputs.kind === 'columns'
    ? outputs.columns.map(({ name }) => String(name))
    : outputs.tensors.flatMap(({ name }) => (name === undefined ? [] : [name]));
}
