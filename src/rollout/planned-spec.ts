/** The plan's deployments as what Azure is asked for. */
import { isDeepStrictEqual } from 'node:util';
import type { Deployment, DeploymentSpec } from '../azure/types.js';
import { sameName } from '../common/same-name.js';
import { inherited, notCarried, withoutPackaged, type Loss } from './inherit.js';
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

/** Named once its model is registered. */
const PACKAGED = { packagedEnvironment: '' };

/** Blue of the plan, before it is there. */
export function plannedBlue(planned: PlannedDeployment): { name: string } & DeploymentSpec {
  const spec = blueSpec(planned, '');
  const { name } = planned;
  return planned.package ? { name, ...withoutPackaged(spec), ...PACKAGED } : { name, ...spec };
}

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
  const own = inherited(blue);
  const packaged = isPackaged(planned, blue.packagedEnvironment !== undefined);
  return {
    livenessProbe: PATIENT_PROBE,
    ...(packaged ? withoutPackaged(own) : own),
    model,
    instanceType: planned.instanceType ?? blue.instanceType,
    instanceCount: planned.instanceCount ?? blue.instanceCount,
    ...(planned.egressPublicNetworkAccess && {
      egressPublicNetworkAccess: planned.egressPublicNetworkAccess,
    }),
  };
}

/** What of blue the plan's green does not get; nobody wrote the probe that a blue without file is given. */
export function plannedLosses(
  plan: { green: PlannedDeployment; blue?: PlannedDeployment | undefined },
  blue: DeploymentSpec & Pick<Deployment, 'name' | 'otherMembers'>,
): Loss[] {
  const { green } = plan;
  const packaged = isPackaged(green, blue.packagedEnvironment !== undefined);
  const spec = { ...greenSpec(green, '', blue), ...(packaged && PACKAGED) };
  const ours =
    plan.blue?.settings === undefined &&
    sameName(plan.blue?.name, blue.name) &&
    isDeepStrictEqual(blue.livenessProbe, PATIENT_PROBE);
  const { livenessProbe: _, ...said } = blue;
  return notCarried(ours ? said : blue, spec);
}
