/** What an instance of a deployment is made of: something that holds the model and answers. */
import type { ModelInput } from './request.js';

/** The model did not load: starting again would not help. */
export class Unloadable extends Error {
  override name = 'Unloadable';
}

/** It ended while it had this request. */
export class Crashed extends Error {
  override name = 'Crashed';
}

export interface ScoreJob {
  input: ModelInput;
  /** Waited before the model runs: the slow model of tests and demonstrations. */
  delayMs: number;
  /** End instead: the crashing model of tests and demonstrations. */
  crash?: boolean;
}

export interface RunnerAnswer {
  /** What a caller gets as JSON, or a RawJson. */
  value: unknown;
  /** Milliseconds in the model. */
  ms: number;
}

/** JSON as Python writes it, where JavaScript has no value for it (`NaN`, `Infinity`). */
export class RawJson {
  constructor(readonly text: string) {}
}

export interface ModelRunner {
  /** @throws Crashed, BadInput (the model refuses the input), or the model's own error */
  score(job: ScoreJob): Promise<RunnerAnswer>;
  /** Ends it; what it has now is rejected with Crashed. */
  close(): Promise<void>;
}

export interface RunnerEvents {
  /** A line for the container's log. */
  log(line: string): void;
  /** It has ended by itself after it was ready; `how` is e.g. `code 137`. */
  ended(how: string): void;
}

/** Resolves when the model is loaded. @throws Unloadable, also when `signal` calls it off */
export type StartRunner = (events: RunnerEvents, signal: AbortSignal) => Promise<ModelRunner>;
