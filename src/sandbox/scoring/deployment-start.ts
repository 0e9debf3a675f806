/** How a deployment comes up: four phases over the scaled clock, and what goes wrong in each. */
import { parseCode } from '../../common/model-ref.js';
import { scriptNotRun } from '../../common/sandbox-words.js';
import { durationMs } from '../arm/rules.js';
import {
  blobReference,
  findCode,
  findEnvironment,
  findModelVersion,
  openPlace,
} from '../references.js';
import type { PackagedModel, SandboxState } from '../model.js';
import type { DeploymentRecord, EndpointRecord } from '../endpoint-record.js';
import type { SandboxContext } from '../context.js';
import { mayReadModels } from '../roles.js';
import { injectSecrets } from '../secrets.js';
import { type EnvironmentProblem, NO_EGRESS, judgeEnvironment } from './container-env.js';
import type { ContainerLog } from './container-log.js';
import { Container } from './container.js';
import { type ServedModelFolder, readServedModel } from './model-folder.js';
import { type ModelServer, openModelServer } from './model-server.js';
import { Unloadable } from './runner.js';
import { imageBuildFailed, assetMissing, modelDownloadFailed } from './deployment-failures.js';
import { unservable, crash } from './deployment-failures.js';

export type StartContext = Omit<SandboxContext, 'runtime' | 'metrics'>;

export interface StartOptions {
  context: StartContext;
  endpoint: EndpointRecord;
  deployment: DeploymentRecord;
  log: ContainerLog;
  /** The bundled worker.ts. */
  workerUrl: URL;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Environment variables of this process. */
  environment: NodeJS.ProcessEnv;
}

interface Downloaded {
  folder: ServedModelFolder;
  /** Lines that say what is missing, where nothing on this machine can serve it. */
  server: ModelServer | string[];
}

/** Shares of `durations.deployment`. The download runs beside the image pull, as in the service. */
export const SHARE = {
  SystemSetup: 0.15,
  UserContainerImagePull: 0.35,
  ModelDownload: 0.25,
  UserContainerStart: 0.5,
};

const DEFAULT_TIMEOUT_MS = 5_000;

/** @throws DeploymentFailure, or the signal's reason */
export async function startContainer(
  options: StartOptions,
  signal: AbortSignal,
): Promise<Container> {
  const opened: ModelServer[] = [];
  try {
    return await goThroughPhases(options, opened, signal);
  } catch (error) {
    for (const server of opened) await server.dispose();
    throw error;
  }
}

async function goThroughPhases(
  options: StartOptions,
  opened: ModelServer[],
  signal: AbortSignal,
): Promise<Container> {
  const { context, deployment, log } = options;
  const { clock, durations } = context;
  const wait = (phase: keyof typeof SHARE) =>
    clock.delay(durations.deployment * SHARE[phase], signal);

  log.phase('SystemSetup', 'InProgress');
  const script = scriptOf(options);
  if (script !== undefined) log.server(scriptNotRun(script), 'W');
  await wait('SystemSetup');
  variablesOf(options);
  const source = modelSource(options);
  log.phase('SystemSetup', 'Succeeded');

  log.phase('UserContainerImagePull', 'InProgress');
  log.phase('ModelDownload', 'InProgress');
  log.event('Pulling', 'Start pulling container image');
  log.event('Pulling', 'Start downloading models');
  const [{ folder, server }] = await Promise.all([
    wait('ModelDownload').then(() => download(options, source, opened, signal)),
    wait('UserContainerImagePull'),
  ]);
  const environment = judge(deployment, folder);
  if (environment?.kind === 'image-build') {
    log.phase('UserContainerImagePull', 'Failed');
    for (const line of environment.log) log.server(line, 'E');
    log.event('ImageBuildFailed', 'The environment image could not be built', 'Warning');
    throw imageBuildFailed(context.state.config, folder.conda ?? '');
  }
  log.phase('UserContainerImagePull', 'Succeeded');
  log.event('Pulled', 'Container image is pulled successfully');

  log.phase('UserContainerStart', 'InProgress');
  log.event('Created', 'Created container inference-server');
  log.event('Started', 'Started container inference-server');
  const why = environment?.log ?? unservable(folder) ?? crashFault(options);
  const problem = why ?? (Array.isArray(server) ? server : undefined);
  if (problem !== undefined) {
    await wait('UserContainerStart');
    throw crash(log, problem);
  }
  return boot(options, folder, server as ModelServer, () => wait('UserContainerStart'), signal);
}

/** Puts a deployment that has succeeded before back into service, without phases or waiting. */
export async function resumeContainer(
  options: StartOptions,
  signal: AbortSignal,
): Promise<Container> {
  const source = modelSource(options);
  const { folder, server } = await download(options, source, [], signal);
  const problem = unservable(folder) ?? (Array.isArray(server) ? server : undefined);
  if (problem === undefined)
    return boot(options, folder, server as ModelServer, () => Promise.resolve(), signal);
  if (!Array.isArray(server)) await server.dispose();
  throw crash(options.log, problem);
}

async function boot(
  options: StartOptions,
  folder: ServedModelFolder,
  server: ModelServer,
  wait: () => Promise<void>,
  signal: AbortSignal,
): Promise<Container> {
  const { deployment, log } = options;
  const { requestTimeout, maxConcurrentRequestsPerInstance } = deployment.requestSettings;
  for (const line of server.greeting) log.server(line);
  const container = new Container({
    start: server.start,
    signature: folder.signature,
    inputExample: folder.inputExample,
    requestTimeoutMs: durationMs(requestTimeout) || DEFAULT_TIMEOUT_MS,
    concurrency: Math.max(1, maxConcurrentRequestsPerInstance),
    environmentVariables: variablesOf(options),
    log,
    random: options.random,
    onClosed: () => server.dispose(),
  });
  // A server that takes long to load is not waited for when the start is called off.
  const calledOff = () => void container.close();
  signal.addEventListener('abort', calledOff, { once: true });
  const loading = container.resize(Math.max(1, deployment.sku.capacity));
  loading.catch(() => undefined);
  try {
    await wait();
    await loading;
    signal.throwIfAborted();
  } catch (error) {
    await container.close();
    signal.throwIfAborted();
    if (error instanceof Unloadable)
      throw crash(log, [
        ...server.advice,
        'Exception in init()',
        `The model can not be loaded: ${error.message}`,
      ]);
    throw error;
  } finally {
    signal.removeEventListener('abort', calledOff);
  }
  log.server(`azmlinfsrv - Model loaded; flavors: ${folder.flavors.join(', ')}`);
  log.server('azmlinfsrv - Listening at http://0.0.0.0:31311');
  log.server('azmlinfsrv - GET / 200: readiness probe passed');
  log.phase('UserContainerStart', 'Succeeded');
  return container;
}

/** As the container has them: with the secrets that they name. */
function variablesOf({ context, endpoint, deployment, log }: StartOptions) {
  try {
    return injectSecrets(context.state, endpoint, deployment.environmentVariables);
  } catch (error) {
    log.phase('SystemSetup', 'Failed');
    throw error;
  }
}

type ModelSource = ReturnType<typeof openPlace>;

/** @throws DeploymentFailure when there is no such model version in reach of this workspace */
function modelSource({ context, deployment, log }: StartOptions): ModelSource {
  const { state } = context;
  const version =
    deployment.model === null
      ? packageOf(state, deployment)
      : findModelVersion(state, deployment.model);
  const place = version === undefined ? undefined : blobReference(version.modelUri, state.config);
  if (place === undefined) {
    if (deployment.model === null)
      log.server(
        'This deployment names no model, and no model was packaged into its environment.',
        'E',
      );
    log.phase('SystemSetup', 'Failed');
    throw assetMissing(deployment.model ?? deployment.environmentId ?? '(none)');
  }
  return openPlace(context, place);
}

/** Azure Storage's own answer. */
const NOT_AUTHORIZED =
  '403 AuthorizationPermissionMismatch: This request is not authorized to perform this operation using this permission.';

async function download(
  options: StartOptions,
  { blobs, path }: ModelSource,
  opened: ModelServer[],
  signal: AbortSignal,
): Promise<Downloaded> {
  const { context, endpoint, log, workerUrl, environment } = options;
  log.initializer(`Downloading ${path} from the workspace's datastore`);
  try {
    if (!mayReadModels(context.state, endpoint)) throw new Error(NOT_AUTHORIZED);
    const folder = await readServedModel(blobs, path);
    const environmentVariables = variablesOf(options);
    const server = await openModelServer(
      { blobs, folder, workerUrl, environment, environmentVariables },
      signal,
    );
    if (!Array.isArray(server)) opened.push(server);
    const count = folder.names.length;
    log.initializer(`Downloaded ${count} file${count === 1 ? '' : 's'}`);
    log.phase('ModelDownload', 'Succeeded');
    log.event('Downloaded', 'Models are downloaded successfully or no model need to download');
    return { folder, server };
  } catch (error) {
    signal.throwIfAborted();
    log.initializer(`Download failed: ${error instanceof Error ? error.message : String(error)}`);
    log.phase('ModelDownload', 'Failed');
    log.event(
      'DownloadFailed',
      'Model download failed, retrying. Please check storage-initializer log for detail.',
      'Warning',
    );
    throw modelDownloadFailed();
  }
}

/** An environment that the caller registered brings its own packages, as a package does. */
function judge(
  deployment: DeploymentRecord,
  folder: ServedModelFolder,
): EnvironmentProblem | undefined {
  if (deployment.environmentId !== null) return undefined;
  if (deployment.egressPublicNetworkAccess.toLowerCase() === 'disabled') return NO_EGRESS;
  if (folder.conda === undefined)
    return { kind: 'image-build', log: ['The model folder has no conda.yaml to build from.'] };
  return judgeEnvironment(folder.conda, folder.requirements);
}

/** The scoring script that Azure would run, which is said before anything is started. */
function scriptOf({ context, deployment, log }: StartOptions): string | undefined {
  const { codeConfiguration, model } = deployment;
  if (codeConfiguration !== null) {
    const { codeId, scoringScript } = codeConfiguration;
    if (
      codeId !== null &&
      parseCode(codeId)?.registry === undefined &&
      !findCode(context.state, codeId)
    ) {
      log.phase('SystemSetup', 'Failed');
      throw assetMissing(codeId);
    }
    return scoringScript;
  }
  const packaged = model === null ? packageOf(context.state, deployment) : undefined;
  return packaged?.hasCode === true ? 'of its package' : undefined;
}

function packageOf(
  state: SandboxState,
  { environmentId }: DeploymentRecord,
): PackagedModel | undefined {
  const packaged = findEnvironment(state, environmentId)?.packaged;
  return packaged?.servesOnline === true ? packaged : undefined;
}

function crashFault({ context, deployment }: StartOptions): string[] | undefined {
  const fault = context.faults.take(['crash'], { deployment: deployment.name });
  return fault === undefined ? undefined : [fault.crash];
}
