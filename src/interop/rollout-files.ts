/** endpoint.yml and deployment.yml as the parts of a plan that they stand for. */
import { parseModel } from '../common/model-ref.js';
import { readTextSync } from '../common/read-text.js';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LATEST, type Plan, type PlannedDeployment, type PlannedModel } from '../rollout/plan.js';
import { pathProblem } from '../sampling/input-error.js';
import { readDeploymentFile, type FileModel } from './deployment-file.js';
import { readEndpointFile } from './endpoint-file.js';
import { beside, withWholePaths } from './files-beside.js';
import { FileProblem } from './yaml-file.js';

/** The files that a plan, or the command line, names. */
export interface NamedFiles {
  /** Relative paths are read from here. */
  folder: string;
  /** Text of a file. Throws a `FileProblem` where it can't be read. */
  open(path: string): string;
  /** What a file says and the rollout does not take over; a sentence with its place. */
  note(line: string): void;
}

/** @param folder relative paths are read from here */
export const filesIn = (folder: string, note: (line: string) => void): NamedFiles => ({
  folder,
  open(path) {
    try {
      return readTextSync(resolve(folder, path));
    } catch (error) {
      throw new FileProblem([pathProblem(path, error).message]);
    }
  },
  note,
});

/** Throws a `FileProblem` with every problem's line and column. */
export function endpointFrom(path: string, files: NamedFiles, name?: string): Plan['endpoint'] {
  const read = readEndpointFile(files.open(path), path, { name: name === undefined });
  for (const line of read.notes) files.note(line);
  const { authMode, ...settings } = read.spec;
  return { name: name ?? read.name ?? '', auth: authMode, settings };
}

/**
 * @param own what the plan says beside the file; it goes before what the file says.
 * Throws a `FileProblem` with every problem's line and column.
 */
export function deploymentFrom(
  path: string,
  files: NamedFiles,
  endpoint: string,
  own: Partial<PlannedDeployment> = {},
): PlannedDeployment {
  const read = readDeploymentFile(files.open(path), path, {
    endpoint,
    name: own.name === undefined,
    model: own.model === undefined,
    instanceType: own.instanceType === undefined,
    instanceCount: own.instanceCount === undefined,
    open: beside(path, files.open),
  });
  for (const line of read.notes) files.note(line);
  const { instanceType, instanceCount, ...settings } = withWholePaths(
    read.spec,
    resolve(files.folder, path),
  );
  const source = own.model === undefined && read.model;
  if (source && source.kind === 'folder' && source.name === undefined) {
    files.note(`${path}: the model has no name of its own, and is registered as ${endpoint}.`);
  }
  return {
    name: own.name ?? read.name ?? '',
    model: own.model ?? (source ? plannedModel(source, path, endpoint) : { name: endpoint }),
    instanceType: own.instanceType ?? instanceType,
    instanceCount: own.instanceCount ?? instanceCount,
    ...(own.package !== undefined && { package: own.package }),
    ...(own.egressPublicNetworkAccess && {
      egressPublicNetworkAccess: own.egressPublicNetworkAccess,
    }),
    settings,
  };
}

function plannedModel(source: FileModel, file: string, endpoint: string): PlannedModel {
  switch (source.kind) {
    case 'version':
      return { name: source.name, version: source.version };
    case 'latest':
      return { name: source.name, version: LATEST };
    case 'id': {
      const { name = endpoint, version = '' } = parseModel(source.id) ?? {};
      return { name, version, uri: source.id };
    }
    case 'folder': {
      const { kind: _, path, name = endpoint, ...rest } = source;
      if (/^(azureml|runs):/i.test(path)) return { ...rest, name, uri: path };
      return { ...rest, name, path: isAbsolute(path) ? path : join(dirname(file), path) };
    }
  }
}
