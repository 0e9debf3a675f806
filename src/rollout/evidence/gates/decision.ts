/** What to do next, from the verdicts of the enforced gates. */
import { gateNeeds } from './settings.js';
import type { Verdict } from './verdict.js';

export type Decision =
  /** All enforced gates passed. */
  | { do: 'promote' }
  /** Something is not known, and sending rows would not tell. */
  | { do: 'hold'; because: Verdict[] }
  /** Not known yet; this many more rows may tell. */
  | { do: 'send-more'; rows: number; because: Verdict[] }
  /** This many more un-pinned probes may tell. */
  | { do: 'probe-more'; probes: number; because: Verdict[] }
  | { do: 'stop'; because: Verdict[] };

/** Inconclusive never passes, and neither does a rollout of which nothing is known. */
export function decision(verdicts: readonly Verdict[]): Decision {
  const enforced = verdicts.filter(({ mode }) => mode === 'enforce');
  const failed = enforced.filter(({ verdict }) => verdict === 'fail');
  if (failed.length > 0) return { do: 'stop', because: failed };
  const open = enforced.filter(({ verdict }) => verdict !== 'pass');
  if (enforced.length === 0) return { do: 'hold', because: [] };
  if (open.length === 0) return { do: 'promote' };
  if (open.some(({ needsMoreRows }) => needsMoreRows === undefined)) {
    return { do: 'hold', because: open };
  }
  const most = (some: readonly Verdict[]) =>
    Math.max(0, ...some.map(({ needsMoreRows }) => needsMoreRows ?? 0));
  const rows = most(open.filter(({ gate }) => !gateNeeds(gate, 'probes')));
  return rows > 0
    ? { do: 'send-more', rows, because: open }
    : { do: 'probe-more', probes: most(open), because: open };
}
