/** What a plan asks of the new version before and between the steps of its traffic. */
import { grouped } from '../../common/counts.js';
import type { PlannedCheck } from '../checks/planned.js';
import type { PlannedNotice } from '../../common/notice.js';
import type { PlannedMeaning } from '../evidence/output/meaning.js';
import { DEFAULT_GATES, GATE_NAMES, type Gates } from '../evidence/gates/settings.js';
import type { GateName } from '../evidence/gates/registry.js';

/** How long green stays at a share, at least. */
export interface Hold {
  minutes: number;
  /** Live requests to green, as a minimum sample. */
  requests: number;
  /** Goes on only when a person says so. */
  approval: boolean;
}

/** Un-pinned requests after each change of traffic. They are real traffic, so the budget. */
interface Probing {
  /** After each change. */
  count: number;
  /** In the whole rollout. */
  budget: number;
}

/** `hold` leaves the split as it is; `rollback` restores the one at the rollout's start. */
export type Reaction = 'hold' | 'rollback';

/** `copy` gives green blue's autoscale setting before its first traffic. */
export const AUTOSCALE = ['leave', 'copy'] as const;

/** Only what differs from the defaults. */
export type GateChanges = {
  [K in keyof Omit<Gates, 'said'>]?: Gates[K] extends object ? Partial<Gates[K]> : Gates[K];
};

/** At one share of the traffic; 0 is the proof before any. */
export interface StepChange {
  at: number;
  gates?: GateChanges;
  holds?: Partial<Hold>;
}

/** Rows that both deployments are sent while green has no traffic. */
export interface PlannedEvidence extends PlannedMeaning {
  csv: string;
  rows: number;
  seed: number;
  target?: string;
  /** pandas' parameter: text cells such as `NA` and `None` are missing values, by default. */
  keepDefaultNa?: boolean;
  /** Model input to column of the file, where their names differ. */
  renames?: Record<string, string>;
  /** Rows under way at once, 1 by default: the deployment that serves has users too. */
  inFlight?: number;
  loadCheck?: PlannedLoad;
}

/** Green alone, at its first share of the live deployment's busiest minute. */
interface PlannedLoad {
  seconds?: number;
  /** Requests a minute to the live deployment at its peak; the last hour's by default. */
  rate?: number;
}

/** Copies of live requests for green before it gets any of them. */
interface PlannedMirror {
  percent: number;
  minutes: number;
}

/** The members of a plan file, all of which may be left out. */
export interface PlannedProof {
  /** `leave` by default. */
  autoscale?: (typeof AUTOSCALE)[number];
  mirror?: PlannedMirror;
  gates?: GateChanges;
  holds?: Partial<Hold>;
  probes?: Partial<Probing>;
  steps?: StepChange[];
  /** Numbers from outside, set against limits. */
  checks?: PlannedCheck[];
  /** When an enforced gate fails while green has traffic. */
  onFail?: Reaction;
  /** When nobody watched for a while, and those minutes fail a gate or can't be read. */
  onUnwatched?: Reaction;
  /** Environment variables whose values may be written to the journal, the report and scripts. */
  visibleVariables?: string[];
  /** Who is told what happens to the rollout. */
  notify?: PlannedNotice[];
}

/** What of a plan a person can still change while its rollout is under way. */
export interface ProofPlan extends PlannedProof {
  /** Green's share in percent, growing, to 100. */
  weights: number[];
  evidence?: Partial<PlannedEvidence>;
}

export const DEFAULT_HOLD: Hold = { minutes: 5, requests: 0, approval: false };
const DEFAULT_PROBING: Probing = { count: 100, budget: 2000 };

interface StepProof {
  gates: Gates;
  hold: Hold;
}

/** The gates and the hold at a share of the traffic, in percent. */
export function proofAt(planned: PlannedProof, share: number): StepProof {
  const own = planned.steps?.find(({ at }) => at === share);
  return {
    gates: withChanges(withChanges(DEFAULT_GATES, planned.gates), own?.gates),
    // Nobody is exposed at 0%, so nothing has to be waited for.
    hold: {
      ...DEFAULT_HOLD,
      ...planned.holds,
      ...(share === 0 && { minutes: 0, requests: 0 }),
      ...own?.holds,
    },
  };
}

export const probingOf = (planned: PlannedProof): Probing => ({
  ...DEFAULT_PROBING,
  ...planned.probes,
});

/** Going back is the safe side where nobody looks; a plan may say otherwise. */
export const reactionsOf = (
  planned: PlannedProof,
): { onFail: Reaction; onUnwatched: Reaction } => ({
  onFail: planned.onFail ?? 'rollback',
  onUnwatched: planned.onUnwatched ?? 'hold',
});

export function withChanges(gates: Gates, changes: GateChanges = {}): Gates {
  const changed = { ...gates, ...(changes as Partial<Gates>) };
  const merge = <K extends GateName>(name: K): void => {
    changed[name] = { ...gates[name], ...changes[name] };
  };
  GATE_NAMES.forEach(merge);
  const said = GATE_NAMES.filter(
    (name) => changes[name]?.mode !== undefined || gates.said?.includes(name),
  );
  if (said.length > 0) changed.said = said;
  return changed;
}

/** What is wrong with the exceptions, as a sentence, and which one it is. */
export function stepsProblem(
  weights: readonly number[],
  steps: readonly { at: number }[],
): { index: number; problem: string } | undefined {
  for (const [index, { at }] of steps.entries()) {
    if (at !== 0 && !weights.includes(at)) {
      const problem = `${at} is not a step of this plan: use 0 or one of ${weights.join(', ')}`;
      return { index, problem };
    }
    if (steps.findIndex((each) => each.at === at) < index) {
      return { index, problem: `${at} is listed twice` };
    }
  }
  return undefined;
}

/** A check that a hold would end before its first measurement, as a sentence, and which one it is. */
export function delayProblem(
  planned: PlannedProof,
  weights: readonly number[],
): { index: number; problem: string } | undefined {
  for (const [index, { at, delaySeconds = 0 }] of (planned.checks ?? []).entries()) {
    if (delaySeconds === 0 || at?.includes('hold') === false) continue;
    const short = weights.find((weight) => {
      const { minutes } = proofAt(planned, weight).hold;
      return minutes > 0 && minutes * 60 <= delaySeconds;
    });
    if (short === undefined) continue;
    const { minutes } = proofAt(planned, short).hold;
    const problem = `the hold at ${short}% is over after ${minutes} min: use fewer seconds, or hold longer`;
    return { index, problem };
  }
  return undefined;
}

/** A budget of probes that can't verify even one step, as a sentence. */
export function budgetProblem(
  planned: PlannedProof,
  weights: readonly number[],
): string | undefined {
  const { count, budget } = probingOf(planned);
  if (count === 0) return undefined;
  const short = weights.find((weight) => {
    const { mode, probes } = proofAt(planned, weight).gates.split;
    return mode === 'enforce' && probes > budget;
  });
  if (short === undefined) return undefined;
  const { probes } = proofAt(planned, short).gates.split;
  return `a budget of ${grouped(budget)} can't verify the split at ${short}%, which needs at least ${grouped(probes)} probes: raise probes.budget, lower gates.split.probes, or set gates.split to warn or off`;
}

/** Azure Monitor is some minutes late, so that a request of the last ones is not known yet. */
const BAKE_MINUTES = 10;

/**
 * Minutes without a request that blue has to stay before it is deleted: no fewer than the plan holds
 * at the last weight. Nobody uses the sandbox, so that nobody has to be waited for there.
 */
export const bakeMinutes = (
  planned: PlannedProof & { weights: readonly number[] },
  sandbox: boolean,
): number =>
  Math.max(
    sandbox ? 0 : BAKE_MINUTES,
    proofAt(planned, planned.weights.at(-1) ?? 100).hold.minutes,
  );
