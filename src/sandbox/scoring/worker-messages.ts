/** What a scoring worker is started with, told and tells. */
import type { ScoreJob } from './runner.js';

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
