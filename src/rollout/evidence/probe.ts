/** Un-pinned requests: which deployment answers, so that the split is seen and not believed. */
import type { Endpoint, Workspace } from '../../azure/types.js';
import { isFailure } from './gates/evidence.js';
import { judge } from './replay.js';

export interface Probes {
  sent: number;
  failed: number;
  /** Answers by the deployment that the response header names. */
  served: Record<string, number>;
  /** Of those, answers that are the deployment's failure. */
  errors?: Record<string, number>;
  /** `nameless`: answers come, and none tells who gave it, so that more would tell nothing either. */
  stopped?: 'aborted' | 'sign-in' | 'busy' | 'nameless';
}

export interface ProbeOptions {
  workspace: Pick<Workspace, 'score'>;
  endpoint: Endpoint;
  /** Sent in turn. Real traffic, so one in flight. */
  bodies: readonly unknown[];
  count: number;
  runId: string;
  /** Sent although answers name nobody: somebody else counts them. */
  counted?: 'elsewhere';
  signal?: AbortSignal;
  onProbe?: (probes: Probes) => void;
}

/** Good answers without a name after which no further one is expected to have one. */
const NAMELESS = 5;

/** Routers may choose per connection, so every second probe opens one of its own. Never rejects. */
export async function probe(options: ProbeOptions): Promise<Probes> {
  const { workspace, endpoint, bodies, count, runId, counted, signal, onProbe } = options;
  const probes: Probes = { sent: 0, failed: 0, served: {} };
  while (probes.sent < count && bodies.length > 0) {
    if (signal?.aborted) return { ...probes, stopped: 'aborted' };
    const scored = await workspace.score(endpoint, bodies[probes.sent % bodies.length], {
      clientRequestId: `amlr-${runId}-p${probes.sent}`,
      freshConnection: probes.sent % 2 === 1,
      ...(signal && { signal }),
    });
    if (signal?.aborted) return { ...probes, stopped: 'aborted' };
    const answer = judge(scored);
    probes.sent += 1;
    if (!answer.ok) probes.failed += 1;
    if (answer.deployment !== undefined) {
      probes.served[answer.deployment] = (probes.served[answer.deployment] ?? 0) + 1;
    }
    if (answer.deployment !== undefined && isFailure(answer)) {
      probes.errors = { ...probes.errors };
      probes.errors[answer.deployment] = (probes.errors[answer.deployment] ?? 0) + 1;
    }
    onProbe?.({ ...probes, served: { ...probes.served } });
    if (answer.problem === 'sign-in') return { ...probes, stopped: 'sign-in' };
    if (answer.problem === 'busy') return { ...probes, stopped: 'busy' };
    if (counted === undefined && isNameless(probes)) return { ...probes, stopped: 'nameless' };
  }
  return probes;
}

/** Whether the answers lack the response header `azureml-model-deployment`. */
export const isNameless = ({ sent, failed, served }: Omit<Probes, 'stopped'>): boolean =>
  sent - failed >= NAMELESS && Object.keys(served).length === 0;
