/** The thread of an ONNX runner: it holds the ONNX model and answers from it. */
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { fromTensor, toFeeds } from './tensors.js';
import type { ScoreMessage, WorkerMessage, WorkerStart } from './onnx-runner.js';

const port = parentPort;
if (port === null) throw new Error('scoring-worker is started by the sandbox, in a thread.');
const { model, outputs } = workerData as WorkerStart;

const tell = (message: WorkerMessage) => port.postMessage(message);
const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

// V8 would compile the hot half of a 13 MB module a second time, and Node makes the thread wait for
// it: a second of silence at the first request, and 200 MB an instance, to save microseconds.
setFlagsFromString('--liftoff-only');

try {
  const { env, InferenceSession, Tensor } = await import('onnxruntime-web');
  // More threads would be child threads of a thread, and serve no model of this size.
  env.wasm.numThreads = 1;
  env.logLevel = 'error';
  const session = await InferenceSession.create(new Uint8Array(model), {
    executionProviders: ['wasm'],
  });
  const named = outputs.filter((name) => session.outputNames.includes(name));
  const fetched = named.length > 0 ? named : session.outputNames.slice(0, 1);

  const score = async ({ id, input, delayMs }: ScoreMessage): Promise<void> => {
    if (delayMs > 0) await delay(delayMs);
    const start = performance.now();
    const feeds = toFeeds(Tensor, session.inputMetadata, input);
    const results = await session.run(feeds, fetched);
    const columns = fetched.map((name) => {
      const result = results[name];
      return result === undefined ? [] : fromTensor(result);
    });
    tell({
      kind: 'scored',
      id,
      value: columns.length === 1 ? columns[0] : records(fetched, columns),
      ms: performance.now() - start,
    });
  };

  port.on('message', (message: ScoreMessage) => {
    if (message.crash === true) process.exit(137);
    score(message).catch((error: unknown) =>
      tell({ kind: 'failed', id: message.id, message: wordsOf(error) }),
    );
  });
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'unloadable', message: wordsOf(error) });
}

/** Several outputs are answered as rows of a data frame. */
function records(names: readonly string[], columns: unknown[]): unknown[] {
  const length = Math.max(0, ...columns.map((column) => (column as unknown[]).length));
  return Array.from({ length }, (_, at) =>
    Object.fromEntries(names.map((name, of) => [name, (columns[of] as unknown[])[at]])),
  );
}
