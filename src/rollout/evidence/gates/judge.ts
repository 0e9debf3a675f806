/** All gates on one body of evidence. Pure. */
import { holm } from '../statistics/proportions.js';
import type { Evidence } from './evidence.js';
import type { Finding, GateMode, LiveGate, Outcome, ReplayGate } from './gate.js';
import type { LiveMinute } from './live.js';
import { REGISTRY } from './registry.js';
import { commonOf, DEFAULT_GATES, gateNeeds, type GateName, type Gates } from './settings.js';
import type { Verdict } from './verdict.js';

// Each gate is handed its own settings, which the compiler can't follow through the list.
const GATES = REGISTRY as readonly unknown[] as readonly (
  ReplayGate<GateName> | LiveGate<GateName>
)[];

/**
 * @returns a verdict for each gate that is not off and has something to look at. Of the enforced
 * gates that a p-value fails, Holm keeps a wrong `fail` under alpha for all of them together; the
 * split has an error probability of its own.
 */
export function judge(evidence: Evidence, gates: Gates = DEFAULT_GATES): Verdict[] {
  const common = commonOf(gates);
  const found = GATES.flatMap((gate) => {
    const settings = gates[gate.id];
    if (gate.needs === 'minutes' || settings.mode === 'off') return [];
    const finding = gate.judge(evidence, settings, common);
    return finding ? [{ gate: gate.id, mode: settings.mode, finding }] : [];
  });
  const together = found.filter(
    ({ gate, mode, finding }) =>
      mode === 'enforce' && !gateNeeds(gate, 'probes') && finding.p !== undefined,
  );
  const adjusted = holm(together.map(({ finding }) => finding.p ?? 1));
  return found.map((each) => {
    const at = together.indexOf(each);
    const p = at >= 0 ? adjusted[at] : each.finding.p;
    return verdictOf(each.gate, each.mode, each.finding, p, gates.alpha);
  });
}

export function verdictOf(
  gate: GateName,
  mode: GateMode,
  finding: Finding,
  p: number | undefined,
  alpha: number,
): Verdict {
  const { live, fresh, difference, limit, needsMoreRows, why } = finding;
  const verdict: Outcome =
    finding.outcome !== 'by-p' ? finding.outcome : (p ?? 1) < alpha ? 'fail' : 'inconclusive';
  return {
    gate,
    mode,
    verdict,
    live,
    fresh,
    difference,
    limit,
    ...(verdict === 'inconclusive' && needsMoreRows !== undefined && { needsMoreRows }),
    why: why(verdict),
  };
}

/** @param minutes in order; all since green has the present share. */
export function judgeLive(minutes: readonly LiveMinute[], gates: Gates = DEFAULT_GATES): Verdict[] {
  const common = commonOf(gates);
  return GATES.flatMap((gate) => {
    const settings = gates[gate.id];
    return gate.needs === 'minutes' && settings.mode !== 'off'
      ? [{ gate: gate.id, ...gate.judge(minutes, settings, common) }]
      : [];
  });
}
