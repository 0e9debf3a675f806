/** An MLflow model folder in blob storage, read for serving, and its copy on this machine's disk. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { parse } from 'yaml';
import type { BlobAccess } from '../context.js';
import { type ServedSignature, readSignature } from './signature.js';

/** What answers for the python_function flavor. */
export interface Predictor {
  /** Python module, such as `mlflow.sklearn`. */
  loader: string;
  /** Method of the model. */
  predictFn: string;
  /** Python class of the model, where the flavor names it. */
  modelClass: string | undefined;
}

export interface ServedModelFolder {
  /** What the paths of its blobs begin with: the folder's own and a slash, or nothing. */
  prefix: string;
  /** Paths of its blobs, in the container. */
  names: string[];
  hasPythonFunction: boolean;
  predictor: Predictor;
  /** Names of all flavors. */
  flavors: string[];
  /** Path of the ONNX file, where there is that flavor. */
  onnxFile: string | undefined;
  signature: ServedSignature | undefined;
  conda: string | undefined;
  requirements: string | undefined;
  /** The parsed `input_example.json`, for the OpenAPI description. */
  inputExample: unknown;
}

class ModelFolderProblem extends Error {
  override name = 'ModelFolderProblem';
}

/**
 * @param path in the container, without a slash at the end; empty for the whole container
 * @throws ModelFolderProblem when the folder is empty or its MLmodel can't be read
 */
export async function readServedModel(blobs: BlobAccess, path: string): Promise<ServedModelFolder> {
  const prefix = path === '' ? '' : `${path}/`;
  const names = await blobs.list(prefix);
  if (names.length === 0)
    throw new ModelFolderProblem(`No blobs were found at ${path} of the datastore.`);
  const text = await blobs.readText(`${prefix}MLmodel`);
  if (text === undefined)
    throw new ModelFolderProblem(`There is no MLmodel file in ${path}: this is no MLflow model.`);
  let mlmodel: Record<string, unknown>;
  try {
    mlmodel = (parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    throw new ModelFolderProblem(`${prefix}MLmodel is not readable as YAML.`);
  }
  const flavors = (mlmodel['flavors'] ?? {}) as Record<string, Record<string, unknown> | null>;
  const pyfunc = flavors['python_function'];
  const onnxData = flavors['onnx']?.['data'];
  return {
    prefix,
    names,
    hasPythonFunction: pyfunc !== undefined && pyfunc !== null,
    predictor: predictorOf(flavors),
    flavors: Object.keys(flavors),
    onnxFile: typeof onnxData === 'string' ? `${prefix}${trimSlashes(onnxData)}` : undefined,
    signature: readSignature(mlmodel['signature']),
    conda: await blobs.readText(`${prefix}${condaFile(pyfunc?.['env'])}`),
    requirements: await blobs.readText(`${prefix}requirements.txt`),
    inputExample: await readExample(blobs, prefix, mlmodel['saved_input_example_info']),
  };
}

function predictorOf(flavors: Record<string, Record<string, unknown> | null>): Predictor {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const loader = text(flavors['python_function']?.['loader_module']) ?? 'no module';
  const own = flavors[loader.replace(/^mlflow\./, '')];
  const predictFn = flavors['python_function']?.['predict_fn'] ?? own?.['predict_fn'];
  return {
    loader,
    predictFn: text(predictFn) ?? 'predict',
    modelClass: text(own?.['model_class']),
  };
}

/** `env` is a file name in older MLflow and an object by environment manager in newer. */
function condaFile(env: unknown): string {
  if (typeof env === 'string') return env;
  const conda = (env as { conda?: unknown } | null | undefined)?.conda;
  return typeof conda === 'string' ? conda : 'conda.yaml';
}

async function readExample(blobs: BlobAccess, prefix: string, info: unknown): Promise<unknown> {
  const artifact = (info as { artifact_path?: unknown } | null | undefined)?.artifact_path;
  if (typeof artifact !== 'string') return undefined;
  try {
    return JSON.parse((await blobs.readText(`${prefix}${artifact}`)) ?? '') as unknown;
  } catch {
    // An example is a courtesy of the model's author; a broken one stops nothing.
    return undefined;
  }
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

interface ModelCopy {
  /** Holds everything below. */
  scratch: string;
  modelFolder: string;
  /** Empty; the server's working directory. */
  workFolder: string;
  remove(): Promise<void>;
}

/** @param prefix what all of these names begin with, up to the folder's own files */
export async function copyModel(
  blobs: BlobAccess,
  prefix: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ModelCopy> {
  const scratch = await mkdtemp(join(tmpdir(), 'aml-rollout-model-'));
  const remove = () => rm(scratch, { recursive: true, force: true, maxRetries: 5 });
  const modelFolder = join(scratch, 'model');
  const workFolder = join(scratch, 'work');
  try {
    await mkdir(workFolder);
    for (const name of names) {
      signal.throwIfAborted();
      const file = resolve(modelFolder, name.slice(prefix.length));
      // Names of blobs come from outside, and `..` is a valid part of one.
      if (!file.startsWith(modelFolder + sep))
        throw new ModelFolderProblem(`The blob ${name} lies outside of the model's folder.`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await blobs.download(name), { mode: 0o600 });
    }
    signal.throwIfAborted();
  } catch (error) {
    await remove();
    throw error;
  }
  return { scratch, modelFolder, workFolder, remove };
}
