/** Where the files of a model lie, by its uri. */
import { record } from './arm-request.js';
import type { Scope } from './scope.js';

interface BlobPlace {
  datastore: string;
  path: string;
}

const WHOLE =
  /^azureml:\/\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/(?:providers\/Microsoft\.MachineLearningServices\/)?workspaces\/([^/]+)\/datastores\/([^/]+)\/paths\/(.+?)\/?$/i;
const SHORT = /^azureml:\/\/datastores\/([^/]+)\/(?:paths\/)?(.+?)\/?$/i;
/** azure-ai-ml `constants/_common.py`: JOB_URI_REGEX_FORMAT and MLFLOW_URI_REGEX_FORMAT. */
const JOB_ARTIFACT = /^azureml:\/\/jobs\/([^/]+)\/outputs\/artifacts\/(?:paths\/)?(.+?)\/?$/i;
const RUN_ARTIFACT = /^runs:\/+([^/?]+)\/(.+?)\/?$/i;
const JOB_OUTPUT = /^azureml:\/\/jobs\/([^/]+)\/outputs\/([^/]+?)(?:\/paths\/(.+?))?\/?$/i;

/** Subscription, resource group and workspace as an id has them, whatever their letter case. */
function isHere({ connection }: Pick<Scope, 'connection'>, named: readonly string[]): boolean {
  const { subscriptionId, resourceGroup, workspaceName } = connection;
  const here = [subscriptionId, resourceGroup, workspaceName].join('/').toLowerCase();
  return named.join('/').toLowerCase() === here;
}

const ARM_ID =
  /\/subscriptions\/([^/]+)\/resourcegroups\/([^/]+)\/providers\/[^/]+\/workspaces\/([^/]+)\//i;

/** Whether an asset's reference names another workspace. */
export function isOfAnotherWorkspace(scope: Pick<Scope, 'connection'>, reference: string): boolean {
  const [, ...named] = ARM_ID.exec(reference) ?? [];
  return named.length > 0 && !isHere(scope, named);
}

/**
 * Datastore and path of a model's uri; `undefined` for a place that this workspace's datastores
 * don't reach (a registry, another workspace). Exported for its test.
 */
export function blobPlace(scope: Pick<Scope, 'connection'>, uri: string): BlobPlace | undefined {
  const whole = WHOLE.exec(uri);
  if (whole) {
    const [, subscription = '', group = '', workspace = '', datastore = '', path = ''] = whole;
    return isHere(scope, [subscription, group, workspace]) ? { datastore, path } : undefined;
  }
  const short = SHORT.exec(uri);
  if (short) return { datastore: short[1] ?? '', path: short[2] ?? '' };
  // MLflow's place for the artifacts of a job, in every workspace.
  const artifact = JOB_ARTIFACT.exec(uri) ?? RUN_ARTIFACT.exec(uri);
  if (artifact) {
    const [, run = '', path = ''] = artifact;
    return { datastore: 'workspaceartifactstore', path: `ExperimentRun/dcid.${run}/${path}` };
  }
  return undefined;
}

/** The same, and for a job's named output, whose place only the job itself tells. */
export async function findPlace(
  scope: Scope,
  uri: string,
  signal?: AbortSignal,
): Promise<BlobPlace | undefined> {
  const known = blobPlace(scope, uri);
  if (known) return known;
  const [, job, output, inside] = JOB_OUTPUT.exec(uri) ?? [];
  if (job === undefined || output === undefined) return undefined;
  const path = `${scope.path}/jobs/${encodeURIComponent(job)}`;
  const raw = await scope.arm.find(path, `read job ${job}`, { signal });
  const found = record(record(record(raw?.['properties'])['outputs'])[output])['uri'];
  const base = typeof found === 'string' ? blobPlace(scope, found) : undefined;
  if (!base) return undefined;
  return inside === undefined ? base : { ...base, path: `${base.path}/${inside}` };
}
