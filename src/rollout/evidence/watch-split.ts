/**
 * A few un-pinned probes now and then while green keeps its share, fed to the sequential test: a
 * router that comes to serve another split is found, however often one looks.
 */
import type { Endpoint, Workspace } from '../../azure/types.js';
import type { Clock } from '../../common/clock.js';
import type { SplitSeen } from './gates/evidence.js';
import { TOLERANCE } from './gates/split.js';
import { withProbes } from './judge-split.js';
import { probe } from './probe.js';
import { shareOutside } from './statistics/sequential.js';

export interface SplitWatched {
  seen: SplitSeen;
  /** Valid at any time: small where the probes do not fit the configured split. */
  p: number;
}

interface SplitWatchOptions {
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

const PAIR = 2;
/** Four probes a minute are little beside the traffic that is worth watching. */
const PAIR_EVERY_MS = 30_000;

/** Ends when all are sent, when the endpoint refuses them, and with the signal. Never rejects. */
export async function watchSplit(options: SplitWatchOptions): Promise<void> {
  const { workspace, endpoint, bodies, runId, most, clock, signal, onProbes } = options;
  const names = Object.keys(endpoint.traffic).filter((name) => (endpoint.traffic[name] ?? 0) > 0);
  const total = names.reduce((sum, name) => sum + (endpoint.traffic[name] ?? 0), 0);
  let p = 1;
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
    stranger ||= Object.keys(probes.served).some((name) => !names.includes(name));
    seen = withProbes(seen, probes);
    const of = Object.values(seen.served).reduce((sum, count) => sum + count, 0);
    for (const name of names) {
      const share = (endpoint.traffic[name] ?? 0) / total;
      const evidence = shareOutside({ hits: seen.served[name] ?? 0, of }, share, TOLERANCE);
      p = Math.min(p, Math.exp(-evidence) * Math.max(1, names.length - 1));
    }
    if (probes.sent > 0) {
      // A deployment without a share must answer nobody.
      onProbes({ seen, p: stranger ? 0 : p }, probes.sent, probes.served);
    }
    const refused = probes.stopped !== undefined && probes.stopped !== 'busy';
    if (signal.aborted || refused) return;
  }
}
