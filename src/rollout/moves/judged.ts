/** What the journal holds of gates: the last judgement of this green at this split. */
import type { Judgement } from '../journal/entry.js';
import { succeeded, type JournalView } from '../journal/view.js';
import type { Verdict } from '../evidence/gates/verdict.js';

export type Judged = JournalView['judgements'][number];

/** The last judgement of this green: one of the same name that was deleted tells nothing of it. */
export function lastJudged(
  { judgements, changes }: JournalView,
  green: string | undefined,
  stage: Judgement['stage'],
): Judged | undefined {
  const made = changes.findLast(
    ({ change }) => change.kind === 'createDeployment' && change.deployment === green,
  );
  const since = made?.line ?? -1;
  return judgements.findLast(
    (each) => each.stage === stage && each.deployment === green && each.line > since,
  );
}

/** What was seen of the split that is live now; of an earlier one it would say nothing. */
export function judgedAt(
  view: JournalView,
  green: string | undefined,
  stage: 'split' | 'watch' | 'checks',
  weight: number,
): Judged | undefined {
  const last = lastJudged(view, green, stage);
  return last && last.weight === weight && last.line > (view.splitLine ?? -1) ? last : undefined;
}

/** The gates passed, or a person went past them with a reason. */
export const hasPassed = (judged: Judged | undefined): boolean =>
  judged !== undefined && (judged.decision === 'promote' || judged.override !== undefined);

/** Gates that are enforced and did not pass. */
export const notPassed = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter(({ mode, verdict }) => mode === 'enforce' && verdict !== 'pass');

/**
 * The change that began the present step: of the split, or green's creation before it has traffic;
 * 0 where this journal does not know it.
 */
export const splitChange = ({ changes }: JournalView): number =>
  changes.findLast(
    (record) =>
      succeeded(record) &&
      (record.change.kind === 'setTraffic' ||
        (record.change.kind === 'createDeployment' && record.change.role === 'green')),
  )?.id ?? 0;

/**
 * A person ended the hold of the present split, with an approval or early with a reason.
 * @param firstLine of this session in the journal
 */
export function holdEnded(view: JournalView, weight: number, firstLine: number): boolean {
  const { holdEnded: ended } = view.choice;
  const change = splitChange(view);
  if (ended?.change !== change || ended.weight !== weight) return false;
  // Without the change in the journal, an earlier session's could be about an earlier time at this weight.
  return change > 0 || weight === 0 || (view.holdEndedLine ?? -1) >= firstLine;
}
