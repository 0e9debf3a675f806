/** Judgements that stand in the way of more traffic for green: not passed, and no reason given. */
import type { Verdict } from '../rollout/evidence/gates/verdict.js';
import type { JournalView } from '../rollout/journal/view.js';
import { greenShare } from './navigation.js';
import type { State } from './state.js';

type Judgement = JournalView['judgements'][number];

export interface Standing extends Judgement {
  /** Those of its verdicts that are enforced and not passed. */
  verdicts: Verdict[];
}

const STAGES = ['prove', 'load', 'mirror', 'split', 'watch'] as const;
const BEFORE_TRAFFIC: readonly string[] = ['prove', 'load', 'mirror'];

export function standing(state: State): Standing[] {
  const opened = state.session?.opened;
  if (!opened) return [];
  const { green } = opened.roles;
  return STAGES.flatMap((stage) => {
    const last = opened.journal.judgements.findLast(
      (each) => each.stage === stage && each.deployment === green,
    );
    const beforeTraffic = BEFORE_TRAFFIC.includes(stage);
    if (!last || last.override !== undefined) return [];
    const verdicts = last.verdicts.filter(
      ({ mode, verdict }) => mode === 'enforce' && verdict !== 'pass',
    );
    // Who is served is known or not; a watch goes on until its hold is over.
    const inconclusive = stage === 'split' && verdicts.length > 0;
    const stops =
      last.decision === 'stop' || inconclusive || (beforeTraffic && last.decision !== 'promote');
    if (!stops) return [];
    // What was seen at another split says nothing of this one.
    if (stage !== 'prove' && last.share !== greenShare(opened)) return [];
    return [{ ...last, verdicts }];
  });
}
