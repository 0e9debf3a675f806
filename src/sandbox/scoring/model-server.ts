/**
 * What serves a deployment's model: its ONNX file in threads of this process where there is one, else
 * MLflow's scoring server in processes of a Python that has mlflow.
 */
import type { BlobAccess } from '../context.js';
import { copyModel } from './model-folder.js';
import type { ServedModelFolder } from './model-folder.js';
import { mlflowRunner } from './mlflow-runner.js';
import { UnlikePyfunc, onnxAnswer, onnxRunner } from './onnx-runner.js';
import { PYTHON_VARIABLE, childEnvironment, findPython } from './python.js';
import { type StartRunner, Unloadable } from './runner.js';

export interface ModelServer {
  start: StartRunner;
  /** Lines for the container's log. */
  greeting: string[];
  /** Lines that help where it does not start. */
  advice: string[];
  /** Gives back what it holds on the disk. */
  dispose(): Promise<void>;
}

interface ModelServerOptions {
  blobs: BlobAccess;
  folder: ServedModelFolder;
  /** The bundled worker.ts. */
  workerUrl: URL;
  /** Environment variables of this process. */
  environment: NodeJS.ProcessEnv;
  /** Those of the deployment. */
  environmentVariables: Readonly<Record<string, string>>;
}

/** @returns lines that say what is missing, where this machine can't serve the model */
export async function openModelServer(
  options: ModelServerOptions,
  signal: AbortSignal,
): Promise<ModelServer | string[]> {
  const { blobs, folder, workerUrl } = options;
  const { onnxFile, predictor, signature } = folder;
  if (onnxFile === undefined)
    return openMlflow(options, ['The MLmodel file has no ONNX flavor.'], signal);
  const answer = onnxAnswer(predictor);
  if (Array.isArray(answer)) return openMlflow(options, answer, signal);
  const run = onnxRunner(workerUrl, await blobs.download(onnxFile), answer, signature);
  // What the file's outputs are is known when it is loaded: by the first instance, for all.
  let mlflow: Promise<ModelServer | string[]> | undefined;
  const instead = async (error: UnlikePyfunc): Promise<ModelServer> => {
    mlflow ??= openMlflow(options, [error.message], signal);
    const server = await mlflow;
    if (Array.isArray(server)) throw new Unloadable(server.join(' '));
    return server;
  };
  return {
    start: (events, stop) =>
      run(events, stop).catch(async (error: unknown) => {
        if (!(error instanceof UnlikePyfunc)) throw error;
        const server = await instead(error);
        for (const line of [error.message, ...server.greeting]) events.log(line);
        return server.start(events, stop);
      }),
    greeting: ['azmlinfsrv - Starting the inference server, no-code MLflow scoring script'],
    advice: [],
    async dispose() {
      const server = await mlflow?.catch(() => undefined);
      if (server !== undefined && !Array.isArray(server)) await server.dispose();
    },
  };
}

/** @param why it is not the ONNX file that serves */
async function openMlflow(
  options: ModelServerOptions,
  why: string[],
  signal: AbortSignal,
): Promise<ModelServer | string[]> {
  const { blobs, folder } = options;
  const python = await findPython(options.environment);
  if (Array.isArray(python))
    return [
      ...why,
      'No Python with mlflow was found to serve it with.',
      `Its flavors are ${folder.flavors.join(', ')}. Azure would serve them.`,
      `Asked: ${python.join('; ')}.`,
      `Install mlflow and the packages of the model's conda.yaml, and name that Python in ${PYTHON_VARIABLE}; or add an onnx flavor to the model.`,
    ];
  const copy = await copyModel(blobs, folder.prefix, folder.names, signal);
  return {
    start: mlflowRunner({
      python: python.executable,
      ...copy,
      environment: childEnvironment(options.environment, {
        ...options.environmentVariables,
        AZUREML_MODEL_DIR: copy.scratch,
        MLFLOW_MODEL_FOLDER: 'model',
        // Nothing of it is logged anywhere, but MLflow makes the folder when it loads a model.
        MLFLOW_TRACKING_URI: `${copy.workFolder}/mlruns`,
        MLFLOW_DISABLE_TELEMETRY: 'true',
        // Seconds, above the longest request_timeout_ms: the deployment's own limit is the router's.
        MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT: '200',
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONIOENCODING: 'utf-8',
      }),
    }),
    greeting: [
      `azmlinfsrv - Starting MLflow's scoring server: mlflow ${python.mlflow}, Python ${python.version}`,
      'azmlinfsrv - It runs with the packages installed on this machine, not with those of conda.yaml',
    ],
    advice: [
      `The sandbox installs no packages: ${python.executable} has to have those that conda.yaml lists.`,
    ],
    dispose: copy.remove,
  };
}
