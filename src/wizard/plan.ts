/** The steps in which green's share grows. */
import { weightsProblem } from '../rollout/plan.js';

/** Percent of live traffic for green, step by step; ends at 100. */
export const DEFAULT_PLAN: readonly number[] = [10, 30, 50, 80, 100];

export interface TypedPlan {
  weights: number[];
  /** What a failed check of live users does. */
  onFail: 'hold' | 'rollback';
}

/** As `parsePlan` reads it. */
export const planText = (weights: readonly number[], onFail: TypedPlan['onFail']): string =>
  `${weights.join(' ')} ${onFail}`;

/** Reads `10 30 50 80 100 rollback`; the sentence says what is wrong with it. */
export function parsePlan(text: string): TypedPlan | string {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const onFail = words.includes('rollback') ? 'rollback' : 'hold';
  const weights = words.filter((word) => word !== 'rollback' && word !== 'hold').map(Number);
  if (weights.length === 0) return 'Type the shares of the new version, such as: 10 30 50 80 100.';
  if (weights.some(Number.isNaN)) return 'Type whole numbers from 1 to 100, then hold or rollback.';
  const whole = weights.at(-1) === 100 ? weights : [...weights, 100];
  const problem = weightsProblem(whole);
  return problem === undefined ? { weights: whole, onFail } : `${problem}.`;
}

/** The plan's next share above the one that is live. */
export const nextWeight = (plan: readonly number[], live: number): number | undefined =>
  plan.find((weight) => weight > live);
