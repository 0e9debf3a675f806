/** Un-pinned probes until they fit the configured split, or don't; where they can't tell, metrics. */
import type { Endpoint, Workspace } from '../../azure/types.js';
import type { Clock } from '../clock.js';
import { failureOf } from '../errors.js';
import { decision } from '../evidence/gates/decision.js';
import type { SplitSeen } from '../evidence/gates/evidence.js';
import type { Gates } from '../evidence/gates/settings.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { judgeSplit, withProbes } from '../evidence/judge-split.js';
import { isNameless, probe } from '../evidence/probe.js';
import { GRACE_MS, METRICS_NOTE, splitByMetrics } from '../evidence/split-by-metrics.js';
import { end, type Emit } from './events.js';

export interface SplitOptions {
  workspace: Pick<Workspace, 'score' | 'metrics'>;
  endpoint: Endpoint;
  /** All of the endpoint. */
  deployments: readonly string[];
  /** When the present split was read back; epoch milliseconds. */
  since: number;
  /** Of Azure Monitor; see `splitByMetrics`. */
  lagMs?: number;
  blue: string;
  green: string;
  gates: Gates;
  bodies: readonly unknown[];
  /** Of the first look. */
  count: number;
  /** Probes that are left of the plan's; what is sent is taken off. */
  budget: { left: number };
  runId: string;
  clock: Clock;
  signal?: AbortSignal;
  emit: Emit;
}

export interface SplitProof {
  seen: SplitSeen;
  verdict?: Verdict;
  /** `inconclusive`: not proved, and nothing more can be sent. */
  result: 'fits' | 'wrong' | 'inconclusive';
}

export async function seeSplit(options: SplitOptions): Promise<SplitProof> {
  const first = await look(options);
  if (isNameless(first.seen)) return metered(options, first);
  if (first.result !== 'wrong') return first;
  await options.clock.delay(GRACE_MS, options.signal);
  return look(options);
}

async function look(options: SplitOptions): Promise<SplitProof> {
  const { endpoint, blue, green, gates, budget } = options;
  let seen: SplitSeen = { configured: endpoint.traffic, served: {}, sent: 0, failed: 0 };
  let { count } = options;
  for (;;) {
    const allowed = Math.min(count, budget.left);
    if (allowed > 0) seen = await ask(options, seen, allowed);
    const verdict = judgeSplit(seen, { blue, green }, gates);
    if (isNameless(seen)) return { seen, ...(verdict && { verdict }), result: 'inconclusive' };
    if (!verdict) return { seen, result: 'fits' };
    const next = decision([verdict]);
    if (verdict.mode !== 'enforce' || next.do === 'promote')
      return { seen, verdict, result: 'fits' };
    if (next.do === 'stop') return { seen, verdict, result: 'wrong' };
    if (next.do !== 'probe-more' || budget.left <= 0)
      return { seen, verdict, result: 'inconclusive' };
    count = next.probes;
  }
}

/** Requests as Azure Monitor counts them; what it can't tell stays inconclusive, and says why. */
async function metered(options: SplitOptions, nameless: SplitProof): Promise<SplitProof> {
  const { signal, emit } = options;
  emit({ event: 'note', message: METRICS_NOTE });
  try {
    const { seen, verdict, stopped } = await splitByMetrics(options);
    if (stopped) throw refused();
    const next = verdict && decision([verdict]).do;
    const fits = verdict?.mode !== 'enforce' || next === 'promote';
    const result = fits ? 'fits' : next === 'stop' ? 'wrong' : 'inconclusive';
    return { seen, ...(verdict && { verdict }), result };
  } catch (error) {
    if (signal?.aborted || !(error instanceof Error) || !('failure' in error)) throw error;
    const { message } = failureOf(error, 'read the live metrics');
    const { verdict, seen } = nameless;
    if (!verdict) return { seen, result: 'fits' };
    const why = `The answers do not name who served them, and Azure Monitor can't be read: ${message}`;
    const result = verdict.mode === 'enforce' ? 'inconclusive' : 'fits';
    return { seen, verdict: { ...verdict, verdict: 'error', why }, result };
  }
}

const refused = () =>
  end('access', 'The endpoint refused the key or token (401) while it was probed.');

async function ask(options: SplitOptions, seen: SplitSeen, count: number): Promise<SplitSeen> {
  const { workspace, endpoint, bodies, budget, runId, signal } = options;
  const probes = await probe({
    workspace,
    endpoint,
    bodies,
    count,
    runId,
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  budget.left -= Math.max(1, probes.sent);
  if (probes.stopped === 'sign-in') throw refused();
  return withProbes(seen, probes);
}
