import { copyProblem, settingIn, settingName } from '../autoscale.js';
import type { ChangeKind, CopyAutoscale } from './change.js';
import {
  deploymentMissing,
  endpointMissing,
  findDeployment,
  kubernetesProblem,
  notSucceeded,
} from './conditions.js';
import { member } from './members.js';

export const copyAutoscaleKind: ChangeKind<CopyAutoscale> = {
  members: {
    endpoint: member.hosted,
    deployment: member.hosted,
    source: member.text,
    setting: member.text,
    most: member.count,
  },
  usualSeconds: 2,
  title: (change) => `copy autoscale setting ${settingName(change.source)} to ${change.deployment}`,

  guard(change, now) {
    if (!now.endpoint) return endpointMissing(now);
    if (now.endpoint.kubernetes !== undefined) return kubernetesProblem(now.endpoint);
    if (!findDeployment(now, change.deployment)) return deploymentMissing(now, change.deployment);
    const problem = notSucceeded(now, change.deployment);
    if (problem) return problem;
    if (!settingIn(now, change.source)) {
      return `There is no autoscale setting ${settingName(change.source)} any more.`;
    }
    const taken = settingIn(now, change.setting);
    return taken && copyProblem(change, now) !== undefined
      ? `A different autoscale setting ${taken.name} already exists. Rename or delete it.`
      : undefined;
  },

  apply({ source, setting, deployment }, { workspace, signal }) {
    return workspace.copyAutoscale(source, setting, deployment, signal);
  },

  readBack: copyProblem,
};
