/** All gates on one body of evidence. Pure. */
import { holm } from '../statistics/proportions.js';
import { answeredPairs, askedPairs, firstPairs, type Evidence } from './evidence.js';
import {
  errorFinding,
  type GateFinding,
  type GateMode,
  type Levels,
  type LiveGate,
  type GateOutcome,
  type ReplayGate,
} from './gate.js';
import type { Before, LiveMinute } from './live.js';
import { REGISTRY, type GateName } from './registry.js';
import { commonOf, DEFAULT_GATES, gateNeeds, type Gates } from './settings.js';
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
  const timed = hasModelTimes(evidence);
  const basic = { ...commonOf(gates), ...(!timed && { measure: 'wall' as const }) };
  const untimed = !timed && gates.latency.measure === 'model';
  const found = GATES.flatMap((gate) => {
    const settings = gates[gate.id];
    if (gate.needs === 'minutes' || settings.mode === 'off') return [];
    const own = untimed && gate.id === 'latency' ? { ...settings, measure: 'wall' } : settings;
    const common = { ...basic, ...levelsOf(gate, evidence, gates) };
    const judged = gate.judge(evidence, own, common) ?? nothing(gate, settings.mode, evidence);
    const finding = judged && untimed && isLatency(gate.id) ? byWallClock(judged) : judged;
    if (!finding) return [];
    // As a smaller alpha, and comparable with the others' p.
    const p = finding.p && Math.min(1, (finding.p * gates.alpha) / common.alpha);
    return [{ gate: gate.id, mode: settings.mode, finding: { ...finding, p } }];
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

/** Part of its error probability that a gate has at each look after one at which it could have passed. */
const PART_OF_LOOK = 0.2;

/**
 * Each look at more rows is another chance to pass a green that is at its limit. So a gate that stayed open
 * looks again with a fifth of its error probability, with a fifth of that at the next look, and so on: in sum at
 * most a quarter more than one look. A look at so few rows that they could not have passed spends nothing,
 * and neither does a warning, which decides nothing.
 */
function levelsOf(gate: ReplayGate<GateName>, evidence: Evidence, gates: Gates): Levels {
  if (gates[gate.id].mode !== 'enforce') return { alpha: gates.alpha, alphaOfMore: gates.alpha };
  const alpha = gates.alpha * PART_OF_LOOK ** (evidence.open?.[gate.id] ?? 0);
  return { alpha, alphaOfMore: alpha * PART_OF_LOOK };
}

/** `open` of these rows and more, after these verdicts. */
export function openAfter(
  evidence: Evidence,
  gates: Gates,
  verdicts: readonly Verdict[],
): Record<string, number> {
  const open = { ...evidence.open };
  for (const gate of GATES) {
    if (gate.needs === 'minutes' || gate.needs === 'probes') continue;
    const found = verdicts.find((each) => each.gate === gate.id);
    if (found?.verdict !== 'inconclusive' || found.mode !== 'enforce') continue;
    // Rows that it judged: some of those that were sent say nothing to it.
    const rows = found.measured?.counts?.green?.of ?? firstPairs(evidence).length;
    const { alpha } = levelsOf(gate, evidence, gates);
    const reach = gate.reach?.(rows, gates[gate.id], { ...commonOf(gates), alpha });
    if (reach && (reach.needed === undefined || rows < reach.needed)) continue;
    // One that needs so many values, whatever they are, did not look yet.
    if (!gate.reach && found.leastMoreRows !== undefined) continue;
    open[gate.id] = (open[gate.id] ?? 0) + 1;
  }
  return open;
}

const isLatency = (gate: GateName): boolean => gate === 'latency' || gate === 'latencyP95';

/** Only Azure ML's own scoring servers say how long the model took. */
const hasModelTimes = (evidence: Evidence): boolean =>
  askedPairs(evidence).some(
    ({ blue, green }) => blue.modelMs !== undefined && green.modelMs !== undefined,
  );

const byWallClock = (finding: GateFinding): GateFinding => ({
  ...finding,
  why: (outcome) =>
    `${finding.why(outcome)} Measured by wall clock: the answers do not say the time of the model.`,
});

/** A gate that has rows to look at and is enforced does not disappear. */
function nothing(
  { id, needs }: ReplayGate<GateName>,
  mode: GateMode,
  evidence: Evidence,
): GateFinding | undefined {
  if (mode !== 'enforce' || askedPairs(evidence).length === 0) return undefined;
  // A target judges answers; where there are some, the gate says itself why it has nothing to say.
  const isAsked =
    needs === 'rows' ||
    (needs === 'target' &&
      evidence.meaning?.target !== undefined &&
      answeredPairs(evidence).length === 0);
  if (!isAsked) return undefined;
  return errorFinding(`The gate ${id} has nothing to judge: no row was answered by both.`);
}

export function verdictOf(
  gate: GateName,
  mode: GateMode,
  finding: GateFinding,
  p: number | undefined,
  alpha: number,
): Verdict {
  const { blue, green, difference, limit, measured, needsMoreRows, leastMoreRows, why } = finding;
  const verdict: GateOutcome =
    finding.outcome !== 'by-p' ? finding.outcome : (p ?? 1) < alpha ? 'fail' : 'inconclusive';
  return {
    gate,
    mode,
    verdict,
    blue,
    green,
    difference,
    limit,
    ...(measured && { measured }),
    ...(verdict === 'inconclusive' && needsMoreRows !== undefined && { needsMoreRows }),
    ...(verdict === 'inconclusive' && leastMoreRows !== undefined && { leastMoreRows }),
    why: why(verdict),
  };
}

/**
 * @param minutes in order; all since green has the present share
 * @param before what blue served at the steps before, where it serves nothing any more
 */
export function judgeLive(
  minutes: readonly LiveMinute[],
  gates: Gates = DEFAULT_GATES,
  before?: Before,
): Verdict[] {
  const common = commonOf(gates);
  return GATES.flatMap((gate) => {
    const settings = gates[gate.id];
    return gate.needs === 'minutes' && settings.mode !== 'off'
      ? [{ gate: gate.id, ...gate.judge(minutes, settings, common, before) }]
      : [];
  });
}
