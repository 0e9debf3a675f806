/** The plan of the rollout on the screen: what it says, where it comes from, and what is left of it. */
import type { Gates } from '../rollout/evidence/gates/settings.js';
import { proofAt, withChanges, type ProofPlan } from '../rollout/plan/proof.js';
import { atItsMost } from '../rollout/autoscale.js';
import { weightCapOf } from '../rollout/quota.js';
import { greenShare } from './navigation.js';
import type { State } from './state.js';
import { standing } from './standing.js';
import type { Verdict } from '../rollout/evidence/gates/verdict.js';
import type { GateName } from '../rollout/evidence/gates/registry.js';

/** Percent of live traffic for green, step by step; ends at 100. */
const DEFAULT_WEIGHTS: readonly number[] = [10, 30, 50, 80, 100];

/** Read from a file, before or while a rollout is under way. */
export interface PlanFile {
  plan: ProofPlan;
  /** Base name, and hash of the file's bytes. */
  file: { name: string; sha256: string };
  /** The endpoint that the file is for, where it names one. */
  endpoint?: string;
}

/** Nobody uses the sandbox, so that nobody has to be waited for there. */
export const defaultPlan = (sandbox: boolean): ProofPlan => ({
  weights: [...DEFAULT_WEIGHTS],
  ...(sandbox && { holds: { minutes: 0 } }),
});

/** As kept in the journal, or the default. */
function keptPlan(state: State): ProofPlan {
  const { opened, profile } = state.session ?? {};
  return opened?.journal.choice.plan ?? defaultPlan(profile?.sandbox ?? false);
}

/** The file given on the command line, where it is for this endpoint and not in the journal yet. */
export function planFileToTake(state: State): PlanFile | undefined {
  const { planFile } = state.defaults;
  const opened = state.session?.opened;
  if (!planFile || !opened) return undefined;
  if (planFile.endpoint !== undefined && planFile.endpoint !== opened.endpoint) return undefined;
  return opened.journal.choice.planFile?.sha256 === planFile.file.sha256 ? undefined : planFile;
}

export function planOf(state: State): ProofPlan {
  const kept = keptPlan(state);
  const file = planFileToTake(state);
  if (!file || loosened(state, kept, file.plan).length > 0) return kept;
  return shortensHold(state, kept, file.plan) ? kept : file.plan;
}

/** Whether another plan would let green go sooner from the share that it has. */
export function shortensHold(state: State, from: ProofPlan, to: ProofPlan): boolean {
  const opened = state.session?.opened;
  // Until a person chose one, there is no plan whose hold could be cut.
  if (opened?.journal.choice.plan === undefined) return false;
  const share = greenShare(opened);
  const [before, after] = [proofAt(from, share).hold, proofAt(to, share).hold];
  return (
    after.minutes < before.minutes ||
    after.requests < before.requests ||
    (before.approval && !after.approval)
  );
}

/** Percent that green's instances are enough for, beside those of blue as they are now. */
export function mostForInstances(state: State): number {
  const { snapshot, roles, journal } = state.session?.opened ?? {};
  const [blue, green] = [roles?.blue, roles?.green].map((name) =>
    snapshot?.deployments.find((each) => each.name === name),
  );
  return (green && journal && weightCapOf(atItsMost(green, journal), blue)) ?? 100;
}

export const gatesAt = (state: State, share: number): Gates => proofAt(planOf(state), share).gates;

/** Checks in the way of more traffic whose settings another plan would change. */
export function loosened(state: State, from: ProofPlan, to: ProofPlan): Verdict['gate'][] {
  const found = standing(state).flatMap(({ weight, verdicts }) => {
    const [before, after] = [proofAt(from, weight).gates, proofAt(to, weight).gates];
    const all = before.alpha !== after.alpha;
    const settings = ({ checks }: ProofPlan, gates: Gates, gate: Verdict['gate']): string =>
      JSON.stringify(
        gate.startsWith('check:')
          ? checks?.find(({ name }) => gate === `check:${name}`)
          : gates[gate as GateName],
      );
    return verdicts
      .map(({ gate }) => gate)
      .filter((gate) => all || settings(from, before, gate) !== settings(to, after, gate));
  });
  return [...new Set(found)];
}

/** Settings with all that a plan leaves to the defaults. */
export const allGates = (plan: ProofPlan): Gates => {
  const none: ProofPlan = { weights: [] };
  return withChanges(proofAt(none, 0).gates, plan.gates);
};
