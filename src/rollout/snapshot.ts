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
  /** Versions of the models in play, newest first, by model name. */
  models: Record<string, ModelVersion[]>;
  /** Those that models of this rollout were packaged into, as far as they are there. */
  environments?: PackagedEnvironment[];
}

/** Looks at one endpoint, its deployments, and the named models; and nothing is remembered. */
export async function observe(
  workspace: Workspace,
  endpointName: string,
  modelNames: readonly string[] = [],
  signal?: AbortSignal,
  packages: readonly { environment: string; environmentVersion: string }[] = [],
): Promise<Snapshot> {
  const [info, endpoint, ...versions] = await Promise.all([
    workspace.info(signal),
    workspace.getEndpoint(endpointName, signal),
    ...modelNames.map((name) => workspace.listModelVersions(name, signal)),
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
    models: Object.fromEntries(modelNames.map((name, index) => [name, versions[index] ?? []])),
  };
}
