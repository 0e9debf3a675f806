/** Verdicts on their way to whoever watches, and into the journal. */
import type { Decision } from '../evidence/gates/decision.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import type { Judgement } from '../journal/entry.js';
import type { Stage } from './events.js';
import type { Session } from './context.js';

export function tell(
  { options }: Session,
  stage: Stage,
  share: number,
  verdicts: readonly Verdict[],
): void {
  for (const verdict of verdicts) options.emit({ event: 'verdict', stage, share, verdict });
}

export function journal(
  { options: { engine, plan } }: Session,
  stage: Judgement['stage'],
  share: number,
  verdicts: Verdict[],
  decision: Decision['do'],
  override?: string,
): void {
  const { name } = plan.green;
  const reason = override === undefined ? {} : { override };
  engine.judged({ stage, deployment: name, share, verdicts, decision, ...reason });
}

export const failures = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter(({ mode, verdict }) => mode === 'enforce' && verdict === 'fail');

export const whys = (verdicts: readonly Verdict[]): string[] => verdicts.map(({ why }) => why);

/** A person said why it may go on in spite of it; the reason is kept. */
export function overridden(
  session: Session,
  stage: Judgement['stage'],
  share: number,
  verdicts: Verdict[],
  decision: Decision['do'],
): boolean {
  const { engine, override } = session.options;
  if (override === undefined) return false;
  journal(session, stage, share, verdicts, decision, override);
  engine.choose({ proofOverride: override });
  session.note(`Going on in spite of it: ${override}`);
  return true;
}
