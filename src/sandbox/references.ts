/**
 * What models and environments are called, and where the files of a model lie. The forms are those of
 * azure-ai-ml (`constants/_common.py`, JOB_URI_REGEX_FORMAT and its neighbours) and MLflow.
 */
import { parseCode, parseData, parseEnvironment, parseModel } from '../common/model-ref.js';
import {
  type ModelVersionRecord,
  type PlainAssetRecord,
  type SandboxConfig,
  type SandboxState,
  own,
} from './model.js';
import type { BlobAccess, SandboxContext } from './context.js';

/** Compared without case, as Azure compares names. */
export const REGISTRY_NAME = 'sandbox-registry';

/** The container that holds what jobs log; Azure names it so in every workspace's account. */
export const ARTIFACTS = 'azureml';

/** The datastores that every workspace is created with, as far as they hold blobs. */
export const DATASTORES = ['workspaceblobstore', 'workspaceartifactstore'] as const;
export type DatastoreName = (typeof DATASTORES)[number];

/** How long what is signed stays good. */
export const SAS_LIFETIME_MS = 8 * 3_600_000;

export interface BlobReference {
  container: string;
  /** Without slashes at its ends; empty for the whole container. */
  path: string;
}

export function containerOf(datastore: DatastoreName, config: SandboxConfig): string {
  return datastore === 'workspaceartifactstore' ? ARTIFACTS : config.containerName;
}

/** Folder of a run's artifacts in their container. */
export function artifactRoot(run: string): string {
  return `ExperimentRun/dcid.${run}`;
}

const WORKSPACE =
  /^azureml:\/\/?subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/(?:providers\/Microsoft\.MachineLearningServices\/)?workspaces\/([^/]+)\/(.+)$/i;
const DATASTORE = /^datastores\/([^/]+)\/paths\/(.+)$/i;
const JOB = /^jobs\/([^/]+)\/outputs\/(?:artifacts|default)(?:\/paths)?\/(.+)$/i;
const RUN = /^runs:\/+([^/]+)\/(.+)$/i;
/** MLflow's address of a run's artifacts, whole and short. */
const TRACKED = /^azureml:\/\/(?:.*\/)?experiments\/[^/]*\/runs\/([^/]+)\/artifacts\/(.+)$/i;
const ARTIFACT = /^azureml:\/\/artifacts\/(.+)$/i;

/** @returns undefined for any place that is not in this workspace's storage account */
export function blobReference(uri: string, config: SandboxConfig): BlobReference | undefined {
  const logged = RUN.exec(uri) ?? TRACKED.exec(uri);
  if (logged !== null) return inRun(logged[1]!, logged[2]!);
  const artifact = ARTIFACT.exec(uri)?.[1];
  if (artifact !== undefined) return { container: ARTIFACTS, path: trimSlashes(artifact) };
  const blob = new RegExp(
    `^https://${config.storageAccount}\\.blob\\.[^/]+/([^/?]+)/?([^?]*)`,
    'i',
  ).exec(uri);
  if (blob !== null)
    return { container: blob[1]!, path: trimSlashes(decodeURIComponent(blob[2]!)) };
  const rest = WORKSPACE.exec(uri)?.[4] ?? /^azureml:\/\/(.+)$/i.exec(uri)?.[1] ?? '';
  const job = JOB.exec(rest);
  if (job !== null) return inRun(job[1]!, job[2]!);
  const [, given = '', path = ''] = DATASTORE.exec(rest) ?? [];
  const datastore = DATASTORES.find((name) => name === given.toLowerCase());
  return datastore === undefined
    ? undefined
    : { container: containerOf(datastore, config), path: trimSlashes(path) };
}

/**
 * The uri as the service answers it: places in a datastore of the workspace are written in full,
 * those of a job or run too, for a registered model says where its files are.
 */
export function uriAnswered(uri: string, config: SandboxConfig): string {
  if (/^https:/i.test(uri)) return uri;
  const whole = WORKSPACE.exec(uri);
  const place = blobReference(uri, config);
  const datastore = DATASTORES.find((name) => containerOf(name, config) === place?.container);
  // A place in another workspace is kept as it was sent.
  if (place === undefined || datastore === undefined || whole !== null)
    return uri.replace(/\/resourcegroups\//i, '/resourceGroups/');
  const { subscriptionId, resourceGroup, workspaceName } = config;
  return `azureml://subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/workspaces/${workspaceName}/datastores/${datastore}/paths/${place.path}`;
}

/** The container of a place, and the path in it. */
export function openPlace(
  context: Pick<SandboxContext, 'state' | 'blobs' | 'container'>,
  place: BlobReference,
): { blobs: BlobAccess; path: string } {
  const { containerName } = context.state.config;
  const { container, path } = place;
  return {
    blobs: container === containerName ? context.blobs : context.container(container),
    path,
  };
}

function inRun(run: string, path: string): BlobReference {
  return { container: ARTIFACTS, path: `${artifactRoot(run)}/${trimSlashes(path)}` };
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

export interface EnvironmentReference {
  name: string;
  version: string;
}

/**
 * Reads an ARM id, `azureml:NAME:VERSION`, `azureml:/` before an ARM id, or the form that packages
 * use, `azureml://locations/…/workspaces/…/environments/NAME/versions/VERSION`.
 * @returns `registry` for an environment of a registry, undefined for what is none of these
 */
export function parseEnvironmentId(id: string): EnvironmentReference | 'registry' | undefined {
  if (/^azureml:\/\/registries\//i.test(id)) return 'registry';
  return parseEnvironment(id);
}

export function environmentKey({ name, version }: EnvironmentReference): string {
  return `${name.toLowerCase()}/${version}`;
}

/** @returns undefined where it is none of this workspace's versions (a registry's included) */
export function findEnvironment(
  state: SandboxState,
  id: string | null,
): PlainAssetRecord | undefined {
  const reference = id === null ? undefined : parseEnvironmentId(id);
  return typeof reference === 'object'
    ? own(state.environments, environmentKey(reference))
    : undefined;
}

/** @returns undefined where it is none of this workspace's code versions (a registry's included) */
export function findCode(state: SandboxState, id: string): PlainAssetRecord | undefined {
  const { name, version, registry } = parseCode(id) ?? {};
  if (name === undefined || version === undefined || registry !== undefined) return undefined;
  return own(state.codes, `${name.toLowerCase()}/${version}`);
}

/** @param id an ARM id or `azureml:NAME:VERSION` of a data asset */
export function findData(state: SandboxState, id: string): PlainAssetRecord | undefined {
  const { name, version, registry } = parseData(id) ?? {};
  if (name === undefined || version === undefined || registry !== undefined) return undefined;
  return own(state.data ?? {}, `${name.toLowerCase()}/${version}`);
}

/**
 * Reads an ARM id, `azureml:NAME:VERSION`, a version's `azureml:/…` id, or the
 * `azureml://registries/…` id of a model in the sandbox's registry.
 * @returns undefined where it is none of these (another registry's included)
 */
export function findModelVersion(
  state: SandboxState,
  reference: string,
): ModelVersionRecord | undefined {
  const found = parseModel(reference);
  if (!found) return undefined;
  const { name, version, registry } = found;
  if (registry !== undefined && registry.toLowerCase() !== REGISTRY_NAME) return undefined;
  const models = registry === undefined ? state.models : (state.registryModels ?? {});
  const model = own(models, name.toLowerCase());
  return model === undefined ? undefined : own(model.versions, version);
}
