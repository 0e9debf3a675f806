/**
 * What this rollout believes of its endpoint, and what someone else changed. Azure's requests carry
 * no ETag, so every decision is compared with what is observed just before its write.
 */
import { shownTime } from '../common/shown-time.js';
import { type Split, formatSplit, sameSplit } from '../common/split.js';
import type { Change } from './changes/change.js';
import { findDeployment } from './changes/conditions.js';
import { succeeded, type JournalView } from './journal/view.js';
import type { Snapshot } from './snapshot.js';
import { decodeTags } from './tags.js';

/** The parts of an endpoint that a rollout's decisions rest on. */
export interface Expected {
  endpoint: boolean;
  traffic: Split;
  mirror: Split;
  /** Names of the deployments that are there. */
  deployments: ReadonlySet<string>;
  /** The rollout that the endpoint's tags name. */
  tagged: string | undefined;
  /** Changes were sent whose end is not known: each part may be as before them or as after them. */
  orElse?: Expected;
}

/** What someone else changed. */
export interface Drift {
  /** The first of it. */
  what: 'traffic' | 'mirror' | 'deployment' | 'endpoint' | 'tags';
  /** A sentence for each: what changed, when, and what this rollout had left. */
  sentence: string;
}

export const expectedOf = ({ endpoint, deployments }: Snapshot): Expected => ({
  endpoint: endpoint !== undefined && endpoint.provisioningState !== 'Deleting',
  traffic: { ...endpoint?.traffic },
  mirror: { ...endpoint?.mirrorTraffic },
  deployments: new Set(
    deployments
      .filter(({ provisioningState }) => provisioningState !== 'Deleting')
      .map(({ name }) => name),
  ),
  tagged: decodeTags(endpoint?.tags ?? {}).rolloutId,
});

/** As the first look of a session finds it, but for what this rollout's journal knows better. */
export function expectedAtStart(now: Snapshot, view: JournalView): Expected {
  const seen = expectedOf(now);
  // A finished rollout expects nothing; what an aborted one left may be anybody's by now.
  if (view.completed || view.aborted) return seen;
  const left = leftBy(view, seen);
  return view.pending.reduce((expected, { change }) => afterUnknown(expected, change), left);
}

/** What the changes that are known to be done left, of an endpoint that looks like this now. */
function leftBy(view: JournalView, seen: Expected): Expected {
  const done = view.changes.filter(succeeded).map(({ change }) => change);
  if (done.length === 0) return seen;
  const last = done.findLast((change) => change.kind === 'setTraffic');
  const deployments = new Set(seen.deployments);
  let { endpoint } = seen;
  for (const change of done) {
    if (change.kind === 'createEndpoint') endpoint = true;
    if (change.kind === 'deleteEndpoint') endpoint = false;
    if (change.kind === 'createDeployment') deployments.add(change.deployment);
    if (change.kind === 'deleteDeployment') deployments.delete(change.deployment);
  }
  const named = last && ['advance', 'undo'].includes(last.why) && !view.adopted;
  return {
    ...seen,
    endpoint,
    deployments,
    traffic: view.adopted?.traffic ?? (last ? last.to : seen.traffic),
    ...(named && { tagged: view.rolloutId }),
  };
}

/** After a change of this rollout ended well. */
export function afterChange(expected: Expected, change: Change): Expected {
  const { orElse: _, ...before } = expected;
  const deployments = new Set(before.deployments);
  switch (change.kind) {
    case 'createEndpoint':
      return { ...before, endpoint: true };
    case 'deleteEndpoint':
      return { ...before, endpoint: false, traffic: {}, mirror: {}, deployments: new Set() };
    case 'createDeployment':
      return { ...before, deployments: deployments.add(change.deployment) };
    case 'deleteDeployment':
      deployments.delete(change.deployment);
      return { ...before, deployments };
    case 'setMirror':
      return { ...before, mirror: change.to };
    case 'setTraffic': {
      const tag = change.tags?.['amlr-rollout'];
      const tagged = tag === undefined ? before.tagged : (tag ?? undefined);
      return { ...before, traffic: change.to, tagged };
    }
    case 'registerModel':
    case 'packageModel':
    case 'scaleDeployment':
    case 'copyAutoscale':
    case 'deleteAutoscale':
      return before;
  }
}

/** A change was sent, and whether it took effect is not known. */
export const afterUnknown = (expected: Expected, change: Change): Expected => ({
  ...expected,
  orElse: afterChange(expected.orElse ?? expected, change),
});

/**
 * All that is not as this rollout left it; `undefined`: nothing is. Of the deployments only those
 * that matter to it are looked at: blue, green, and whichever had traffic.
 * @param since ISO time of the look before, for what Azure gives no time of
 */
export function driftFrom(
  expected: Expected,
  now: Snapshot,
  { roles, since }: { roles: readonly string[]; since: string | undefined },
): Drift | undefined {
  const { endpoint, endpointName } = now;
  const between =
    since === undefined ? '' : ` between ${shownTime(since)} and ${shownTime(now.takenAt)}`;
  const gone = (what: Drift['what'], name: string): Drift => ({
    what,
    sentence: `Someone else deleted ${name}${between}.`,
  });
  const fitting = [expected, ...(expected.orElse ? [expected.orElse] : [])];
  if (fitting.some((each) => !each.endpoint)) return undefined;
  if (!endpoint || endpoint.provisioningState === 'Deleting') {
    return gone('endpoint', `endpoint ${endpointName}`);
  }
  const at = endpoint.modifiedAt === undefined ? between : ` at ${shownTime(endpoint.modifiedAt)}`;
  const { traffic } = endpoint;
  const found: Drift[] = [];
  if (!fitting.some((each) => sameSplit(each.traffic, traffic))) {
    found.push({
      what: 'traffic',
      sentence: `Someone else set the traffic to ${formatSplit(traffic)}${at}; this rollout left it at ${formatSplit(expected.traffic)}.`,
    });
  }
  const concerned = new Set([...roles, ...Object.keys(expected.traffic)]);
  for (const name of concerned) {
    if (fitting.some(({ deployments }) => !deployments.has(name))) continue;
    const there = findDeployment(now, name);
    if (!there || there.provisioningState === 'Deleting') {
      found.push(gone('deployment', `deployment ${name}`));
    }
  }
  if (!fitting.some(({ mirror }) => sameSplit(mirror, endpoint.mirrorTraffic))) {
    found.push({
      what: 'mirror',
      sentence: `Someone else set the mirrored traffic to ${formatSplit(endpoint.mirrorTraffic)}${at}; this rollout left it at ${formatSplit(expected.mirror)}.`,
    });
  }
  const { rolloutId, owner } = decodeTags(endpoint.tags);
  if (!fitting.some(({ tagged }) => tagged === rolloutId)) {
    found.push({
      what: 'tags',
      sentence:
        rolloutId === undefined
          ? `Someone else removed the tags of this rollout from endpoint ${endpointName}${at}.`
          : `Someone else started rollout ${rolloutId}${owner === undefined ? '' : ` (${owner})`} on endpoint ${endpointName}${at}.`,
    });
  }
  const [first] = found;
  return first && { ...first, sentence: found.map(({ sentence }) => sentence).join(' ') };
}
