/** What of a plan is to be made, for the checks before its first write. */
import type { Deployment, DeploymentSpec, Workspace } from '../../azure/types.js';
import { findDeployment } from '../changes/conditions.js';
import { type Plan, type PlannedDeployment, type PlannedModel } from '../plan.js';
import { blueSpec, greenSpec, isPackaged, plannedBlue } from '../planned-spec.js';
import { type Snapshot } from '../snapshot.js';
import { liveNames } from '../../common/split.js';

export interface Work {
  plan: Plan;
  workspace: Workspace;
  folder: string;
  now: Snapshot;
  signal: AbortSignal | undefined;
}

/** What of the plan is not there yet. */
export interface ToMake {
  blue: boolean;
  green: boolean;
  /** What serves, and is replaced. */
  standing?: Deployment;
}

export function toMake(plan: Plan, now: Snapshot): ToMake {
  const live = liveNames(now.endpoint?.traffic ?? {}).filter((name) => name !== plan.green.name);
  const name = plan.blue?.name ?? (live.length === 1 ? live[0] : undefined);
  const standing = name === undefined ? undefined : findDeployment(now, name);
  return {
    blue: plan.blue !== undefined && standing === undefined && now.deployments.length === 0,
    green: findDeployment(now, plan.green.name) === undefined,
    ...(standing && { standing }),
  };
}

export interface PlannedSpec {
  name: string;
  spec: DeploymentSpec;
  /** Whether its model is packaged first. */
  packaged: boolean;
  model: PlannedModel;
}

/** The deployments that are to be made. */
export function specsOf({ plan }: Work, to: ToMake): PlannedSpec[] {
  const blue = to.standing ?? (plan.blue && plannedBlue(plan.blue));
  const { green } = plan;
  const blueIs = blue?.packagedEnvironment !== undefined;
  const planned = (each: PlannedDeployment, spec: DeploymentSpec): PlannedSpec => ({
    name: each.name,
    spec,
    packaged: isPackaged(each, each === green && blueIs),
    model: each.model,
  });
  return [
    ...(to.blue && plan.blue ? [planned(plan.blue, blueSpec(plan.blue, ''))] : []),
    ...(to.green && blue ? [planned(green, greenSpec(green, '', blue))] : []),
  ];
}
