/** How a deployment comes up: four phases over the scaled clock, and what goes wrong in each. */
import { createHash } from 'node:crypto';
import { durationMs } from '../arm/iso-duration.js';
import type { DeploymentRecord, EndpointRecord, SandboxContext } from '../model.js';
import { Container } from './container.js';
import { judgeEnvironment, type EnvironmentProblem } from './container-env.js';
import type { ContainerLog } from './container-log.js';
import {
  assetNotFound,
  containerCrashed,
  imageBuildFailed,
  modelDownloadFailed,
} from './failures.js';
import { type ModelFolder, folderOfModelUri, readModelFolder } from './model-folder.js';
import { findModelVersion } from './model-reference.js';

export type StartContext = Omit<SandboxContext, 'runtime' | 'metrics'>;

export interface StartOptions {
  context: StartContext;
  endpoint: EndpointRecord;
  deployment: DeploymentRecord;
  log: ContainerLog;
  workerUrl: URL;
  random: () => number;
}

/** Shares of `durations.deployment`. The download runs beside the image pull, as in the service. */
const SHARE = {
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
  const { context, deployment, log } = options;
  const { clock, durations } = context;
  const wait = (phase: keyof typeof SHARE) =>
    clock.delay(durations.deployment * SHARE[phase], signal);

  log.phase('SystemSetup', 'InProgress');
  await wait('SystemSetup');
  const path = modelPath(options);
  log.phase('SystemSetup', 'Succeeded');

  log.phase('UserContainerImagePull', 'InProgress');
  log.phase('ModelDownload', 'InProgress');
  log.event('Pulling', 'Start pulling container image');
  log.event('Pulling', 'Start downloading models');
  const [model] = await Promise.all([
    wait('ModelDownload').then(() => download(options, path)),
    wait('UserContainerImagePull'),
  ]);
  const environment = judge(deployment, model.folder);
  if (environment?.kind === 'image-build') {
    log.phase('UserContainerImagePull', 'Failed');
    for (const line of environment.log) log.server(line, 'E');
    log.event('ImageBuildFailed', 'The environment image could not be built', 'Warning');
    const build = createHash('sha256')
      .update(model.folder.conda ?? '')
      .digest('hex')
      .slice(0, 16);
    throw imageBuildFailed(context.state.config, `azureml/ImageLogs/${build}/build.log`);
  }
  log.phase('UserContainerImagePull', 'Succeeded');
  log.event('Pulled', 'Container image is pulled successfully');

  log.phase('UserContainerStart', 'InProgress');
  log.event('Created', 'Created container inference-server');
  log.event('Started', 'Started container inference-server');
  const problem = environment?.log ?? unservable(options, model.folder) ?? crashFault(options);
  if (problem !== undefined || model.onnx === undefined) {
    await wait('UserContainerStart');
    throw crash(log, problem ?? []);
  }
  return boot(options, model.folder, model.onnx, () => wait('UserContainerStart'));
}

/** Puts a deployment that has succeeded before back into service, without phases or waiting. */
export async function resumeContainer(options: StartOptions): Promise<Container> {
  const { folder, onnx } = await download(options, modelPath(options));
  if (onnx === undefined) throw crash(options.log, unservable(options, folder) ?? []);
  return boot(options, folder, onnx, () => Promise.resolve());
}

async function boot(
  options: StartOptions,
  folder: ModelFolder,
  onnx: Uint8Array,
  wait: () => Promise<void>,
): Promise<Container> {
  const { deployment, log } = options;
  const { requestTimeout, maxConcurrentRequestsPerInstance } = deployment.requestSettings;
  const model = new SharedArrayBuffer(onnx.byteLength);
  new Uint8Array(model).set(onnx);
  log.server('azmlinfsrv - Starting the inference server, no-code MLflow scoring script');
  const container = new Container({
    workerUrl: options.workerUrl,
    model,
    signature: folder.signature,
    inputExample: folder.inputExample,
    requestTimeoutMs: durationMs(requestTimeout) || DEFAULT_TIMEOUT_MS,
    concurrency: Math.max(1, maxConcurrentRequestsPerInstance),
    environmentVariables: { ...deployment.environmentVariables },
    log,
    random: options.random,
  });
  const loading = container.resize(Math.max(1, deployment.sku.capacity));
  loading.catch(() => undefined);
  try {
    await wait();
    await loading;
  } catch (error) {
    await container.close();
    if (error instanceof Error && error.name === 'Unloadable')
      throw crash(log, [
        'Exception in init()',
        `The ONNX model can not be loaded: ${error.message}`,
      ]);
    throw error;
  }
  log.server(`azmlinfsrv - Model loaded; flavors: ${folder.flavors.join(', ')}`);
  log.server('azmlinfsrv - Listening at http://0.0.0.0:31311');
  log.server('azmlinfsrv - GET / 200: readiness probe passed');
  log.phase('UserContainerStart', 'Succeeded');
  return container;
}

/** @throws DeploymentFailure when there is no such model version in this workspace */
function modelPath({ context, deployment, log }: StartOptions): string {
  const { state } = context;
  const version = findModelVersion(state, deployment.model ?? '');
  const path = version === undefined ? undefined : folderOfModelUri(version.modelUri, state.config);
  if (path === undefined) {
    if (deployment.model === null)
      log.server(
        'This sandbox serves the model that a deployment names; this one names none.',
        'E',
      );
    log.phase('SystemSetup', 'Failed');
    throw assetNotFound(deployment.model ?? '(none)');
  }
  return path;
}

async function download(
  { context, log }: StartOptions,
  path: string,
): Promise<{ folder: ModelFolder; onnx: Uint8Array | undefined }> {
  log.initializer(`Downloading ${path} from the workspace's datastore`);
  try {
    const folder = await readModelFolder(context.blobs, path);
    const onnx =
      folder.onnxFile === undefined ? undefined : await context.blobs.download(folder.onnxFile);
    log.initializer(`Downloaded ${folder.files} file${folder.files === 1 ? '' : 's'}`);
    log.phase('ModelDownload', 'Succeeded');
    log.event('Downloaded', 'Models are downloaded successfully or no model need to download');
    return { folder, onnx };
  } catch (error) {
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

/** An environment that the caller registered brings its own packages. */
function judge(deployment: DeploymentRecord, folder: ModelFolder): EnvironmentProblem | undefined {
  if (deployment.environmentId !== null) return undefined;
  if (folder.conda === undefined)
    return { kind: 'image-build', log: ['The model folder has no conda.yaml to build from.'] };
  return judgeEnvironment(folder.conda, folder.requirements);
}

/** What no amount of packages would mend, or what this sandbox, unlike Azure, can't run. */
function unservable({ deployment }: StartOptions, folder: ModelFolder): string[] | undefined {
  if (!folder.hasPythonFunction)
    return [
      'Exception in init()',
      `MlflowException: the model has no "python_function" flavor; it has ${folder.flavors.join(', ') || 'none'}.`,
    ];
  if (deployment.codeConfiguration !== null)
    return ['This sandbox runs no scoring scripts; it serves MLflow models with an ONNX flavor.'];
  if (folder.onnxFile === undefined)
    return [
      'This sandbox serves models with an ONNX flavor, and the MLmodel file has none.',
      `Its flavors are ${folder.flavors.join(', ')}. Azure would serve them; add an onnx flavor to try the model here.`,
    ];
  return undefined;
}

function crashFault({ context, deployment }: StartOptions): string[] | undefined {
  const fault = context.faults.take(['crash'], { deployment: deployment.name });
  return fault === undefined ? undefined : [fault.crash];
}

function crash(log: ContainerLog, lines: readonly string[]): Error {
  for (const line of lines) log.server(line, 'E');
  log.event(
    'Unhealthy',
    'Liveness probe failed: HTTP probe failed with statuscode: 502',
    'Warning',
  );
  log.event('BackOff', 'Back-off restarting failed container inference-server', 'Warning');
  log.phase('UserContainerStart', 'Failed');
  return containerCrashed();
}
