/** Un-pinned requests: which deployment answers, so that the split is seen and not believed. */
import type { Endpoint, Workspace } from '../../azure/types.js';
import { judge } from './replay.js';

export interface Probes {
  sent: number;
  failed: number;
  /** Answers by the deployment that the response header names. */
  served: Record<string, number>;
  stopped?: 'aborted' | 'sign-in' | 'busy';
}

export interface ProbeOptions {
  workspace: Pick<Workspace, 'score'>;
  endpoint: Endpoint;
  /** Sent in turn. Real traffic, so one in flight. */
  bodies: readonly unknown[];
  count: number;
  runId: string;
  signal?: AbortSignal;
  onProbe?: (probes: Probes) => void;
}

/** Routers may choose per connection, so every second probe opens one of its own. Never rejects. */
export async function probe(options: ProbeOptions): Promise<Probes> {
  const { workspace, endpoint, bodies, count, runId, signal, onProbe } = options;
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
    onProbe?.({ ...probes, served: { ...probes.served } });
    if (answer.problem === 'sign-in') return { ...probes, stopped: 'sign-in' };
    if (answer.problem === 'busy') return { ...probes, stopped: 'busy' };
  }
  return probes;
}
