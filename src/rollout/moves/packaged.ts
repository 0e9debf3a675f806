/** A deployment whose model is packaged first, so that its container needs no egress to start. */
import { workspaceModel } from '../../common/model-ref.js';
import type { Deployment, DeploymentSpec } from '../../azure/types.js';
import { environmentId, packageOf, packageProblem } from '../changes/package-model.js';
import type { PlannedDeployment } from '../plan.js';
import { isPackaged } from '../planned-spec.js';
import { end } from './events.js';
import type { MoveContext } from './context.js';

/** @param blue absent: blue itself is made */
export async function packaged(
  context: MoveContext,
  planned: PlannedDeployment,
  spec: DeploymentSpec,
  blue?: Deployment,
): Promise<DeploymentSpec> {
  const { engine, signal } = context;
  if (!isPackaged(planned, blue?.packagedEnvironment !== undefined)) return spec;
  const named = workspaceModel(spec.model);
  const model =
    named && (await engine.workspace.getModelVersion(named.name, named.version, signal));
  if (!model) {
    throw end('refused', packageProblem(planned.name));
  }
  const change = packageOf(model);
  await context.run(change);
  return { ...spec, packagedEnvironment: environmentId(change, context.now) };
}
