/** Calls to the scoring URI. */
import type { AzureFailure } from './operation.js';

/** One call to the scoring URI, answered or not. Never holds a key. */
export interface Scored {
  status: number;
  /** Parsed JSON when it parses, else the text. Absent when no answer came. */
  body?: unknown;
  /** `azureml-model-deployment`: who answered. */
  deployment?: string;
  latencyMs: number;
  /** `x-ms-run-fn-exec-ms`: time inside the model, where the server says. */
  modelMs?: number;
  requestId?: string;
  /** What a refused or failed request was told, the model's own words where it has some; one line. */
  reason?: string;
  /** The container's own status behind a 424. */
  modelStatus?: number;
  /** Set when no HTTP answer came. */
  failure?: AzureFailure;
}

export interface ScoreOptions {
  /** Pin to one deployment by header, past the traffic rules. */
  deployment?: string;
  clientRequestId?: string;
  /** Use a connection of its own instead of a kept-alive one. */
  freshConnection?: boolean;
  signal?: AbortSignal;
}
