/** Judgements that block more traffic for green: not passed, and not overridden. */
import type { Verdict } from '../rollout/evidence/gates/verdict.js';
import {
  hasPassed,
  judgedAt,
  lastJudged,
  notPassed,
  type Judged,
} from '../rollout/moves/judged.js';
import { greenShare } from './navigation.js';
import type { State } from './state.js';

interface Standing extends Judged {
  /** Those of its verdicts that are enforced and not passed. */
  verdicts: Verdict[];
}

const BEFORE_TRAFFIC = ['prove', 'load', 'mirror'] as const;
const LIVE = ['split', 'watch', 'checks'] as const;

export function standing(state: State): Standing[] {
  const opened = state.session?.opened;
  if (!opened) return [];
  const { journal, roles } = opened;
  const weight = greenShare(opened);
  const judged = [
    ...BEFORE_TRAFFIC.map((stage) => lastJudged(journal, roles.green, stage)),
    ...LIVE.map((stage) => judgedAt(journal, roles.green, stage, weight)),
  ];
  return judged.flatMap((last) => {
    if (!last || hasPassed(last)) return [];
    // What was judged before any traffic says nothing of a live split, but for the proof.
    if (weight > 0 && (last.stage === 'load' || last.stage === 'mirror')) return [];
    // A watch goes on until its hold is over.
    if (last.stage === 'watch' && last.decision !== 'stop') return [];
    return [{ ...last, verdicts: notPassed(last.verdicts) }];
  });
}
