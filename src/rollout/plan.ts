/** A whole rollout as one value: what `aml-rollout run` carries out. */
import type { AuthMode } from '../azure/types.js';
import type { PlannedProof } from './plan/proof.js';
import { DEFAULT_GATES, type GateName, type Gates } from './evidence/gates/settings.js';

export interface PlannedModel {
  name: string;
  /** A registered version; or ... */
  version?: string;
  /** ... a folder to register, relative to the plan's file. */
  path?: string;
}

export interface PlannedDeployment {
  name: string;
  model: PlannedModel;
  /** Green without a size of its own takes blue's. */
  instanceType?: string;
  instanceCount?: number;
}

/** What has to come to pass at a share before green gets more. Both, where both are named. */
export interface Hold {
  seconds?: number;
  /** A person says yes. */
  approval?: boolean;
}

/** What a plan says of the gates; the rest is as in `DEFAULT_GATES`. */
export type GateChoices = {
  [K in keyof Gates]?: K extends GateName ? Partial<Gates[K]> : Gates[K];
};

export interface Plan extends PlannedProof {
  endpoint: { name: string; auth: AuthMode };
  /** Absent: what serves now is blue. */
  blue?: PlannedDeployment;
  green: PlannedDeployment;
  evidence?: { csv: string; rows: number; seed: number; target?: string };
  gates?: GateChoices;
  /** Green's share in percent, growing, to 100. */
  weights: number[];
  /** At every share that `holds` does not name. */
  hold?: Hold;
  /** By green's share. */
  holds?: Record<number, Hold>;
  /** Un-pinned requests, which are real traffic, that the whole rollout may send. */
  probes?: number;
  /** What a failed gate does once green has traffic. Absent: rollback. */
  onFail?: 'rollback' | 'hold';
  /** A deletion says what is deleted, so that no plan deletes by habit. */
  retire: 'keep' | 'scale-to-one' | { delete: string };
}

/** Enough for every default step four times over. */
const PROBE_BUDGET = 2_000;

export const probeBudget = (plan: Plan): number => plan.probes ?? PROBE_BUDGET;

export const holdAt = (plan: Plan, share: number): Hold => plan.holds?.[share] ?? plan.hold ?? {};

export function gatesOf({ gates = {} }: Plan): Gates {
  return Object.fromEntries(
    Object.entries(DEFAULT_GATES).map(([name, standard]) => {
      const chosen: unknown = gates[name as keyof Gates];
      if (chosen === undefined) return [name, standard];
      const isGate = typeof standard === 'object' && typeof chosen === 'object';
      return [name, isGate ? { ...standard, ...chosen } : chosen];
    }),
  ) as unknown as Gates;
}

/** Gates that only rows of a CSV can pass. */
const BY_ROWS: readonly GateName[] = ['errors', 'latency', 'capacity', 'accuracy'];

/** What makes a plan impossible although each of its values is right, as a sentence. */
export function planProblem(plan: Plan): string | undefined {
  const { green, blue, evidence, retire } = plan;
  if (blue?.name.toLowerCase() === green.name.toLowerCase()) {
    return `blue and green are both called ${green.name}: give the new deployment another name`;
  }
  if (evidence === undefined) {
    const gates = gatesOf(plan);
    const enforced = [...BY_ROWS, 'split' as const].filter(
      (each) => gates[each].mode === 'enforce',
    );
    if (enforced.length > 0) {
      return `nothing can be proved without rows to send: add evidence with a csv, or set these gates to warn or off: ${enforced.join(', ')}`;
    }
  }
  const { weights, holds = {} } = plan;
  const stray = Object.keys(holds).find((share) => !weights.includes(Number(share)));
  if (stray !== undefined) return `a hold is planned at ${stray}, which is none of the weights`;
  if (typeof retire === 'object' && blue && retire.delete !== blue.name) {
    return `retire deletes ${retire.delete}, but blue is ${blue.name}: only blue is retired`;
  }
  return undefined;
}

/** What is wrong with the steps of green's share, as a sentence. */
export function weightsProblem(weights: readonly number[]): string | undefined {
  const bad = weights.find((each) => !Number.isInteger(each) || each < 1 || each > 100);
  if (bad !== undefined) return `${bad} is not a whole number from 1 to 100`;
  const at = weights.findIndex((each, index) => index > 0 && each <= (weights[index - 1] ?? 0));
  if (at > 0) {
    return `${weights[at] ?? ''} comes after ${weights[at - 1] ?? ''}: each step has to be larger`;
  }
  return weights.at(-1) === 100 ? undefined : 'the last step has to be 100';
}
