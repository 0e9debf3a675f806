/**
 * The step a rollout is at, computed from what is observed and the journal, and never decided: the
 * first one that is not passed. The table is in docs/architecture.md.
 */
import { liveNames } from '../common/split.js';
import { journalView, type JournalView } from '../rollout/journal/view.js';
import { factsOf } from '../rollout/moves/facts.js';
import type { RolesFound } from '../rollout/roles.js';
import type { Snapshot } from '../rollout/snapshot.js';
import type { State } from './state.js';
import type { StepId } from './step.js';
import { STEPS } from './steps/index.js';

/**
 * The place where a person is, from the same facts as `nextMove`, and by the conditions of its moves.
 * It is not the next move itself: an operation under way, or a check that is due at any weight, is
 * something to wait for or to do at a place; and a model and its deployment are one move at two places.
 */
export function stepOf(
  now: Snapshot | undefined,
  view: JournalView = journalView([]),
  { roles: known, source }: RolesFound,
): StepId {
  if (!now) return 'workspace';
  if (view.completed) return 'report';
  const plan = view.choice.plan ?? { weights: [] };
  const facts = factsOf({ plan, now, view, known, session: { startedAt: 0, firstLine: 0 }, at: 0 });
  const at = { ...facts, source };
  return STEPS.find((step) => !step.passed(at))?.id ?? 'report';
}

/** The steps shown for this rollout, in order; of an endpoint that is not opened only `live` is known. */
export const shownSteps = (
  view: JournalView = journalView([]),
  { live }: Pick<RolesFound, 'live'> = { live: [] },
): readonly StepId[] =>
  STEPS.filter((step) => step.shown?.({ live, view }) ?? true).map(({ id }) => id);

function impliedBy({ session }: State): StepId {
  if (!session) return 'workspace';
  const { opened } = session;
  return opened ? stepOf(opened.snapshot, opened.journal, opened.found) : 'endpoint';
}

function shownIn({ session, screens }: State): readonly StepId[] {
  const { opened } = session ?? {};
  if (opened) return shownSteps(opened.journal, opened.found);
  const { mode, highlighted } = screens.endpoint ?? {};
  const chosen = session?.endpoints.find((each) => each.name === highlighted);
  // Before one is opened, the endpoint under the cursor tells how long the way will be.
  return shownSteps(undefined, { live: mode === 'form' ? [] : liveNames(chosen?.traffic ?? {}) });
}

/** The state with the step that it implies and those that are shown; the same one where both hold. */
export function placed(state: State): State {
  const [implied, shown] = [impliedBy(state), shownIn(state)];
  const holds = implied === state.implied && String(shown) === String(state.shown);
  return holds ? state : { ...state, implied, shown };
}
