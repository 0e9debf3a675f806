/** Un-pinned probes until they fit the configured split, or don't. */
import type { Endpoint, Workspace } from '../../azure/types.js';
import type { Clock } from '../clock.js';
import { decision } from '../evidence/gates/decision.js';
import type { SplitSeen } from '../evidence/gates/evidence.js';
import type { Gates } from '../evidence/gates/settings.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { judgeSplit, withProbes } from '../evidence/judge-split.js';
import { probe } from '../evidence/probe.js';
import { end, type Emit } from './events.js';

export interface SplitOptions {
  workspace: Pick<Workspace, 'score'>;
  endpoint: Endpoint;
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
  /** `unclear`: not proved, and nothing more can be sent. */
  result: 'fits' | 'wrong' | 'unclear';
}

/** A router may still hand out the old split for a moment after Azure says that it is done. */
const GRACE_MS = 5_000;

export async function seeSplit(options: SplitOptions): Promise<SplitProof> {
  const first = await look(options);
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
    if (!verdict) return { seen, result: 'fits' };
    const next = decision([verdict]);
    if (verdict.mode !== 'enforce' || next.do === 'promote')
      return { seen, verdict, result: 'fits' };
    if (next.do === 'stop') return { seen, verdict, result: 'wrong' };
    if (next.do !== 'probe-more' || budget.left <= 0) return { seen, verdict, result: 'unclear' };
    count = next.probes;
  }
}

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
  if (probes.stopped === 'sign-in') {
    throw end('access', 'The endpoint refused the key or token (401) while it was probed.');
  }
  return withProbes(seen, probes);
}
