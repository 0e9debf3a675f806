import * as z from 'zod';
import { formatSplit, withoutZeros, sameSplit, shareOf, splitProblem } from '../../common/split.js';
import { tagsProblem } from '../tags.js';
import type { ChangeKind, SetTraffic } from './change.js';
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

export const setTrafficKind: ChangeKind<SetTraffic> = {
  members: {
    endpoint: member.hosted,
    from: member.split,
    to: member.split,
    tags: z.record(member.text, member.text.nullable()).optional(),
    why: z.enum(['first', 'advance', 'undo', 'abort', 'rollback', 'close']),
  },
  // Recorded from the service: 20 s.
  usualSeconds: 20,
  title: (change) =>
    change.why === 'close'
      ? `close the rollout on ${change.endpoint}`
      : `set traffic ${formatSplit(change.to)}`,

  guard(change, now) {
    const { endpoint } = now;
    if (!endpoint) return endpointMissing(now);
    if (endpoint.kubernetes !== undefined) return kubernetesProblem(endpoint);
    const problem =
      splitProblem(change.to) ??
      splitMoved(change.from, endpoint.traffic, 'Traffic') ??
      endpointBusy(endpoint) ??
      tagsProblem(change.tags ?? {});
    if (problem) return problem;
    for (const [name, share] of Object.entries(change.to)) {
      if (share === 0) continue;
      const deployment = findDeployment(now, name);
      if (!deployment) return deploymentMissing(now, name);
      const before = shareOf(endpoint.traffic, name);
      if (share > before && deployment.provisioningState !== 'Succeeded') {
        return `Deployment ${name} is ${deployment.provisioningState.toLowerCase()}: it can't get more traffic.`;
      }
      if (shareOf(endpoint.mirrorTraffic, name) > 0) {
        return `Deployment ${name} gets mirrored traffic, and Azure allows live or mirrored traffic, not both. Turn the mirror off first.`;
      }
    }
    if (sameSplit(change.from, change.to) && Object.keys(change.tags ?? {}).length === 0) {
      return `Traffic is already ${formatSplit(change.to)}.`;
    }
    return undefined;
  },

  async apply(change, context) {
    const operation = await context.workspace.updateEndpoint(
      change.endpoint,
      {
        expect: asSeen(context.before),
        traffic: withoutZeros(change.to),
        ...(change.tags && { tags: change.tags }),
      },
      context.signal,
    );
    await finish(operation, context);
  },

  readBack(change, { endpoint }) {
    if (!endpoint) return `The workspace does not list endpoint ${change.endpoint}.`;
    if (!sameSplit(endpoint.traffic, change.to)) {
      return `Traffic is ${formatSplit(endpoint.traffic)}, not ${formatSplit(change.to)}.`;
    }
    const tag = Object.entries(change.tags ?? {}).find(
      ([name, value]) => (endpoint.tags[name] ?? null) !== value,
    );
    return tag && `The endpoint's tag ${tag[0]} differs from what was written.`;
  },
};
