/** What a deployment itself says of a failure: for people who look, and nowhere kept. */
import { isFailure } from '../evidence/gates/evidence.js';
import type { RowAnswers } from '../evidence/replay.js';
import type { MoveContext } from './context.js';

/** Of the last row on which each failed: the journal has its status alone. */
export function showFailures(
  context: MoveContext,
  rows: readonly RowAnswers[],
  deployments: readonly string[],
): void {
  for (const name of deployments) {
    const failed = rows.findLast(({ answers }) => answers[name] && isFailure(answers[name]));
    const { message, summary } = failed?.answers[name] ?? {};
    if (failed && message !== undefined && message !== summary) {
      context.note(`Row ${failed.row}, ${name}: ${message}`);
    }
  }
}
