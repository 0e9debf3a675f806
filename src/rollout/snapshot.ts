/** What the workspace says now. Never edited, only observed again. */
import type {
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
}

/**
 * Looks at one endpoint, its deployments, and the named model versions; and nothing is remembered.
 * A model can have thousands of versions, so that only those in play are asked for.
 */
export async function observe(
  workspace: Workspace,
  endpointName: string,
  versions: readonly { model: string; version: string }[] = [],
  signal?: AbortSignal,
  packages: readonly { environment: string; environmentVersion: string }[] = [],
): Promise<Snapshot> {
  const [info, endpoint, ...found] = await Promise.all([
    workspace.info(signal),
    workspace.getEndpoint(endpointName, signal),
    ...versions.map(({ model, version }) => workspace.getModelVersion(model, version, signal)),
  ]);
  const environments = await Promise.all(
    packages.map(({ environment, environmentVersion }) =>
      workspace.environmentVersion(environment, environmentVersion, signal),
    ),
  );
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
    models: byName(found),
  };
}

function byName(found: readonly (ModelVersion | undefined)[]): Record<string, ModelVersion[]> {
  const models: Record<string, ModelVersion[]> = {};
  for (const each of found) if (each) (models[each.name] ??= []).push(each);
  return models;
}
