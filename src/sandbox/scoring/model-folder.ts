/** An MLflow model folder in blob storage, read for serving. */
import { parse } from 'yaml';
import type { BlobAccess, SandboxConfig } from '../model.js';
import { type Signature, readSignature } from './signature.js';

export interface ModelFolder {
  /** Path in the container, without a slash at the end. */
  path: string;
  files: number;
  hasPythonFunction: boolean;
  /** Names of all flavors. */
  flavors: string[];
  /** Path of the ONNX file, where there is that flavor. */
  onnxFile: string | undefined;
  signature: Signature | undefined;
  conda: string | undefined;
  requirements: string | undefined;
  /** The parsed `input_example.json`, for the OpenAPI description. */
  inputExample: unknown;
}

export class ModelFolderProblem extends Error {
  override name = 'ModelFolderProblem';
}

/**
 * The path in the workspace's blob container that a model version's `modelUri` names, either
 * `azureml://…/datastores/workspaceblobstore/paths/…` or the blob's own https address.
 * @returns undefined for any other place
 */
export function folderOfModelUri(uri: string, config: SandboxConfig): string | undefined {
  const datastore = /^azureml:\/\/(?:.*\/)?datastores\/([^/]+)\/paths\/(.+)$/i.exec(uri);
  if (datastore !== null) {
    const [, name = '', path = ''] = datastore;
    return name.toLowerCase() === 'workspaceblobstore' ? trimSlashes(path) : undefined;
  }
  const blob = new RegExp(
    `^https://${config.storageAccount}\\.blob\\.[^/]+/${config.containerName}/([^?]+)`,
    'i',
  ).exec(uri);
  return blob?.[1] === undefined ? undefined : trimSlashes(decodeURIComponent(blob[1]));
}

/** @throws ModelFolderProblem when the folder is empty or its MLmodel can't be read */
export async function readModelFolder(blobs: BlobAccess, path: string): Promise<ModelFolder> {
  const names = await blobs.list(`${path}/`);
  if (names.length === 0)
    throw new ModelFolderProblem(`No blobs were found at ${path} of the datastore.`);
  const text = await blobs.readText(`${path}/MLmodel`);
  if (text === undefined)
    throw new ModelFolderProblem(`There is no MLmodel file in ${path}: this is no MLflow model.`);
  let mlmodel: Record<string, unknown>;
  try {
    mlmodel = (parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    throw new ModelFolderProblem(`${path}/MLmodel is not readable as YAML.`);
  }
  const flavors = (mlmodel['flavors'] ?? {}) as Record<string, Record<string, unknown> | null>;
  const pyfunc = flavors['python_function'];
  const onnxData = flavors['onnx']?.['data'];
  return {
    path,
    files: names.length,
    hasPythonFunction: pyfunc !== undefined && pyfunc !== null,
    flavors: Object.keys(flavors),
    onnxFile: typeof onnxData === 'string' ? `${path}/${trimSlashes(onnxData)}` : undefined,
    signature: readSignature(mlmodel['signature']),
    conda: await blobs.readText(`${path}/${condaFile(pyfunc?.['env'])}`),
    requirements: await blobs.readText(`${path}/requirements.txt`),
    inputExample: await readExample(blobs, path, mlmodel['saved_input_example_info']),
  };
}

/** `env` is a file name in older MLflow and an object by environment manager in newer. */
function condaFile(env: unknown): string {
  if (typeof env === 'string') return env;
  const conda = (env as { conda?: unknown } | null | undefined)?.conda;
  return typeof conda === 'string' ? conda : 'conda.yaml';
}

async function readExample(blobs: BlobAccess, path: string, info: unknown): Promise<unknown> {
  const artifact = (info as { artifact_path?: unknown } | null | undefined)?.artifact_path;
  if (typeof artifact !== 'string') return undefined;
  try {
    return JSON.parse((await blobs.readText(`${path}/${artifact}`)) ?? '') as unknown;
  } catch {
    // An example is a courtesy of the model's author; a broken one stops nothing.
    return undefined;
  }
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
