/** What the workspace says now. Never edited, only observed again. */
import type {
  Deployment,
  Endpoint,
  ModelVersion,
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
}

/** Looks at one endpoint, its deployments, and the named models; and nothing is remembered. */
export async function observe(
  workspace: Workspace,
  endpointName: string,
  modelNames: readonly string[] = [],
  signal?: AbortSignal,
): Promise<Snapshot> {
  const [info, endpoint, ...versions] = await Promise.all([
    workspace.info(signal),
    workspace.getEndpoint(endpointName, signal),
    ...modelNames.map((name) => workspace.listModelVersions(name, signal)),
  ]);
  const deployments = endpoint ? await workspace.listDeployments(endpointName, signal) : [];
  return {
    takenAt: new Date().toISOString(),
    workspace: info,
    endpointName,
    ...(endpoint && { endpoint }),
    deployments,
    models: Object.fromEntries(modelNames.map((name, index) => [name, versions[index] ?? []])),
  };
}
