/**
 * A few un-pinned probes now and then while green keeps its share, fed to the sequential test: a
 * router that comes to serve another split is found, however often one looks.
 */
import type { Endpoint, Workspace } from '../../azure/types.js';
import type { Clock } from '../clock.js';
import type { SplitSeen } from './gates/evidence.js';
import { withProbes } from './judge-split.js';
import { probe } from './probe.js';
import { sawProbe, startSplitWatch } from './statistics/sequential.js';

export interface SplitWatched {
  seen: SplitSeen;
  /** Valid at any time: small where the probes do not fit the configured split. */
  p: number;
}

export interface SplitWatchOptions {
  workspace: Pick<Workspace, 'score'>;
  endpoint: Endpoint;
  bodies: readonly unknown[];
  runId: string;
  /** No more than these are sent. */
  most: number;
  clock: Clock;
  signal: AbortSignal;
  /** After each pair of probes; `sent` and `served` are of that pair. */
  onProbes(watched: SplitWatched, sent: number, served: Record<string, number>): void;
}

/** One connection that is kept and one of its own: routers may choose per connection. */
const PAIR = 2;
/** Four probes a minute are little beside the traffic that is worth watching. */
export const PAIR_EVERY_MS = 30_000;

/** Ends when all are sent, when the endpoint refuses them, and with the signal. Never rejects. */
export async function watchSplit(options: SplitWatchOptions): Promise<void> {
  const { workspace, endpoint, bodies, runId, most, clock, signal, onProbes } = options;
  const names = Object.keys(endpoint.traffic).filter((name) => (endpoint.traffic[name] ?? 0) > 0);
  const total = names.reduce((sum, name) => sum + (endpoint.traffic[name] ?? 0), 0);
  let watch = startSplitWatch(names.map((name) => (endpoint.traffic[name] ?? 0) / total));
  let seen: SplitSeen = { configured: endpoint.traffic, served: {}, sent: 0, failed: 0 };
  let stranger = false;
  while (seen.sent + PAIR <= most && bodies.length > 0) {
    try {
      await clock.delay(PAIR_EVERY_MS, signal);
    } catch {
      return;
    }
    const from = seen.sent % bodies.length;
    const probes = await probe({
      workspace,
      endpoint,
      bodies: [...bodies.slice(from), ...bodies.slice(0, from)],
      count: PAIR,
      runId,
      signal,
    });
    for (const [name, count] of Object.entries(probes.served)) {
      const at = names.indexOf(name);
      stranger ||= at < 0;
      for (let each = 0; each < count && at >= 0; each += 1) watch = sawProbe(watch, at);
    }
    seen = withProbes(seen, probes);
    if (probes.sent > 0) {
      // A deployment without a share must answer nobody.
      onProbes({ seen, p: stranger ? 0 : watch.p }, probes.sent, probes.served);
    }
    if (signal.aborted || probes.stopped !== undefined) return;
  }
}
