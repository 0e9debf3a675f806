/** What a plan would change, before any of it is done and without looking at a workspace. */
import { parseModel } from '../../common/model-ref.js';
import { resolve } from 'node:path';
import type { Deployment, DeploymentSpec, WorkspaceRef } from '../../azure/types.js';
import { NEXT_VERSION, type Change, type RegisterModel } from '../changes/change.js';
import { blueSpec, greenSpec, plannedBlue } from '../planned-spec.js';
import { LATEST, type Plan, type PlannedModel } from '../plan.js';
import type { Split } from '../../common/split.js';

/** `leftOut`: sentences for what the plan asks for and these changes are not. */
type PlannedChanges = { changes: Change[]; leftOut: string[] } | { problem: string };

const workspaceId = ({ subscriptionId, resourceGroup, workspaceName }: WorkspaceRef): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.MachineLearningServices/workspaces/${workspaceName}`;

/**
 * The changes in their order, as if nothing of them were there yet: no gate fails, and no hold is
 * waited for.
 * @param folder the plan's own, from which its paths are read
 */
export function plannedChanges(
  plan: Plan,
  workspace: WorkspaceRef,
  folder: string,
): PlannedChanges {
  const { endpoint: planned, blue, green } = plan;
  const endpoint = planned.name;
  if (!blue) {
    return {
      problem: `The plan has no blue, so the deployment that serves on ${endpoint} is unknown. Add blue, with its model and size.`,
    };
  }
  const own = { identity: { type: 'system_assigned' as const }, tags: {} };
  const { auth: authMode } = planned;
  const make = (
    role: 'blue' | 'green',
    deployment: string,
    model: PlannedModel,
    spec: (id: string) => DeploymentSpec,
  ): Change[] => {
    const { id, register } = modelOf(model, workspace, folder);
    return [
      ...(register ? [register] : []),
      { kind: 'createDeployment', endpoint, deployment, role, spec: spec(id) },
    ];
  };
  const asBlue = (id: string): DeploymentSpec => blueSpec(blue, id);
  return {
    leftOut: [
      ...(plan.mirror ? ['Mirrored copies are for gates to judge.'] : []),
      ...(blue.package || green.package
        ? ['Which environment a model is packaged into is known once it is registered.']
        : []),
    ],
    changes: [
      { kind: 'createEndpoint', endpoint, authMode, ...own, ...planned.settings },
      ...make('blue', blue.name, blue.model, asBlue),
      traffic(endpoint, {}, { [blue.name]: 100 }, 'first'),
      ...make('green', green.name, green.model, (id) =>
        greenSpec(green, id, standing(endpoint, blue.name, plannedBlue(blue))),
      ),
      ...steps(plan, endpoint, blue.name),
      ...retirement(plan, endpoint, blue.name, blue.instanceCount ?? 1),
    ],
  };
}

function modelOf(
  { name, version, path, uri, description, tags }: PlannedModel,
  workspace: WorkspaceRef,
  folder: string,
): { id: string; register?: RegisterModel } {
  // A registry's model is served from there.
  if (uri !== undefined && parseModel(uri)) return { id: uri };
  if (version === LATEST) return { id: `azureml:${name}${LATEST}` };
  const taken = version ?? NEXT_VERSION;
  const id = `${workspaceId(workspace)}/models/${name}/versions/${taken}`;
  if (path === undefined && uri === undefined) return { id };
  return {
    id,
    register: {
      kind: 'registerModel',
      model: name,
      version: taken,
      ...(path === undefined ? { uri: uri ?? '' } : { folder: resolve(folder, path) }),
      ...(description !== undefined && { description }),
      ...(tags && { tags }),
    },
  };
}

/** Blue as it will be, for green to be sized by. */
function standing(endpointName: string, name: string, spec: DeploymentSpec): Deployment {
  return {
    ...spec,
    id: '',
    name,
    endpointName,
    provisioningState: 'Succeeded',
    tags: spec.tags ?? {},
    environmentVariables: spec.environmentVariables ?? {},
  };
}

const traffic = (endpoint: string, from: Split, to: Split, why: 'first' | 'advance'): Change => ({
  kind: 'setTraffic',
  endpoint,
  from,
  to,
  why,
});

function steps({ weights, green }: Plan, endpoint: string, blue: string): Change[] {
  const splits = [0, ...weights].map((share) => ({ [blue]: 100 - share, [green.name]: share }));
  return splits.slice(1).map((to, index) => traffic(endpoint, splits[index] ?? {}, to, 'advance'));
}

function retirement({ retire }: Plan, endpoint: string, blue: string, count: number): Change[] {
  if (typeof retire === 'object') {
    return [{ kind: 'deleteDeployment', endpoint, deployment: retire.delete }];
  }
  return retire === 'scale-to-one' && count > 1
    ? [{ kind: 'scaleDeployment', endpoint, deployment: blue, from: count, to: 1 }]
    : [];
}
