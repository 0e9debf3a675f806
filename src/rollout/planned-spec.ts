/** The plan's deployments as what Azure is asked for. */
import type { DeploymentSpec } from '../azure/types.js';
import { inherited } from './inherit.js';
import type { PlannedDeployment } from './plan.js';
import { PATIENT_PROBE } from './probes.js';

export const blueSpec = (planned: PlannedDeployment, model: string): DeploymentSpec => ({
  model,
  instanceType: planned.instanceType ?? '',
  instanceCount: planned.instanceCount ?? 1,
  ...(planned.settings ?? { livenessProbe: PATIENT_PROBE }),
  ...(planned.egressPublicNetworkAccess && {
    egressPublicNetworkAccess: planned.egressPublicNetworkAccess,
  }),
});

/** Blue of the plan, before it is there. */
export const plannedBlue = (planned: PlannedDeployment): { name: string } & DeploymentSpec => ({
  name: planned.name,
  ...blueSpec(planned, ''),
});

/** Green follows blue in this, unless the plan says otherwise or its file names an environment. */
export const isPackaged = (
  { package: said, settings }: PlannedDeployment,
  blueIs: boolean,
): boolean => said ?? (settings?.environment === undefined && blueIs);

/** As blue is now, but for the model and what the plan says. */
export function greenSpec(
  planned: PlannedDeployment,
  model: string,
  blue: DeploymentSpec,
): DeploymentSpec {
  if (planned.settings) return blueSpec(planned, model);
  return {
    livenessProbe: PATIENT_PROBE,
    ...inherited(blue),
    model,
    instanceType: planned.instanceType ?? blue.instanceType,
    instanceCount: planned.instanceCount ?? blue.instanceCount,
    ...(planned.egressPublicNetworkAccess && {
      egressPublicNetworkAccess: planned.egressPublicNetworkAccess,
    }),
  };
}
