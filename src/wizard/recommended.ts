/** What comes next in the rollout on the screen: the same that a run without a screen would do. */
import { nextMove } from '../rollout/moves/next-move.js';
import type { Move, MoveId, MoveOf, Next } from '../rollout/moves/move.js';
import { titleOf, writes } from '../rollout/moves/index.js';
import type { RolloutPlan } from '../rollout/moves/facts.js';
import type { Performed } from './effects/shown.js';
import { greenShare } from './navigation.js';
import { planOf } from './plan.js';
import type { State } from './state.js';
import type { Answered } from './step.js';
import { work, type Update } from './update.js';

export function recommended(state: State): Next | undefined {
  const opened = state.session?.opened;
  if (!opened) return undefined;
  const { snapshot: now, journal: view, roles: known, drift } = opened;
  // The watch of the traffic step judges the minutes that nobody watched.
  const session = { ...opened.session, caughtUp: greenShare(opened) };
  return nextMove({ plan: planOf(state), now, view, known, drift, session, at: state.now });
}

/** The recommended move, where it is one of this kind. */
export function recommendedMove<K extends MoveId>(state: State, id: K): MoveOf<K> | undefined {
  const next = recommended(state);
  return next?.kind === 'move' && next.move.id === id ? (next.move as MoveOf<K>) : undefined;
}

/** Performs a move, under the plan of the rollout by default. */
export const performMove = (
  state: State,
  move: Move,
  { title = titleOf(move), plan = planOf(state) }: { title?: string; plan?: RolloutPlan } = {},
): Update =>
  work(
    state,
    { do: 'perform', move, plan },
    { title, writes: writes(move), ...(writes(move) && { usualSeconds: USUAL_SECONDS }) },
  );

/** Recorded from the service: a traffic update took about 20 s. */
const USUAL_SECONDS = 20;

/** The answer of a performed move of this kind. */
export function performed<K extends MoveId>(
  event: Answered,
  id: K,
): Extract<Performed, { id: K }> | undefined {
  return event.do === 'perform' && event.answer.id === id
    ? (event.answer as Extract<Performed, { id: K }>)
    : undefined;
}
