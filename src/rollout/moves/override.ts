/** A person goes past a gate, with a reason that the journal keeps. */
import type { RolloutEngine } from '../engine.js';
import type { Judgement } from '../journal/entry.js';
import { shareOf } from '../../common/split.js';
import { judgedAt, lastJudged } from './judged.js';

/** Overrides the last judgement of a stage; where there is none, what the plan asked for is skipped. */
export function overrideLast(
  engine: RolloutEngine,
  stage: Judgement['stage'],
  deployment: string,
  override: string,
): void {
  const { view, snapshot } = engine;
  const weight = shareOf(snapshot?.endpoint?.traffic ?? {}, deployment);
  const live = stage === 'split' || stage === 'watch' || stage === 'checks';
  const last = live
    ? judgedAt(view, deployment, stage, weight)
    : (lastJudged(view, deployment, stage) ??
      view.judgements.findLast((each) => each.stage === stage && each.deployment === deployment));
  const {
    at: _,
    line: __,
    ...judgement
  } = last ?? {
    at: '',
    line: 0,
    stage,
    deployment,
    weight,
    verdicts: [],
    decision: 'hold' as const,
  };
  engine.judged({ ...judgement, override });
}
