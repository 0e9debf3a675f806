/** A whole rollout as one value: what `aml-rollout run` carries out. */
import type { AuthMode } from '../azure/types.js';

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

export interface Plan {
  endpoint: { name: string; auth: AuthMode };
  /** Absent: what serves now is blue. */
  blue?: PlannedDeployment;
  green: PlannedDeployment;
  evidence?: { csv: string; rows: number; seed: number; target?: string };
  /** Green's share in percent, growing, to 100. */
  weights: number[];
  retire: 'delete' | 'scale-to-one' | 'keep';
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
