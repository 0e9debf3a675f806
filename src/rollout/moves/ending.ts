/** How a run ends that waits for a reason nobody gave, as its outcome and in a sentence. */
import type { JournalView } from '../journal/view.js';
import { rowsOf } from '../../common/counts.js';
import type { Outcome } from './events.js';
import type { Wait } from './move.js';

/** What was compared with green says nothing of it where blue answered no row. */
export function silentBlue(tests: JournalView['tests']): string | undefined {
  const last = tests.findLast(({ result }) => result.purpose === 'prove')?.result;
  const blue = last?.deployments[0];
  if (!last || blue === undefined || last.csv.rowNumbers.length === 0) return undefined;
  if (last.medianLatencyMs[blue] !== undefined) return undefined;
  return `Blue (${blue}) answered none of ${rowsOf(last.csv.rowNumbers.length)}: green gets no traffic.`;
}

const WITH_A_REASON = 'To override it, resume with --override and a reason.';
const OUT_OF_ROWS =
  'The rows left in the file cannot settle it. Use one with more rows, widen the limit, set the gate to warn, or resume with --override and a reason.';

/** What a person can do about a run that ended so. */
export function adviceOf({
  stage,
  weight,
  decision,
  verdicts,
}: Extract<Wait, { for: 'reason' }>): string[] {
  // As long as the file has rows, a proof asks for them and does not end.
  const short = verdicts.some(({ needsMoreRows }) => needsMoreRows !== undefined);
  if (stage === 'prove' && decision === 'hold' && short) return [OUT_OF_ROWS];
  return weight > 0 && decision !== 'promote' ? [WITH_A_REASON] : [];
}

/** How a run ends that waits for a reason, and what it says. */
export function endingOf(
  { stage, weight, decision }: Extract<Wait, { for: 'reason' }>,
  green: string,
): [Outcome['kind'], string] {
  const stops = decision === 'stop';
  switch (stage) {
    case 'prove':
      return stops
        ? ['stopped', `A gate failed: ${green} gets no traffic.`]
        : ['held', `The proof is inconclusive: ${green} gets no traffic.`];
    case 'load':
      return stops
        ? ['stopped', `${green} does not carry the load: it gets no traffic.`]
        : ['held', `${green} may not carry the load: it gets no traffic.`];
    case 'mirror':
      return stops
        ? ['stopped', `A gate on mirrored requests failed: ${green} gets no live traffic.`]
        : ['held', `Mirrored requests could not be watched: ${green} gets no live traffic.`];
    case 'split':
      return stops
        ? ['held', `A gate failed at ${weight}%, and the plan says hold.`]
        : ['held', `The split at ${weight}% is not verified.`];
    case 'checks':
      return stops && weight === 0
        ? ['stopped', `A check of the plan failed: ${green} gets no traffic.`]
        : ['held', `A check of the plan did not pass at ${weight}%.`];
    case 'watch':
      return ['held', `Held at ${weight}%.`];
  }
}
