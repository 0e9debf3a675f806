/** A thread with an ONNX runtime: it holds the models that runners load into it, and answers from them. */
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { fromTensor, toFeeds } from './tensors.js';
import type { LoadMessage, ScoreMessage, ThreadMessage, WorkerMessage } from './onnx-runner.js';

const port = parentPort;
if (port === null) throw new Error('scoring-worker is started by the sandbox, in a thread.');

const tell = (message: WorkerMessage) => port.postMessage(message);
const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

// V8 would compile the hot half of a 13 MB module a second time, and Node makes the thread wait for
// it: a second of silence at the first request, and 200 MB an instance, to save microseconds.
setFlagsFromString('--liftoff-only');
// It compiles a function when it is called; the thousands that never are need no check either.
setFlagsFromString('--wasm-lazy-validation');

/** A model that is loaded, or about to be. */
interface Held {
  /** What is asked of it no longer waits once this is aborted. */
  unloading: AbortController;
  loaded?: {
    session: InferenceSession;
    /** Names of the outputs that make the answer. */
    fetched: string[];
    load: LoadMessage;
  };
}

/** By their places in this thread. */
const models = new Map<number, Held>();

/** The runtime does one thing at a time, whichever model it is for. */
let last: Promise<unknown> = Promise.resolve();
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work);
  last = done.catch(() => undefined);
  return done;
}

port.on('message', ({ place, ...message }: ThreadMessage & { place: number }) => {
  if (message.kind === 'load') {
    models.set(place, { unloading: new AbortController() });
    void inTurn(() => hold(place, message));
  } else if (message.kind === 'unload') {
    models.get(place)?.unloading.abort();
    void inTurn(() => letGo(place));
  } else {
    score(place, message).catch((error: unknown) =>
      tell({ kind: 'failed', place, id: message.id, message: wordsOf(error) }),
    );
  }
});

async function hold(place: number, load: LoadMessage): Promise<void> {
  try {
    const { env, InferenceSession: Session } = await import('onnxruntime-web');
    // More threads would be child threads of a thread, and serve no model of this size.
    env.wasm.numThreads = 1;
    env.logLevel = 'error';
    const session = await Session.create(new Uint8Array(load.model), {
      executionProviders: ['wasm'],
    });
    const fetched = fetchedOf(load, session.outputMetadata);
    if (fetched instanceof Error) {
      await session.release();
      return tell({ kind: 'unlike', place, message: fetched.message });
    }
    models.get(place)!.loaded = { session, fetched, load };
    tell({ kind: 'ready', place });
  } catch (error) {
    tell({ kind: 'unloadable', place, message: wordsOf(error) });
  }
}

async function letGo(place: number): Promise<void> {
  await models.get(place)?.loaded?.session.release();
  models.delete(place);
  tell({ kind: 'unloaded', place });
}

/** The outputs that make the answer; an Error where the model has none of the kind. */
function fetchedOf(
  { answer, outputs }: LoadMessage,
  all: readonly InferenceSession.ValueMetadata[],
): string[] | Error {
  const tensors = all.filter((one) => one.isTensor);
  if (answer === 'labels') {
    const named = tensors.filter(({ name }) => outputs.includes(name));
    const chosen = named.length > 0 ? named : tensors.slice(0, 1);
    return chosen.map(({ name }) => name);
  }
  if (answer === 'probabilities') {
    const matrices = tensors.filter(({ type, shape }) => /^float/.test(type) && shape.length === 2);
    const found = matrices.find(({ name }) => /prob/i.test(name)) ?? matrices.at(-1);
    return found === undefined
      ? new Error(
          "The ONNX flavor gives its probabilities as a list of maps, which is not read here; convert the model with options={'zipmap': False}.",
        )
      : [found.name];
  }
  const other = all.find((one) => !one.isTensor);
  return other === undefined
    ? all.map(({ name }) => name)
    : new Error(`The ONNX model's output ${other.name} is no tensor, which is not read here.`);
}

async function score(place: number, { id, input, delayMs }: ScoreMessage): Promise<void> {
  const { unloading, loaded } = models.get(place)!;
  if (delayMs > 0) await delay(delayMs, undefined, { signal: unloading.signal });
  const { Tensor } = await import('onnxruntime-web');
  const { session, fetched, load } = loaded!;
  const scored = await inTurn(async () => {
    unloading.signal.throwIfAborted();
    const start = performance.now();
    const feeds = toFeeds(Tensor, session.inputMetadata, input, load.answer === 'frame');
    const results = await session.run(feeds, fetched);
    const inOrder = fetched.map((name) => results[name]!);
    const value = valueOf(load, inOrder, fetched, input.kind);
    return { value, ms: performance.now() - start };
  });
  tell({ kind: 'scored', place, id, ...scored });
}

function valueOf(
  { answer, isMatrix }: LoadMessage,
  results: Tensor[],
  names: string[],
  given: ScoreMessage['input']['kind'],
): unknown {
  if (answer === 'frame') {
    // MLflow's ONNX flavor answers a frame with a frame of flat columns, arrays with arrays.
    if (given !== 'table')
      return Object.fromEntries(results.map((result, of) => [names[of], fromTensor(result)]));
    const columns = results.map((result) => flat(fromTensor(result)));
    if (new Set(columns.map(({ length }) => length)).size > 1)
      throw new Error('ValueError: All arrays must be of the same length');
    return records(names, columns);
  }
  const [first] = results;
  if (results.length > 1)
    return records(
      names,
      results.map((one) => flat(fromTensor(one))),
    );
  // skl2onnx gives a column where scikit-learn gives a list.
  const isColumn = first!.dims.length === 2 && first!.dims[1] === 1;
  return answer === 'labels' && isColumn && !isMatrix
    ? flat(fromTensor(first!))
    : fromTensor(first!);
}

function flat(value: unknown): unknown[] {
  return Array.isArray(value) ? value.flat(Infinity) : [value];
}

/** Several outputs are answered as rows of a data frame. */
function records(names: readonly string[], columns: unknown[][]): unknown[] {
  const length = Math.max(0, ...columns.map((column) => column.length));
  return Array.from({ length }, (_, at) =>
    Object.fromEntries(names.map((name, of) => [name, columns[of]![at]])),
  );
}
