/** What the plan wants seen of green: a load check and a mirror before any traffic, then its split. */
import { splitSince, type JournalView } from '../rollout/journal/view.js';
import { greenShare } from './navigation.js';
import { gatesAt, planOf, wantsProbes } from './plan.js';
import type { State } from './state.js';

type Judgement = JournalView['judgements'][number];

export interface WantedFirst {
  stage: 'load' | 'mirror';
  /** `mirror 20 % for 10 min` */
  what: string;
  /** The key of the traffic step that does it. */
  key: 'l' | 'm';
}

/** The last judgement of this green: one of the same name that was deleted tells nothing of it. */
export function lastJudged(
  { judgements, changes }: JournalView,
  green: string | undefined,
  stage: Judgement['stage'],
): Judgement | undefined {
  const made = changes.findLast(
    ({ change }) => change.kind === 'createDeployment' && change.deployment === green,
  );
  const since = made ? Date.parse(made.begunAt) : -Infinity;
  return judgements.findLast(
    (each) => each.stage === stage && each.deployment === green && Date.parse(each.at) >= since,
  );
}

/** What was seen of the split that is live now; of an earlier one it would say nothing. */
export function splitJudged(view: JournalView, green: string | undefined, share: number) {
  const last = lastJudged(view, green, 'split');
  const since = splitSince(view) ?? -Infinity;
  return last && last.share === share && Date.parse(last.at) >= since ? last : undefined;
}

/** The plan wants to know who is served, and nobody has looked at this split. */
export function isSplitUnseen(state: State): boolean {
  const opened = state.session?.opened;
  const share = greenShare(opened);
  return (
    opened !== undefined &&
    share > 0 &&
    wantsProbes(state, share) &&
    gatesAt(state, share).split.mode === 'enforce' &&
    !splitJudged(opened.journal, opened.roles.green, share)
  );
}

/** The first of them that was neither done nor passed over with a reason. */
export function wantedFirst(state: State): WantedFirst | undefined {
  const opened = state.session?.opened;
  const { green } = opened?.roles ?? {};
  if (!opened || green === undefined || greenShare(opened) > 0) return undefined;
  const { evidence, mirror } = planOf(state);
  const seen = (stage: Judgement['stage']) => lastJudged(opened.journal, green, stage);
  if (evidence?.loadCheck && !seen('load'))
    return { stage: 'load', what: 'a load check', key: 'l' };
  if (mirror && !seen('mirror')) {
    const what = `mirror ${mirror.percent} % for ${mirror.minutes} min`;
    return { stage: 'mirror', what, key: 'm' };
  }
  return undefined;
}
