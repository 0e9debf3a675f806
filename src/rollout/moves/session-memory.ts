/** What a session sent and judged, but another would do again. */
import type { Signature } from '../../sampling/signature.js';
import type { SessionFacts } from './facts.js';
import type { ProofSoFar } from './send-rows.js';
import type { SampledRows } from './rows.js';

export interface SessionMemory extends SessionFacts {
  proof?: ProofSoFar;
  rows: Map<string, Promise<SampledRows>>;
  /** What `azureml:NAME@latest` and `collected:24h` came to be. */
  places: Map<string, string>;
  signatures: Map<string, Promise<Signature | undefined>>;
  /** Notes on the rows that were told. */
  told: Set<string>;
  /** Nothing was in the way of the plan, and nobody was asked since. */
  checked?: boolean;
  /** Whether green has blue's autoscale, or there is none, was looked at. */
  autoscaled?: boolean;
}

export const newMemory = (startedAt: number, firstLine: number): SessionMemory => ({
  startedAt,
  firstLine,
  rows: new Map(),
  places: new Map(),
  signatures: new Map(),
  told: new Set(),
});
