/**
 * The step a rollout is at, computed from what is observed and the journal, and never stored. A
 * later effect implies the earlier steps, whoever made it. The table is in docs/architecture.md.
 */
import { findDeployment } from './changes/conditions.js';
import type { ModelChoice } from './journal/entry.js';
import type { RolesFound } from './roles.js';
import type { Snapshot } from './snapshot.js';
import { shareOf } from '../common/split.js';
import { succeeded, type JournalView } from './journal/view.js';

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
function isRegistered(
  choice: ModelChoice | undefined,
  now: Snapshot,
  view: JournalView | undefined,
): boolean {
  if (choice?.id !== undefined) return true;
  if (choice?.version === undefined) return false;
  const { name, version } = choice;
  const listed = now.models[name]?.some((each) => each.version === version) ?? false;
  const done = view?.changes.filter(succeeded).some(({ change }) => {
    return change.kind === 'registerModel' && change.model === name && change.version === version;
  });
  return listed || done === true;
}

/** What a person or the plan chose for blue is done. */
export function isRetired(now: Snapshot, blue: string, view: JournalView | undefined): boolean {
  const deployment = findDeployment(now, blue);
  if (!deployment) return true;
  const plan = view?.choice.retire;
  return plan === 'keep' || (plan === 'scale-to-one' && deployment.instanceCount === 1);
}

/** The gates let it pass, or a person went on with a reason; rows alone prove nothing. */
function isProved(view: JournalView | undefined, green: string): boolean {
  const last = view?.judgements.findLast(
    (each) => each.stage === 'prove' && each.deployment === green,
  );
  return last !== undefined && (last.decision === 'promote' || last.override !== undefined);
}

export function stepOf(
  now: Snapshot | undefined,
  view: JournalView | undefined,
  { roles, source, live }: RolesFound,
): StepId {
  if (!now) return 'workspace';
  if (view?.completed) return 'report';
  const { endpoint } = now;
  if (!endpoint || endpoint.provisioningState === 'Deleting') return 'endpoint';
  const created = endpoint.provisioningState !== 'Creating' && endpoint.scoringUri !== undefined;
  if (!created && now.deployments.length === 0) return 'endpoint';
  if (source === 'ask') return 'endpoint';

  const { blue, green } = roles;
  const fresh = green === undefined ? undefined : findDeployment(now, green);
  if (live.length === 0 && !fresh) {
    if (now.deployments.length > 0) return 'blue';
    return isRegistered(view?.choice.blueModel, now, view) ? 'blue' : 'blue-model';
  }
  if (!fresh) {
    const chosen = isRegistered(view?.choice.newModel, now, view);
    if (chosen) return 'green';
    const tested = view?.tests.some(({ result }) => result.purpose === 'test');
    const begun = view?.choice.newModel !== undefined || view?.roles.green !== undefined;
    return view?.createdBlue && !tested && !begun ? 'test' : 'new-model';
  }

  const greenShare = shareOf(endpoint.traffic, fresh.name);
  const blueShare = blue === undefined ? 0 : shareOf(endpoint.traffic, blue);
  if (greenShare === 0) {
    if (fresh.provisioningState !== 'Succeeded') return 'green';
    const proved = isProved(view, fresh.name);
    const moved = view?.changes.some(
      ({ change }) => change.kind === 'setTraffic' && shareOf(change.to, fresh.name) > 0,
    );
    return proved || moved || view?.choice.proofOverride !== undefined ? 'traffic' : 'prove';
  }
  if (blueShare > 0) return 'traffic';
  return blue === undefined || isRetired(now, blue, view) ? 'report' : 'retire';
}
