/**
 * What comes next in a plan, from what is observed. Pure, and without a memory of its own beyond
 * what this run has looked at: so a run that was killed goes on by being started again.
 */
import { sameModel, shownModel } from '../../common/model-ref.js';
import type { Deployment, Split } from '../../azure/types.js';
import { findDeployment, isBusy } from '../changes/conditions.js';
import type { Plan } from '../plan.js';
import { proofAt, type Hold } from '../plan/proof.js';
import type { Snapshot } from '../snapshot.js';
import { formatSplit, liveNames, movable, shareOf } from '../split.js';
import { decodeTags } from '../tags.js';
import type { JournalView } from '../journal/view.js';
import type { OutcomeKind } from './events.js';

/** What this run has done and seen, and would have to do again in another. */
export interface Progress {
  /** ARM id of the version that green is to serve. */
  greenModel?: string;
  tested?: boolean;
  contract?: boolean;
  proved?: boolean;
  /** Green was loaded alone. */
  loaded?: boolean;
  /** Green's minutes of mirrored requests were watched. */
  mirrored?: boolean;
  /** Green's share that an earlier run left, and whose minutes nobody saw since. */
  left?: number;
  /** Green's share whose unseen minutes are judged. */
  caughtUp?: number;
  /** Green's share that probes have seen. */
  seen?: number;
  /** Green's share whose hold is over. */
  held?: number;
  retired?: boolean;
}

export type Move =
  | { do: 'refuse'; kind: OutcomeKind; sentence: string }
  | { do: 'wait'; what: string }
  | { do: 'create-endpoint' }
  | { do: 'create-blue' }
  | { do: 'first-traffic'; blue: string }
  | { do: 'test' }
  | { do: 'resolve-green-model' }
  | { do: 'check-contract'; blue: Deployment }
  | { do: 'create-green'; blue: Deployment }
  | { do: 'adopt-green'; blue: string; green: Deployment }
  | { do: 'prove'; blue: string; green: string }
  | { do: 'check-load'; blue: string; green: string; share: number }
  | { do: 'mirror'; green: string; percent: number }
  | { do: 'watch-mirror'; blue: string; green: string; percent: number; minutes: number }
  | { do: 'move-traffic'; share: number }
  | { do: 'see-split'; share: number }
  /** What happened at a share while no run looked. */
  | { do: 'catch-up'; share: number }
  | { do: 'hold'; share: number; hold: Hold }
  | { do: 'retire'; blue: Deployment }
  | { do: 'close' }
  | { do: 'done' };

export interface Situation {
  plan: Plan;
  now: Snapshot;
  view: JournalView;
  /** As the tags, the journal or the one live deployment tell. */
  known: { blue?: string; green?: string };
  progress: Progress;
}

const refuse = (kind: OutcomeKind, sentence: string): Move => ({ do: 'refuse', kind, sentence });

export function nextMove(situation: Situation): Move {
  const { plan, now } = situation;
  const { endpoint } = now;
  const { name } = plan.endpoint;
  if (!endpoint) {
    return plan.blue
      ? { do: 'create-endpoint' }
      : refuse(
          'refused',
          `There is no endpoint ${name} in workspace ${now.workspace.workspaceName}, and the plan names no blue to set one up with.`,
        );
  }
  if (isBusy(endpoint)) {
    return { do: 'wait', what: `endpoint ${name} is ${endpoint.provisioningState.toLowerCase()}` };
  }
  const live = liveNames(endpoint.traffic);
  const blueName = plan.blue?.name ?? known(situation, live);
  if (endpoint.provisioningState !== 'Succeeded' && live.length === 0) {
    return refuse('refused', `Endpoint ${name} is failed: delete it, then run the plan again.`);
  }
  const green = findDeployment(now, plan.green.name);
  const greenShare = green ? shareOf(endpoint.traffic, green.name) : 0;
  if (blueName === undefined) {
    if (green && greenShare > 0 && live.length === 1) {
      return promoted(situation, { green, share: greenShare });
    }
    return refuse(
      'refused',
      live.length === 0
        ? `Nothing serves on endpoint ${name} yet, and the plan names no blue to begin with.`
        : `Several deployments are live (${formatSplit(endpoint.traffic)}): name in the plan, as blue, which of them is replaced.`,
    );
  }
  const blue = findDeployment(now, blueName);
  const blueShare = shareOf(endpoint.traffic, blueName);
  if (blue && isBusy(blue)) return waitFor(blue);
  if (blueShare === 0 && greenShare === 0) return beginning(situation, blueName, blue, live);
  if (greenShare > 0 && blueShare === 0 && green) {
    return promoted(situation, { green, share: greenShare, ...(blue && { blue }) });
  }
  if (!blue) {
    return refuse('drift', `${blueName} has traffic, but is not among the endpoint's deployments.`);
  }
  return underWay(situation, { blue, green, greenShare });
}

/** Which deployment is replaced, where the plan leaves it to what serves. */
function known({ plan, known: told }: Situation, live: readonly string[]): string | undefined {
  if (told.blue !== undefined && told.blue !== plan.green.name) return told.blue;
  const others = live.filter((each) => each !== plan.green.name);
  return others.length === 1 ? others[0] : undefined;
}

const waitFor = (deployment: Deployment): Move => ({
  do: 'wait',
  what: `deployment ${deployment.name} is ${deployment.provisioningState.toLowerCase()}`,
});

/** Nothing of the two is live yet. */
function beginning(
  { plan, now }: Situation,
  blueName: string,
  blue: Deployment | undefined,
  live: readonly string[],
): Move {
  const serving = now.endpoint?.traffic ?? {};
  if (live.length > 0) {
    return refuse(
      'refused',
      `${blueName} does not serve: traffic is ${formatSplit(serving)}. Name in the plan, as blue, the deployment that is replaced.`,
    );
  }
  if (blue?.provisioningState === 'Succeeded') return { do: 'first-traffic', blue: blue.name };
  if (blue) return refuse('stopped', unusable(blue));
  return plan.blue
    ? { do: 'create-blue' }
    : refuse('refused', `Nothing serves, and ${blueName} is deleted: name a blue in the plan.`);
}

const unusable = ({ name, provisioningState }: Deployment): string =>
  `Deployment ${name} is ${provisioningState.toLowerCase()}, and can't be repaired: delete it, or give the plan's another name, then run the plan again.`;

/** Blue serves, alone or with green. */
function underWay(
  { plan, now, view, progress }: Situation,
  {
    blue,
    green,
    greenShare,
  }: { blue: Deployment; green: Deployment | undefined; greenShare: number },
): Move {
  const traffic = now.endpoint?.traffic ?? {};
  if (greenShare === 0 && view.createdBlue && plan.evidence && !isTested(view, progress)) {
    return { do: 'test' };
  }
  if (green && isBusy(green)) return waitFor(green);
  if (green && green.provisioningState !== 'Succeeded' && greenShare === 0) {
    return refuse('stopped', unusable(green));
  }
  if (progress.greenModel === undefined) return { do: 'resolve-green-model' };
  const other = green && unlike(plan, green, blue, progress.greenModel);
  if (other !== undefined) return refuse(greenShare > 0 ? 'drift' : 'refused', other);
  if (!progress.contract && greenShare === 0) return { do: 'check-contract', blue };
  if (!green) return { do: 'create-green', blue };
  if (!knows(view, blue.name, green.name)) return { do: 'adopt-green', blue: blue.name, green };
  if (greenShare === 0) {
    if (!progress.proved && plan.evidence) {
      return { do: 'prove', blue: blue.name, green: green.name };
    }
  }
  const share = nextShare(plan, traffic, blue.name, green.name);
  const pair = { blue: blue.name, green: green.name };
  return (
    (greenShare === 0 ? beforeTraffic(plan, progress, now, { ...pair, share }) : undefined) ??
    atShare(plan, progress, greenShare) ?? { do: 'move-traffic', share }
  );
}

/** What the plan wants to see of a proved green besides rows. */
function beforeTraffic(
  { evidence, mirror }: Plan,
  progress: Progress,
  { endpoint }: Snapshot,
  { blue, green, share }: { blue: string; green: string; share: number },
): Move | undefined {
  if (evidence?.loadCheck && !progress.loaded) return { do: 'check-load', blue, green, share };
  const mirrored = shareOf(endpoint?.mirrorTraffic ?? {}, green);
  if (mirror && !progress.mirrored) {
    const { percent } = mirror;
    return mirrored === percent
      ? { do: 'watch-mirror', blue, green, ...mirror }
      : { do: 'mirror', green, percent };
  }
  // Azure gives a deployment live or mirrored requests, never both.
  return mirrored > 0 ? { do: 'mirror', green, percent: 0 } : undefined;
}

const isTested = (view: JournalView, progress: Progress): boolean =>
  progress.tested === true || view.tests.some(({ result }) => result.purpose === 'test');

const knows = ({ roles }: JournalView, blue: string, green: string): boolean =>
  roles.blue === blue && roles.green === green;

/** What a share asks for before the next one. */
function atShare(plan: Plan, progress: Progress, share: number): Move | undefined {
  if (share > 0 && progress.left === share && progress.caughtUp !== share) {
    return { do: 'catch-up', share };
  }
  if (share > 0 && progress.seen !== share && plan.evidence) return { do: 'see-split', share };
  const { hold } = proofAt(plan, share);
  const wanted = hold.minutes > 0 || hold.requests > 0 || hold.approval;
  return wanted && progress.held !== share ? { do: 'hold', share, hold } : undefined;
}

/** The next of the plan's weights, as far as the two together have that much. */
function nextShare(plan: Plan, traffic: Split, blue: string, green: string): number {
  const share = shareOf(traffic, green);
  const next = plan.weights.find((weight) => weight > share) ?? 100;
  return Math.min(next, movable(traffic, blue, green));
}

/** Why an existing deployment is not the green of the plan. */
function unlike(
  { green: planned }: Plan,
  there: Deployment,
  blue: Deployment | undefined,
  model: string,
): string | undefined {
  const another = 'Give the new deployment another name in the plan, or delete this one.';
  if (!sameModel(there.model, model)) {
    return `Deployment ${there.name} exists already and serves another model: ${shownModel(there.model)}. ${another}`;
  }
  const type = planned.instanceType ?? blue?.instanceType;
  if (type !== undefined && there.instanceType.toLowerCase() !== type.toLowerCase()) {
    return `Deployment ${there.name} exists already on ${there.instanceType}, not on ${type}. ${another}`;
  }
  return undefined;
}

/** Green has all that can be moved. */
function promoted(
  { plan, now, view, progress }: Situation,
  { blue, green, share }: { blue?: Deployment; green: Deployment; share: number },
): Move {
  if (isBusy(green)) return waitFor(green);
  if (progress.greenModel === undefined) return { do: 'resolve-green-model' };
  const other = unlike(plan, green, undefined, progress.greenModel);
  if (other !== undefined) return refuse('refused', other);
  const open = decodeTags(now.endpoint?.tags ?? {}).rolloutId !== undefined;
  const journal = view.changes.length > 0 && !view.completed;
  if (!open && !journal) return { do: 'done' };
  const watched = open ? atShare(plan, progress, share) : undefined;
  if (watched) return watched;
  if (blue && !progress.retired) return { do: 'retire', blue };
  return { do: 'close' };
}

/**
 * Has someone moved traffic since this rollout last did? The sentence says so. Changes that are
 * still under way have to be settled first.
 */
export function driftSince(view: JournalView, now: Snapshot): string | undefined {
  const last = view.changes.findLast(
    ({ change, ended }) => change.kind === 'setTraffic' && ended?.ok === true,
  )?.change;
  const traffic = now.endpoint?.traffic;
  if (last?.kind !== 'setTraffic' || !traffic || view.completed) return undefined;
  const names = new Set([...Object.keys(last.to), ...Object.keys(traffic)]);
  const moved = [...names].some((each) => shareOf(last.to, each) !== shareOf(traffic, each));
  return moved
    ? `Someone moved the traffic: this rollout left it at ${formatSplit(last.to)}, now it is ${formatSplit(traffic)}.`
    : undefined;
}
