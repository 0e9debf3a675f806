/** Verdicts on answers of any form. */
import type { Evidence } from '../../../src/rollout/evidence/gates/evidence.js';
import { judge } from '../../../src/rollout/evidence/gates/judge.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { readAnswers } from '../../../src/rollout/evidence/output/answers.js';
import { type Meaning } from '../../../src/rollout/evidence/output/meaning.js';
import { withChanges } from '../../../src/rollout/plan/proof.js';
import type { GateChanges } from '../../../src/rollout/plan/proof.js';
import type { GateName } from '../../../src/rollout/evidence/gates/registry.js';

export type Of = (row: number) => unknown;
export const ok = (prediction: unknown) => ({ ok: true, prediction, status: 200, latencyMs: 40 });
/** Rows from 1 to n, each with blue's answer, green's and the file's target. */
export const evidence = (
  n: number,
  [blue, green, truth]: readonly [Of, Of, ((row: number) => string | undefined)?],
  meaning: Meaning = {},
): Evidence => ({
  rows: Array.from({ length: n }, (_, index) => {
    const row = index + 1;
    const told = truth?.(row);
    return {
      row,
      ...(told !== undefined && { truth: told }),
      answers: { blue: ok(blue(row)), green: ok(green(row)) },
    };
  }),
  blue: 'blue',
  green: 'green',
  meaning: { ...(truth && { target: 'target' }), ...meaning },
});
export const verdicts = (given: Evidence, changes: GateChanges = {}) =>
  Object.fromEntries(
    judge(given, withChanges(DEFAULT_GATES, changes)).map((each) => [each.gate, each]),
  ) as Partial<Record<GateName, ReturnType<typeof judge>[number]>>;
export const kindOf = (n: number, blue: Of, truth?: (row: number) => string, meaning?: Meaning) =>
  readAnswers(
    Array.from({ length: n }, (_, at) => ({ prediction: blue(at + 1), truth: truth?.(at + 1) })),
    { meaning },
  );
/** Spread over classes so that no two neighbours are alike. */
export const classOf = (row: number, classes: number): number => (row * 7) % classes;
export const softmax = (at: number, classes: number): number[] =>
  Array.from({ length: classes }, (_, each) => (each === at ? 0.7 : 0.3 / (classes - 1)));
