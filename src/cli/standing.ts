/** The state of a rollout, as a value and as lines. */
import { type Split, formatSplit, withoutZeros } from '../common/split.js';
import { costPerHour, formatDollars, type HourlyPrices } from '../rollout/cost.js';
import { driftFrom, expectedAtStart } from '../rollout/drift.js';
import { ownCommand } from '../interop/own-command.js';
import type { JournalView } from '../rollout/journal/view.js';
import { silentBlue } from '../rollout/moves/ending.js';
import { titleOf } from '../rollout/moves/index.js';
import type { Next } from '../rollout/moves/move.js';
import { nextMove } from '../rollout/moves/next-move.js';
import { planRollback } from '../rollout/rollback.js';
import type { Drift } from '../rollout/drift.js';
import { rolesOf, type RolesFound } from '../rollout/roles.js';
import type { Snapshot } from '../rollout/snapshot.js';
import { decodeTags } from '../rollout/tags.js';
import { stepOf } from '../wizard/place.js';
import type { Target } from './connect-profile.js';
import type { FoundRollout } from './open-rollout.js';

interface RolloutStatus {
  endpoint: string;
  state: string;
  traffic: Split;
  step: string;
  /** What comes next, or what the rollout waits for. */
  next: string;
  blue?: string;
  green?: string;
  deployments: { name: string; state: string; weight: number; instances: number }[];
  /** US dollars of all deployments together, by list prices. */
  costPerHour?: number;
  rolloutId?: string;
  owner?: string;
  /** What an abort or a rollback restores. */
  restores?: Split;
  drift?: string;
  last?: { at: string; title: string; ok?: boolean };
  judged?: { at: string; stage: string; weight: number; decision: string; why: string[] };
}

export function statusOf(
  { now, view, tagged }: FoundRollout,
  prices: HourlyPrices = {},
): RolloutStatus {
  const { endpoint } = now;
  const traffic = endpoint?.traffic ?? {};
  const found = rolesOf(now, view);
  const { blue, green } = found.roles;
  const { rolloutId, owner } = decodeTags(endpoint?.tags ?? {});
  const back = planRollback(now, view);
  const drift = view && driftOf(found, now, view);
  const last = view?.changes.at(-1);
  const judged = view?.judgements.at(-1);
  const cost = costPerHour(now.deployments, prices);
  const over = view?.completed !== undefined || view?.aborted !== undefined;
  const known = rolloutId ?? (over ? undefined : view?.rolloutId);
  const by = tagged?.owner ?? owner ?? view?.owner;
  return {
    endpoint: now.endpointName,
    state: endpoint?.provisioningState ?? 'none',
    traffic: withoutZeros(traffic),
    step: stepOf(now, view, found),
    next: nextWords(found, now, view, drift),
    ...(blue !== undefined && { blue }),
    ...(green !== undefined && { green }),
    deployments: now.deployments.map(({ name, provisioningState, instanceCount }) => ({
      name,
      state: provisioningState,
      weight: traffic[name] ?? 0,
      instances: instanceCount,
    })),
    ...(cost !== undefined && { costPerHour: Number(cost.toFixed(4)) }),
    ...(known !== undefined && { rolloutId: known }),
    ...(known !== undefined && by !== undefined && { owner: by }),
    ...(back.kind === 'ready' && { restores: withoutZeros(back.change.to) }),
    ...(drift && { drift: drift.sentence }),
    ...(last && {
      last: { at: last.begunAt, title: last.title, ...(last.ended && { ok: last.ended.ok }) },
    }),
    ...(judged && {
      judged: {
        at: judged.at,
        stage: judged.stage,
        weight: judged.weight,
        decision: judged.decision,
        why: judged.verdicts.filter(({ verdict }) => verdict !== 'pass').map(({ why }) => why),
      },
    }),
  };
}

/** As the journal's plan says; without one, what is left to a person. */
function nextWords(
  found: RolesFound,
  now: FoundRollout['now'],
  view: FoundRollout['view'],
  drift: Drift | undefined,
): string {
  return view ? words(nextOf(found, now, view, drift), view.tests) : 'No rollout is under way.';
}

/** What nobody who only looks can know is asked of no session. */
export function nextOf(
  { roles: known }: RolesFound,
  now: Snapshot,
  view: JournalView,
  drift: Drift | undefined,
): Next {
  const plan = view.choice.plan ?? { weights: [] };
  const session = { startedAt: 0, firstLine: 0 };
  return nextMove({ plan, now, view, known, drift, session, at: Date.now() });
}

/** What someone else changed since the journal was written. */
export const driftOf = (
  { roles: { blue, green } }: RolesFound,
  now: Snapshot,
  view: JournalView,
): Drift | undefined =>
  driftFrom(expectedAtStart(now, view), now, {
    roles: [blue, green].filter((name) => name !== undefined),
    since: view.lastAt,
  });

/** A journal holds no definitions, so that here is no plan that could lack one. */
const TO_CREATE: { [of: string]: string } = {
  endpoint: 'Create the endpoint: there is none of this name.',
  blue: 'Create blue: no deployment is live yet.',
};

function words(next: Next, tests: JournalView['tests']): string {
  switch (next.kind) {
    case 'move':
      return `${titleOf(next.move)}.`;
    case 'refused':
      return next.sentence;
    case 'over':
      return next.outcome === 'promoted' ? 'Nothing: it is promoted.' : 'Nothing: it was aborted.';
    case 'wait':
      break;
  }
  const { wait } = next;
  switch (wait.for) {
    case 'operation':
      return `Wait: ${wait.what}.`;
    case 'adoption':
      return `${wait.drift.sentence} Adopt it, restore the split at the start, or leave.`;
    case 'loss':
      return `Approval required: ${wait.losses.map(({ sentence }) => sentence).join(' ')}`;
    case 'approval':
      return `Approval required at ${wait.weight}%.`;
    case 'reason': {
      const silent = wait.stage === 'prove' ? silentBlue(tests) : undefined;
      if (silent !== undefined) return `${silent} Fix it, or abort.`;
      return wait.stage === 'prove'
        ? 'A gate did not pass (prove): override it with a reason, replace green, or abort.'
        : `A gate did not pass (${wait.stage}): override it with a reason, or abort.`;
    }
    case 'choice':
      return TO_CREATE[wait.of] ?? wait.sentence;
    case 'rows':
      return wait.sentence;
  }
}

/** As it is printed, so it runs. */
export const rollBackCommand = ({ endpoint, restores }: RolloutStatus, { words: reach }: Target) =>
  restores && ownCommand('rollback', endpoint, reach);

export function standingLines(stands: RolloutStatus, target: Target): string[] {
  const { last, judged, blue, green } = stands;
  const ended = last?.ok === undefined ? 'not known yet' : last.ok ? 'done' : 'failed';
  return [
    `Endpoint  ${stands.endpoint} in ${target.name}${target.prod ? '  PROD' : ''}  ${stands.state}`,
    `Live now  ${formatSplit(stands.traffic)}`,
    ...stands.deployments.map(
      ({ name, state, weight, instances }) =>
        `          ${name === blue ? 'BLUE ' : name === green ? 'GREEN' : '     '} ${name}  ${weight}%  ${state}, ${instances} ${instances === 1 ? 'instance' : 'instances'}`,
    ),
    ...(stands.costPerHour === undefined
      ? []
      : [`Cost      ${formatDollars(stands.costPerHour)} per hour (Azure list price)`]),
    stands.rolloutId === undefined
      ? 'Rollout   none is under way'
      : `Rollout   ${stands.rolloutId}${stands.owner === undefined ? '' : ` of ${stands.owner}`}, at the step ${stands.step}`,
    `Next      ${stands.next}`,
    ...(stands.restores
      ? [`Back to   ${formatSplit(stands.restores)}: ${rollBackCommand(stands, target) ?? ''}`]
      : []),
    ...(stands.drift === undefined ? [] : [`Drift     ${stands.drift}`]),
    ...(last ? [`Last      ${last.title}: ${ended}, began ${last.at}`] : []),
    ...(judged
      ? [
          `Judged    ${judged.stage} at ${judged.weight}%: ${judged.decision}, ${judged.at}`,
          ...judged.why.map((each) => `          ${each}`),
        ]
      : []),
  ];
}
