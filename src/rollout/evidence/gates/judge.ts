/** All gates on one body of evidence. Pure. */
import { holm } from '../statistics/holm.js';
import { absoluteErrorFinding } from './absolute-error.js';
import { accuracyFinding } from './accuracy.js';
import { capacityFinding } from './capacity.js';
import { contractFinding } from './contract.js';
import { errorsFinding } from './errors.js';
import type { Evidence } from './evidence.js';
import { labelsFinding } from './labels.js';
import { latencyP95Finding } from './latency-p95.js';
import { latencyFinding } from './latency.js';
import { numbersFinding } from './numbers.js';
import { scoresFinding } from './scores.js';
import { DEFAULT_GATES, type GateMode, type GateName, type Gates } from './settings.js';
import { splitFinding } from './split.js';
import type { Finding, Outcome, Verdict } from './verdict.js';

type FindingOf = (evidence: Evidence, gates: Gates) => Finding | undefined;

/** In the order of the table. */
const GATES: readonly (readonly [GateName, FindingOf])[] = [
  ['contract', contractFinding],
  ['errors', errorsFinding],
  ['latency', latencyFinding],
  ['latencyP95', latencyP95Finding],
  ['capacity', capacityFinding],
  ['labels', labelsFinding],
  ['scores', scoresFinding],
  ['numbers', numbersFinding],
  ['accuracy', accuracyFinding],
  ['absoluteError', absoluteErrorFinding],
  ['split', splitFinding],
];

/**
 * @returns a verdict for each gate that is not off and has something to look at. Of the enforced
 * gates that a p-value fails, Holm keeps a wrong `fail` under alpha for all of them together; the
 * split has an error probability of its own.
 */
export function judge(evidence: Evidence, gates: Gates = DEFAULT_GATES): Verdict[] {
  const found = GATES.flatMap(([gate, findingOf]) => {
    const { mode } = gates[gate];
    const finding = mode === 'off' ? undefined : findingOf(evidence, gates);
    return finding ? [{ gate, mode, finding }] : [];
  });
  const together = found.filter(
    ({ gate, mode, finding }) => mode === 'enforce' && gate !== 'split' && finding.p !== undefined,
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
