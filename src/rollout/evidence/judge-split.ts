/** What the probes sent so far say of the split that is really served. */
import type { SplitSeen } from './gates/evidence.js';
import { judge } from './gates/judge.js';
import type { Before } from './gates/live.js';
import { judgeLiveCapacity } from './gates/live-capacity.js';
import { judgeLiveErrors } from './gates/live-errors.js';
import { DEFAULT_GATES, type Gates } from './gates/settings.js';
import { allFailed, allFailedText } from './gates/split.js';
import { measuredRates } from './gates/measured.js';
import { counted, pp } from './gates/text.js';
import type { Verdict } from './gates/verdict.js';
import { summed, type Probes } from './probe.js';

/** `undefined`: the plan has this gate off. */
export function judgeSplit(
  split: SplitSeen,
  { blue, green }: { blue: string; green: string },
  gates: Gates = DEFAULT_GATES,
): Verdict | undefined {
  return judge({ rows: [], blue, green, split }, gates).find(({ gate }) => gate === 'split');
}

/**
 * Probes are live requests too, and tell of a green that fails where no user calls yet. By the gate
 * of live errors; `undefined` when it is off, none failed, or blue serves and was not met yet.
 * @param before what blue served at the steps before, where it serves nothing any more
 */
export function judgeProbeErrors(
  seen: SplitSeen,
  { blue, green }: { blue: string; green: string },
  gates: Gates = DEFAULT_GATES,
  before?: Before,
): Verdict | undefined {
  const { configured, served, errors = {} } = seen;
  const { mode, margin } = gates.liveErrors;
  if (mode === 'off') return undefined;
  if (allFailed(seen)) {
    return {
      gate: 'liveErrors',
      mode,
      verdict: 'fail',
      blue: '',
      green: counted(seen.failed, seen.sent),
      difference: 'all failed',
      limit: pp(margin),
      measured: measuredRates({ green: { hits: seen.failed, of: seen.sent } }, { limit: margin }),
      why: allFailedText(seen),
    };
  }
  if (Object.keys(errors).length === 0) return undefined;
  // Whether blue fails as often is not known before it was met once.
  if ((configured[blue] ?? 0) > 0 && (served[blue] ?? 0) === 0) return undefined;
  const of = (name: string) => ({
    requests: served[name] ?? 0,
    errors: errors[name] ?? 0,
    busy: 0,
  });
  const minutes = [{ at: '', blue: of(blue), green: of(green) }];
  const { alpha } = gates;
  return {
    gate: 'liveErrors',
    ...judgeLiveErrors(minutes, gates.liveErrors, alpha, { one: 'probe', before }),
  };
}

/**
 * A green that is too busy for probes is so for users. By the gate of live 429; `undefined` when it
 * is off, or green turned none away.
 */
function judgeProbesTurnedAway(
  { served, busy = {} }: SplitSeen,
  { green }: { green: string },
  gates: Gates,
): Verdict | undefined {
  const turnedAway = busy[green] ?? 0;
  if (gates.liveCapacity.mode === 'off' || turnedAway === 0) return undefined;
  const none = { requests: 0, errors: 0, busy: 0 };
  const requests = served[green] ?? 0;
  const minutes = [{ at: '', blue: none, green: { requests, errors: 0, busy: turnedAway } }];
  return {
    gate: 'liveCapacity',
    ...judgeLiveCapacity(minutes, gates.liveCapacity, gates.alpha, 'probe'),
  };
}

/** What probes say in all: of the split, and of a green that fails them or turns them away. */
export function withProbeErrors(
  split: Verdict | undefined,
  seen: SplitSeen,
  pair: { blue: string; green: string },
  gates: Gates = DEFAULT_GATES,
  before?: Before,
): Verdict[] {
  const errors = judgeProbeErrors(seen, pair, gates, before);
  const turnedAway = judgeProbesTurnedAway(seen, pair, gates);
  return [split, errors, turnedAway].filter((each) => each !== undefined);
}

/** Counts more probes in. */
export function withProbes(seen: SplitSeen, probes: Probes): SplitSeen {
  const errors = summed(seen.errors, probes.errors);
  const busy = summed(seen.busy, probes.busy);
  return {
    ...seen,
    served: summed(seen.served, probes.served),
    ...(Object.keys(errors).length > 0 && { errors }),
    ...(Object.keys(busy).length > 0 && { busy }),
    sent: seen.sent + probes.sent,
    failed: seen.failed + probes.failed,
    ...(probes.message !== undefined && { message: probes.message }),
  };
}
