/** The plan's deployments as what Azure is asked for. */
import type { DeploymentSpec, Probe } from '../azure/types.js';
import { inherited } from './inherit.js';
import type { PlannedDeployment } from './plan.js';

/**
 * MLflow models install their packages at container start: with Azure's 10 s the probe ends the
 * container first (Azure/azureml-examples#3983 took 500 s).
 */
const PATIENT: Probe = {
  initialDelay: 500,
  period: 10,
  timeout: 2,
  successThreshold: 1,
  failureThreshold: 30,
};

export const blueSpec = (planned: PlannedDeployment, model: string): DeploymentSpec => ({
  model,
  instanceType: planned.instanceType ?? '',
  instanceCount: planned.instanceCount ?? 1,
  ...(planned.settings ?? { livenessProbe: PATIENT }),
  ...(planned.egressPublicNetworkAccess && {
    egressPublicNetworkAccess: planned.egressPublicNetworkAccess,
  }),
});

/** Blue of the plan, before it is there. */
export const plannedBlue = (planned: PlannedDeployment): { name: string } & DeploymentSpec => ({
  name: planned.name,
  ...blueSpec(planned, ''),
});

/** As blue is now, but for the model and what the plan says. */
export function greenSpec(
  planned: PlannedDeployment,
  model: string,
  blue: DeploymentSpec,
): DeploymentSpec {
  if (planned.settings) return blueSpec(planned, model);
  return {
    livenessProbe: PATIENT,
    ...inherited(blue),
    model,
    instanceType: planned.instanceType ?? blue.instanceType,
    instanceCount: planned.instanceCount ?? blue.instanceCount,
    ...(planned.egressPublicNetworkAccess && {
      egressPublicNetworkAccess: planned.egressPublicNetworkAccess,
    }),
  };
}
