/** What a scoring worker is started with, told and tells. */
import type { ModelInput } from './request.js';

export interface WorkerStart {
  /** The ONNX file. Shared memory, so that instances of a deployment hold it once. */
  model: SharedArrayBuffer;
  /** Names of the signature's outputs; the model's first output where none of them is one. */
  outputs: string[];
}

export interface ScoreMessage {
  id: number;
  input: ModelInput;
  /** Waited before the model runs: the slow model of tests and demonstrations. */
  delayMs: number;
  /** End the thread instead: the crashing model of tests and demonstrations. */
  crash?: boolean;
}

export type WorkerMessage =
  | { kind: 'ready' }
  | { kind: 'unloadable'; message: string }
  | { kind: 'scored'; id: number; value: unknown; ms: number }
  | { kind: 'failed'; id: number; message: string };
