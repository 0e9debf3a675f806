/**
 * The step a rollout is at, computed from what is observed and the journal, and never stored. A
 * later effect implies the earlier steps, whoever made it. The table is in docs/architecture.md.
 */
import type { ModelChoice } from './journal/entry.js';
import type { RolesFound } from './roles.js';
import type { Snapshot } from './snapshot.js';
import { journalView, succeeded, type JournalView } from './journal/view.js';
import { factsOf, type Facts } from './moves/facts.js';
import { proveMove } from './moves/prove.js';
import { retireMove } from './moves/retire.js';

export const STEP_IDS = [
  'workspace',
  'endpoint',
  'blue-model',
  'blue',
  'test',
  'new-model',
  'green',
  'prove',
  'traffic',
  'retire',
  'report',
] as const;

export type StepId = (typeof STEP_IDS)[number];

/** Steps that are only shown for an endpoint that had no live deployment when it was opened. */
const SETUP_STEPS: readonly StepId[] = ['blue-model', 'blue', 'test'];

/**
 * The steps shown for this rollout, in order. Setting-up is shown while nothing is live, and in a
 * rollout that set blue up itself; an aborted one retires nothing, for blue serves.
 */
export function shownSteps(
  view: JournalView | undefined,
  roles: RolesFound | undefined,
): readonly StepId[] {
  const settingUp = !roles || roles.live.length === 0 || view?.createdBlue === true;
  const over: readonly StepId[] = view?.aborted === undefined ? [] : ['retire'];
  return STEP_IDS.filter((id) => (settingUp || !SETUP_STEPS.includes(id)) && !over.includes(id));
}

/** Registered in this rollout, or a registered version chosen that the workspace still has. */
function isRegistered(choice: ModelChoice | undefined, now: Snapshot, view: JournalView): boolean {
  if (choice?.id !== undefined) return true;
  if (choice?.version === undefined) return false;
  const { name, version } = choice;
  const listed = now.models[name]?.some((each) => each.version === version) ?? false;
  const done = view.changes.filter(succeeded).some(({ change }) => {
    return change.kind === 'registerModel' && change.model === name && change.version === version;
  });
  return listed || done;
}

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
  const facts = factsOf({ plan, now, view, known, session: { startedAt: 0 }, at: 0 });
  const { endpoint, live, green, greenWeight, blueWeight } = facts;
  if (!endpoint || endpoint.provisioningState === 'Deleting') return 'endpoint';
  const created = endpoint.provisioningState !== 'Creating' && endpoint.scoringUri !== undefined;
  if (!created && now.deployments.length === 0) return 'endpoint';
  if (source === 'ask') return 'endpoint';
  if (!green) return live.length === 0 ? blueStep(facts) : newModelStep(facts);
  if (greenWeight > 0) {
    if (blueWeight > 0) return 'traffic';
    // Blue is left to decide on, also where somebody's rollout ended without a word of this one.
    return retireMove.when({ ...facts, finished: false }) ? 'retire' : 'report';
  }
  if (green.provisioningState !== 'Succeeded') return 'green';
  return proveMove.when(facts) && !view.aborted ? 'prove' : 'traffic';
}

function blueStep({ now, view }: Facts): StepId {
  if (now.deployments.length > 0) return 'blue';
  return isRegistered(view.choice.blueModel, now, view) ? 'blue' : 'blue-model';
}

function newModelStep({ now, view }: Facts): StepId {
  if (isRegistered(view.choice.newModel, now, view)) return 'green';
  const tested = view.tests.some(({ result }) => result.purpose === 'test');
  const begun = view.choice.newModel !== undefined || view.roles.green !== undefined;
  return view.createdBlue && !tested && !begun ? 'test' : 'new-model';
}
