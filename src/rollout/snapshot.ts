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
import { seenVersion } from './changes/conditions.js';
import { failureOf } from './errors.js';

export interface Snapshot {
  /** ISO time of the observation, of its oldest part. */
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
  /** What is not read again, but kept from the earlier look. */
  keep?: readonly KeptPart[];
}

export type KeptPart = 'endpoint' | 'deployments';

/**
 * Looks at one endpoint, its deployments, and the named model versions. A model can have thousands
 * of versions, so that only those in play are asked for.
 */
export async function observe(
  workspace: Workspace,
  endpointName: string,
  versions: readonly { model: string; version: string }[] = [],
  signal?: AbortSignal,
  { packages = [], autoscale = [], known, keep = [] }: Beside = {},
): Promise<Snapshot> {
  const [info, ...found] = await Promise.all([
    known?.workspace ?? workspace.info(signal),
    ...versions.map(
      ({ model, version }) =>
        (known && seenVersion(known, model, version)) ??
        workspace.getModelVersion(model, version, signal),
    ),
  ]);
  const environments = await Promise.all(
    packages.map(({ environment, environmentVersion }) =>
      workspace.environmentVersion(environment, environmentVersion, signal),
    ),
  );
  const settings = await Promise.all(autoscale.map((id) => workspace.autoscaleSetting(id, signal)));
  // Last, for what someone else changes there counts at once.
  const kept = keep.length > 0 ? known : undefined;
  const parts = kept && Object.fromEntries(keep.map((part) => [part, kept[part]]));
  const there = await endpointWithDeployments(workspace, endpointName, parts, signal);
  return {
    takenAt: kept?.takenAt ?? new Date().toISOString(),
    workspace: info,
    endpointName,
    ...there,
    ...(packages.length > 0 && {
      environments: environments.filter((each) => each !== undefined),
    }),
    ...(autoscale.length > 0 && { autoscale: settings.filter((each) => each !== undefined) }),
    models: byName(found),
  };
}

async function endpointWithDeployments(
  workspace: Workspace,
  name: string,
  kept: Partial<Pick<Snapshot, 'endpoint' | 'deployments'>> = {},
  signal: AbortSignal | undefined,
): Promise<Pick<Snapshot, 'endpoint' | 'deployments'>> {
  const endpoint = 'endpoint' in kept ? kept.endpoint : await workspace.getEndpoint(name, signal);
  if (!endpoint) return { deployments: [] };
  try {
    const deployments = kept.deployments ?? (await workspace.listDeployments(name, signal));
    return { endpoint, deployments };
  } catch (error) {
    // It may have been deleted in between.
    if (failureOf(error, '').kind !== 'not-found') throw error;
    if (await workspace.getEndpoint(name, signal)) throw error;
    return { deployments: [] };
  }
}

function byName(found: readonly (ModelVersion | undefined)[]): Record<string, ModelVersion[]> {
  const models: Record<string, ModelVersion[]> = {};
  for (const each of found) if (each) (models[each.name] ??= []).push(each);
  return models;
}
