import { formatSplit, liveNames, withoutZeros, sameSplit, shareOf } from '../../common/split.js';
import type { ChangeKind, SetMirror } from './change.js';
import {
  asSeen,
  deploymentMissing,
  endpointBusy,
  endpointMissing,
  findDeployment,
  splitMoved,
  kubernetesProblem,
} from './conditions.js';
import { member } from './members.js';
import { finish } from './operation.js';

/** Microsoft Learn, "Perform safe rollout of new deployments": at most half of the requests. */
export const MOST_MIRRORED = 50;

export const setMirrorKind: ChangeKind<SetMirror> = {
  members: {
    endpoint: member.hosted,
    from: member.split,
    to: member.split,
  },
  usualSeconds: 20,
  title: ({ endpoint, to }) =>
    liveNames(to).length === 0
      ? `turn the mirror of ${endpoint} off`
      : `mirror traffic ${formatSplit(to)}`,

  guard(change, now) {
    const { endpoint } = now;
    if (!endpoint) return endpointMissing(now);
    if (endpoint.kubernetes !== undefined) return kubernetesProblem(endpoint);
    const moved =
      splitMoved(change.from, endpoint.mirrorTraffic, 'Mirrored traffic') ?? endpointBusy(endpoint);
    if (moved) return moved;
    for (const [name, share] of Object.entries(change.to)) {
      if (!Number.isInteger(share) || share < 0 || share > MOST_MIRRORED) {
        return `The mirror percentage of ${name} is ${share}: use a whole number from 0 to ${MOST_MIRRORED}.`;
      }
    }
    const [name, second] = liveNames(change.to);
    if (second !== undefined) return 'Azure mirrors traffic to one deployment only.';
    if (name !== undefined) {
      const deployment = findDeployment(now, name);
      if (!deployment) return deploymentMissing(now, name);
      if (deployment.provisioningState !== 'Succeeded') {
        return `Deployment ${name} is ${deployment.provisioningState.toLowerCase()}: it can't get mirrored traffic.`;
      }
      if (shareOf(endpoint.traffic, name) > 0) {
        return `Deployment ${name} has live traffic, and Azure allows live or mirrored traffic, not both.`;
      }
    }
    return sameSplit(change.from, change.to)
      ? `Mirrored traffic is already ${formatSplit(change.to)}.`
      : undefined;
  },

  async apply(change, context) {
    const operation = await context.workspace.updateEndpoint(
      change.endpoint,
      { expect: asSeen(context.before), mirrorTraffic: withoutZeros(change.to) },
      context.signal,
    );
    await finish(operation, context);
  },

  readBack(change, { endpoint }) {
    if (!endpoint) return `The workspace does not list endpoint ${change.endpoint}.`;
    return sameSplit(endpoint.mirrorTraffic, change.to)
      ? undefined
      : `Mirrored traffic is ${formatSplit(endpoint.mirrorTraffic)}, not ${formatSplit(change.to)}.`;
  },
};
