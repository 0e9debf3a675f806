/** The folder of code and the conda file that a deployment.yml names by their paths from it. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { DeploymentSpec } from '../azure/types.js';

type Beside = Pick<DeploymentSpec, 'codeConfiguration' | 'environmentDefinition'>;

/** With each of these paths changed. */
export function withPaths<S extends Beside>(spec: S, change: (path: string) => string): S {
  const { codeConfiguration: code, environmentDefinition: definition } = spec;
  return {
    ...spec,
    ...(code?.folder !== undefined && {
      codeConfiguration: { ...code, folder: change(code.folder) },
    }),
    ...(definition?.condaPath !== undefined && {
      environmentDefinition: { ...definition, condaPath: change(definition.condaPath) },
    }),
  };
}

/** @param file where the deployment.yml is, absolute */
export const withWholePaths = <S extends Beside>(spec: S, file: string): S =>
  withPaths(spec, (path) => resolve(dirname(file), path));

/** @returns what reads the text of a file that the one at `path` names */
export const beside =
  (path: string, open: (path: string) => string) =>
  (named: string): string =>
    open(isAbsolute(named) ? named : join(dirname(path), named));
