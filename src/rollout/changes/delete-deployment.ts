import { shareOf } from '../../common/split.js';
import type { ChangeKind, DeleteDeployment } from './change.js';
import {
  deploymentMissing,
  endpointBusy,
  endpointMissing,
  findDeployment,
  isBusy,
  kubernetesProblem,
} from './conditions.js';
import { member } from './members.js';
import { finish } from './operation.js';

export const deleteDeploymentKind: ChangeKind<DeleteDeployment> = {
  members: {
    endpoint: member.hosted,
    deployment: member.hosted,
  },
  usualSeconds: 120,
  title: (change) => `delete deployment ${change.deployment}`,

  guard(change, now) {
    const { endpoint } = now;
    if (!endpoint) return endpointMissing(now);
    if (endpoint.kubernetes !== undefined) return kubernetesProblem(endpoint);
    const there = findDeployment(now, change.deployment);
    if (!there) return deploymentMissing(now, change.deployment);
    const live = shareOf(endpoint.traffic, there.name);
    if (live > 0) {
      return `Deployment ${there.name} has ${live}% of the live traffic. Move its traffic away first.`;
    }
    const mirrored = shareOf(endpoint.mirrorTraffic, there.name);
    if (mirrored > 0) {
      return `Deployment ${there.name} gets ${mirrored}% of mirrored traffic. Turn the mirror off first.`;
    }
    if (isBusy(there)) {
      return `Deployment ${there.name} is ${there.provisioningState.toLowerCase()}. Wait until that has ended.`;
    }
    return endpointBusy(endpoint);
  },

  async apply(change, context) {
    const { workspace, signal } = context;
    const operation = await workspace.deleteDeployment(change.endpoint, change.deployment, signal);
    if (operation) await finish(operation, context);
  },

  readBack(change, after) {
    return findDeployment(after, change.deployment)
      ? `The endpoint still lists deployment ${change.deployment}.`
      : undefined;
  },
};
