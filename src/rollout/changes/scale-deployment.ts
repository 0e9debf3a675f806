import type { ChangeKind, ScaleDeployment } from './change.js';
import {
  deploymentMissing,
  endpointBusy,
  endpointMissing,
  findDeployment,
  instancesProblem,
  notSucceeded,
  kubernetesProblem,
} from './conditions.js';
import { shareOf } from '../../common/split.js';
import { member } from './members.js';
import { finish } from './operation.js';

export const scaleDeploymentKind: ChangeKind<ScaleDeployment> = {
  members: {
    endpoint: member.hosted,
    deployment: member.hosted,
    from: member.count,
    to: member.count,
  },
  usualSeconds: 300,
  title: (change) => `scale ${change.deployment} from ${change.from} to ${change.to}`,

  guard(change, now) {
    if (!now.endpoint) return endpointMissing(now);
    if (now.endpoint.kubernetes !== undefined) return kubernetesProblem(now.endpoint);
    const problem = instancesProblem(change.to) ?? endpointBusy(now.endpoint);
    if (problem) return problem;
    const there = findDeployment(now, change.deployment);
    if (!there) return deploymentMissing(now, change.deployment);
    if (there.provisioningState !== 'Succeeded') {
      return `Deployment ${there.name} is ${there.provisioningState.toLowerCase()}: it can't be scaled now.`;
    }
    if (there.instanceCount !== change.from) {
      return `Deployment ${there.name} was scaled by someone else: you saw ${change.from} instances, now it has ${there.instanceCount}.`;
    }
    const live = shareOf(now.endpoint.traffic, there.name) > 0;
    if (change.to < change.from && (live || shareOf(now.endpoint.mirrorTraffic, there.name) > 0)) {
      return `Deployment ${there.name} has ${live ? 'live' : 'mirrored'} traffic: it is not scaled down.`;
    }
    return change.from === change.to
      ? `Deployment ${there.name} already has ${change.to} instances.`
      : undefined;
  },

  async apply(change, context) {
    const operation = await context.workspace.scaleDeployment(
      change.endpoint,
      change.deployment,
      change.to,
      context.signal,
    );
    await finish(operation, context);
  },

  readBack(change, after) {
    const there = findDeployment(after, change.deployment);
    if (!there || there.provisioningState !== 'Succeeded') {
      return notSucceeded(after, change.deployment);
    }
    return there.instanceCount === change.to
      ? undefined
      : `Deployment ${there.name} has ${there.instanceCount} instances, not ${change.to}.`;
  },
};
