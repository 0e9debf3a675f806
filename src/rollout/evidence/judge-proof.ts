/** What the gates say of a proof and what follows, for the screen and without one alike. */
import { decision, type Decision } from './gates/decision.js';
import type { Evidence } from './gates/evidence.js';
import { judge } from './gates/judge.js';
import { DEFAULT_GATES, GATE_NAMES, gateNeeds, type Gates } from './gates/settings.js';
import type { Verdict } from './gates/verdict.js';

export interface JudgedProof {
  verdicts: Verdict[];
  decision: Decision;
}

const OF_PROOF = GATE_NAMES.filter((gate) => gateNeeds(gate, 'rows', 'target', 'signature'));

/**
 * Where nothing is enforced, nothing is in the way.
 * @param stopped what the watch failed while rows were sent: it is the verdict of its gate, for it
 * stands whatever the rows say that were not sent any more
 */
export function judgeProof(
  evidence: Evidence,
  gates: Gates = DEFAULT_GATES,
  stopped: readonly Verdict[] = [],
): JudgedProof {
  const verdicts = judge(evidence, gates).map(
    (verdict) => stopped.find(({ gate }) => gate === verdict.gate) ?? verdict,
  );
  const any = verdicts.some(({ mode }) => mode === 'enforce');
  const enforced = any || OF_PROOF.some((gate) => gates[gate].mode === 'enforce');
  return { verdicts, decision: enforced ? decision(verdicts) : { do: 'promote' } };
}
