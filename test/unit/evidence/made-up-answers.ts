/** Answers of blue and green for the tests of gates, and a gate's verdict on them. */
import { type RowAnswer, type RowAnswers } from '../../../src/rollout/evidence/replay.js';
import type { Evidence } from '../../../src/rollout/evidence/gates/evidence.js';
import { judge } from '../../../src/rollout/evidence/gates/judge.js';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import type { GateName } from '../../../src/rollout/evidence/gates/registry.js';

export const ok = (prediction: unknown, latencyMs = 40): RowAnswer => ({
  ok: true,
  prediction,
  status: 200,
  latencyMs,
});
export const failed = (problem: RowAnswer['problem'] = 'model', status = 424): RowAnswer => ({
  ok: false,
  ...(problem && { problem }),
  status,
  latencyMs: 40,
  message: `The answer has status ${status}.`,
});
export type Side = (row: number) => RowAnswer;
/** Rows spread like real ones, and never the same twice. */
export const usual: Side = (row) => ok(row % 2, 30 + ((row * 37) % 41));
export function evidence(
  n: number,
  green: Side = usual,
  blue: Side = usual,
  truth?: Side,
): Evidence {
  const rows: RowAnswers[] = Array.from({ length: n }, (_, index) => ({
    row: index + 1,
    ...(truth && { truth: String(truth(index + 1).prediction) }),
    answers: { blue: blue(index + 1), green: green(index + 1) },
  }));
  return { rows, blue: 'blue', green: 'green' };
}
export const gate = (verdicts: readonly Verdict[], name: GateName): Verdict => {
  const found = verdicts.find((each) => each.gate === name);
  if (!found) throw new Error(`no verdict for ${name}`);
  return found;
};
export const of = (name: GateName, ...parts: Parameters<typeof evidence>): Verdict =>
  gate(judge(evidence(...parts)), name);
