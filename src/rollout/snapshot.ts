/** What the workspace says now. Never edited, only observed again. */
import type {
  AutoscaleSetting,
  Deployment,
  Endpoint,
  ModelVersion,
  PackagedEnvironment,
  Workspace,
  WorkspaceInfo,
} from '../azure/types.js';

export interface Snapshot {
  /** ISO time of the observation. */
  takenAt: string;
  workspace: WorkspaceInfo;
  endpointName: string;
  /** Absent: no endpoint of this name in this workspace. */
  endpoint?: Endpoint;
  deployments: Deployment[];
  /** The versions in play that are registered, by model name. */
  models: Record<string, ModelVersion[]>;
  /** Those that models of this rollout were packaged into, as far as they are there. */
  environments?: PackagedEnvironment[];
  /** Settings that a change is about, as far as they are there. */
  autoscale?: AutoscaleSetting[];
}

/** What is looked at beside the endpoint, where a change is about it. */
export interface Beside {
  packages?: readonly { environment: string; environmentVersion: string }[];
  /** ARM ids of autoscale settings. */
  autoscale?: readonly string[];
  /** An earlier look, whose workspace and registered versions still hold: neither changes in a rollout. */
  known?: Snapshot;
}

/**
 * Looks at one endpoint, its deployments, and the named model versions. A model can have thousands
 * of versions, so that only those in play are asked for.
 */
export async function observe(
  workspace: Workspace,
  endpointName: string,
  versions: readonly { model: string; version: string }[] = [],
  signal?: AbortSignal,
  { packages = [], autoscale = [], known }: Beside = {},
): Promise<Snapshot> {
  const [info, endpoint, ...found] = await Promise.all([
    known?.workspace ?? workspace.info(signal),
    workspace.getEndpoint(endpointName, signal),
    ...versions.map(
      ({ model, version }) =>
        known?.models[model]?.find((each) => each.version === version) ??
        workspace.getModelVersion(model, version, signal),
    ),
  ]);
  const environments = await Promise.all(
    packages.map(({ environment, environmentVersion }) =>
      workspace.environmentVersion(environment, environmentVersion, signal),
    ),
  );
  const settings = await Promise.all(autoscale.map((id) => workspace.autoscaleSetting(id, signal)));
  const deployments = endpoint ? await workspace.listDeployments(endpointName, signal) : [];
  return {
    takenAt: new Date().toISOString(),
    workspace: info,
    endpointName,
    ...(endpoint && { endpoint }),
    deployments,
    ...(packages.length > 0 && {
      environments: environments.filter((each) => each !== undefined),
    }),
    ...(autoscale.length > 0 && { autoscale: settings.filter((each) => each !== undefined) }),
    models: byName(found),
  };
}

function byName(found: readonly (ModelVersion | undefined)[]): Record<string, ModelVersion[]> {
  const models: Record<string, ModelVersion[]> = {};
  for (const each of found) if (each) (models[each.name] ??= []).push(each);
  return models;
}
