/**
 * Who is really served where the answers do not say: an endpoint may leave the response header
 * `azureml-model-deployment` out. Azure Monitor counts requests by deployment too, whole minutes
 * and some minutes late. Source: Microsoft's "Supported metrics for Microsoft.MachineLearningServices/
 * workspaces/onlineEndpoints", metric RequestsPerMinute with the dimension deployment.
 */
import type { Endpoint, MinuteMetrics, Workspace } from '../../azure/types.js';
import type { Clock } from '../../common/clock.js';
import { shareOf } from '../../common/split.js';
import { decision } from './gates/decision.js';
import type { SplitSeen } from './gates/evidence.js';
import type { Gates } from './gates/settings.js';
import type { Verdict } from './gates/verdict.js';
import { judgeSplit } from './judge-split.js';
import { probe, type Probes } from './probe.js';
import { firstWholeMinute, LAG_MS, MINUTE_MS } from './watch.js';

/** A router may still hand out the old split for a moment after Azure says that it is done. */
export const GRACE_MS = 5_000;
/** Between two looks at minutes that are late. */
const LOOK_MS = 30_000;
/** Azure Monitor that is so much later than it says counts nothing any more. */
const PATIENCE_MS = 10 * MINUTE_MS;

interface MetricsSplitOptions {
  workspace: Pick<Workspace, 'score' | 'metrics'>;
  endpoint: Endpoint;
  /** All of the endpoint: one without a share must count nothing. */
  deployments: readonly string[];
  blue: string;
  green: string;
  gates: Gates;
  /** When the present split was read back; epoch milliseconds. */
  since: number;
  bodies: readonly unknown[];
  /** Probes of the first look, so that there is something to count without live users too. */
  count: number;
  /** Probes that are left of the plan's; what is sent is taken off. */
  budget: { left: number };
  runId: string;
  clock: Clock;
  /** Milliseconds after its end until Azure Monitor tells a minute; 3 minutes. */
  lagMs?: number;
  signal?: AbortSignal;
  onProbe?: (probes: Probes) => void;
}

interface MetricsSplit {
  seen: SplitSeen;
  /** `undefined`: the plan has this gate off. */
  verdict?: Verdict;
  /** The key or token was refused; nothing more was sent. */
  stopped?: 'sign-in';
}

/**
 * Counts all requests, users' and probes', in the whole minutes since the change, and sends more
 * probes while that is too few. Somebody who pins a deployment by header is counted too: the
 * metrics can't tell them apart. Takes some two minutes more than the lag.
 * Rejects when Azure Monitor can't be read, and with the signal's reason.
 */
export async function splitByMetrics(options: MetricsSplitOptions): Promise<MetricsSplit> {
  const { endpoint, blue, green, gates, budget, clock, since, signal } = options;
  const from = firstWholeMinute(since + GRACE_MS);
  const probes = { sent: 0, failed: 0 };
  let { count } = options;
  for (;;) {
    await until(from, clock, signal);
    const { sent, failed, stopped } = await sendProbes(options, Math.min(count, budget.left));
    budget.left -= sent;
    probes.sent += sent;
    probes.failed += failed;
    const served = await countedUntil(options, from, firstWholeMinute(clock.now()), probes.sent);
    const requests = Object.values(served).reduce((sum, each) => sum + each, 0);
    const seen: SplitSeen = {
      configured: endpoint.traffic,
      served,
      sent: requests,
      failed: 0,
      source: 'metrics',
    };
    const verdict = judgeSplit(seen, { blue, green }, gates);
    const next = verdict && decision([verdict]);
    const over = stopped !== undefined || next?.do !== 'probe-more' || budget.left <= 0;
    if (over) {
      return {
        seen,
        ...(verdict && { verdict }),
        ...(stopped === 'sign-in' && { stopped }),
      };
    }
    count = next.probes;
  }
}

function sendProbes(options: MetricsSplitOptions, count: number): Promise<Probes> {
  const { workspace, endpoint, bodies, runId, signal, onProbe } = options;
  return probe({
    workspace,
    endpoint,
    bodies,
    count,
    runId,
    counted: 'elsewhere',
    ...(signal && { signal }),
    ...(onProbe && { onProbe }),
  });
}

/** Requests by deployment in `[from, to)`, once Azure Monitor tells at least `expected` of them. */
async function countedUntil(
  { workspace, endpoint, deployments, clock, lagMs = LAG_MS, signal }: MetricsSplitOptions,
  from: number,
  to: number,
  expected: number,
): Promise<Record<string, number>> {
  // Copies of live requests are counted like requests, and belong to no split.
  const names = deployments.filter((name) => shareOf(endpoint.mirrorTraffic, name) === 0);
  await until(to + lagMs, clock, signal);
  for (;;) {
    const minutes = await workspace.metrics(
      endpoint,
      names,
      new Date(from),
      new Date(to),
      ...(signal ? [signal] : []),
    );
    const served = requestsIn(minutes, from, to);
    const told = Object.values(served).reduce((sum, each) => sum + each, 0);
    if (told >= expected || clock.now() > to + lagMs + PATIENCE_MS) return served;
    await clock.delay(LOOK_MS, signal);
  }
}

/** Requests by deployment in the minutes that begin in `[from, to)`; epoch milliseconds. */
export function requestsIn(
  minutes: readonly MinuteMetrics[],
  from: number,
  to: number,
): Record<string, number> {
  const served: Record<string, number> = {};
  for (const { at, deployment, requests } of minutes) {
    const began = Date.parse(at);
    if (requests === 0 || began < from || began >= to) continue;
    served[deployment] = (served[deployment] ?? 0) + requests;
  }
  return served;
}

async function until(time: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const left = time - clock.now();
  if (left > 0) await clock.delay(left, signal);
  signal?.throwIfAborted();
}

/** What a person is told before the wait. */
export const METRICS_NOTE =
  'The answers do not name who served them (header azureml-model-deployment), so Azure Monitor counts the requests of each deployment instead. Azure Monitor is up to 3 min late, so this takes about 5 min.';
