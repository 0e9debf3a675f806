/** Where a rollout stands, as a value and as lines. */
import type { Split } from '../azure/types.js';
import { driftSince } from '../rollout/moves/next-move.js';
import { planRollback } from '../rollout/rollback.js';
import { rolesOf } from '../rollout/roles.js';
import { formatSplit, normalise } from '../rollout/split.js';
import { stepOf } from '../rollout/steps.js';
import { decodeTags } from '../rollout/tags.js';
import type { Target } from './connect-profile.js';
import type { Found } from './open-rollout.js';

export interface Standing {
  endpoint: string;
  state: string;
  live: Split;
  step: string;
  blue?: string;
  green?: string;
  deployments: { name: string; state: string; share: number; instances: number }[];
  rolloutId?: string;
  owner?: string;
  /** What an abort or a rollback restores. */
  restores?: Split;
  drift?: string;
  last?: { at: string; title: string; ok?: boolean };
  judged?: { at: string; stage: string; share: number; decision: string; why: string[] };
}

export function standing({ now, view, tagged }: Found): Standing {
  const { endpoint } = now;
  const traffic = endpoint?.traffic ?? {};
  const found = rolesOf(now, view);
  const { blue, green } = found.roles;
  const { rolloutId, owner } = decodeTags(endpoint?.tags ?? {});
  const back = planRollback(now, view);
  const drift = view && !view.aborted ? driftSince(view, now) : undefined;
  const last = view?.changes.at(-1);
  const judged = view?.judgements.at(-1);
  const known = rolloutId ?? (view && !view.completed ? view.rolloutId : undefined);
  const by = tagged?.owner ?? owner ?? view?.owner;
  return {
    endpoint: now.endpointName,
    state: endpoint?.provisioningState ?? 'none',
    live: normalise(traffic),
    step: stepOf(now, view, found),
    ...(blue !== undefined && { blue }),
    ...(green !== undefined && { green }),
    deployments: now.deployments.map(({ name, provisioningState, instanceCount }) => ({
      name,
      state: provisioningState,
      share: traffic[name] ?? 0,
      instances: instanceCount,
    })),
    ...(known !== undefined && { rolloutId: known }),
    ...(known !== undefined && by !== undefined && { owner: by }),
    ...(back.kind === 'ready' && { restores: normalise(back.change.to) }),
    ...(drift !== undefined && { drift }),
    ...(last && {
      last: { at: last.begunAt, title: last.title, ...(last.ended && { ok: last.ended.ok }) },
    }),
    ...(judged && {
      judged: {
        at: judged.at,
        stage: judged.stage,
        share: judged.share,
        decision: judged.decision,
        why: judged.verdicts.filter(({ verdict }) => verdict !== 'pass').map(({ why }) => why),
      },
    }),
  };
}

export function standingLines(stands: Standing, target: Target): string[] {
  const { last, judged, blue, green } = stands;
  const ended = last?.ok === undefined ? 'not known how it ended' : last.ok ? 'done' : 'failed';
  return [
    `Endpoint  ${stands.endpoint} in ${target.name}${target.prod ? '  PROD' : ''}  ${stands.state}`,
    `Live now  ${formatSplit(stands.live)}`,
    ...stands.deployments.map(
      ({ name, state, share, instances }) =>
        `          ${name === blue ? 'LIVE' : name === green ? 'NEW ' : '    '} ${name}  ${share} %  ${state}, ${instances} ${instances === 1 ? 'instance' : 'instances'}`,
    ),
    stands.rolloutId === undefined
      ? 'Rollout   none is under way'
      : `Rollout   ${stands.rolloutId}${stands.owner === undefined ? '' : ` of ${stands.owner}`}, at the step ${stands.step}`,
    ...(stands.restores ? [`Back to   ${formatSplit(stands.restores)}`] : []),
    ...(stands.drift === undefined ? [] : [`Drift     ${stands.drift}`]),
    ...(last ? [`Last      ${last.title}: ${ended}, begun ${last.at}`] : []),
    ...(judged
      ? [
          `Judged    ${judged.stage} at ${judged.share} %: ${judged.decision}, ${judged.at}`,
          ...judged.why.map((each) => `          ${each}`),
        ]
      : []),
  ];
}
