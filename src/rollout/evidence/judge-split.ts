/** What the probes sent so far say of the split that is really served. */
import type { SplitSeen } from './gates/evidence.js';
import { judge } from './gates/judge.js';
import { DEFAULT_GATES, type Gates } from './gates/settings.js';
import type { Verdict } from './gates/verdict.js';
import type { Probes } from './probe.js';

/** `undefined`: the plan has this gate off. */
export function judgeSplit(
  split: SplitSeen,
  { blue, green }: { blue: string; green: string },
  gates: Gates = DEFAULT_GATES,
): Verdict | undefined {
  return judge({ rows: [], blue, green, split }, gates).find(({ gate }) => gate === 'split');
}

/** Counts more probes in. */
export function withProbes(seen: SplitSeen, probes: Probes): SplitSeen {
  const served = { ...seen.served };
  for (const [name, hits] of Object.entries(probes.served)) {
    served[name] = (served[name] ?? 0) + hits;
  }
  return {
    ...seen,
    served,
    sent: seen.sent + probes.sent,
    failed: seen.failed + probes.failed,
  };
}
