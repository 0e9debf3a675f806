/** Models, registered or in a folder, and the sizes a deployment can have. */
import { lintConda, missingConda, type Finding as Lint } from '../../sampling/conda-lint.js';
import { lintModelFolder } from '../../sampling/folder-lint.js';
import { parseMlmodel, type MlModel } from '../../sampling/mlmodel.js';
import { readModelFolder } from '../../sampling/model-folder.js';
import type { SignatureColumn } from '../../sampling/signature.js';
import type { Column, Finding, ModelLook } from '../commands.js';
import { typedPath } from './typed-path.js';
import { workspaceOf, type Handlers } from './world.js';

const columns = (list: readonly SignatureColumn[] = []): Column[] =>
  list.map((column, index) => ({ name: column.name ?? `${index + 1}`, type: column.typeText }));

const findings = (list: readonly Lint[]): Finding[] =>
  list.map(({ level, file, line, what, advice }) => ({
    level,
    text: `${file}${line === undefined ? '' : ` line ${line}`}: ${what}`,
    advice,
  }));

function lookOf(model: MlModel, lint: readonly Lint[], folder?: string): ModelLook {
  return {
    flavors: model.flavors,
    ...(model.signature && { signature: model.signature }),
    inputs: columns(model.signature?.inputs),
    outputs: columns(model.signature?.outputs),
    findings: findings(lint),
    metadata: Object.fromEntries(
      Object.entries(model.metadata).map(([name, value]) => [name, String(value)]),
    ),
    flavorData: model.flavorData,
    ...(folder !== undefined && { folder }),
  };
}

export const modelHandlers: Pick<
  Handlers,
  'listModels' | 'lookAtFolder' | 'lookAtVersion' | 'nextVersion' | 'listSizes'
> = {
  async listModels(_, { world, signal }) {
    const workspace = workspaceOf(world);
    const names = await workspace.listModels(signal);
    return Promise.all(
      names.map(async (name) => ({
        name,
        versions: await workspace.listModelVersions(name, signal),
      })),
    );
  },

  async lookAtFolder({ folder }, { world }) {
    const read = await readModelFolder(typedPath(world.cwd, folder));
    return lookOf(read.model, await lintModelFolder(read), read.path);
  },

  async lookAtVersion({ model, version }, { world, signal }) {
    const workspace = workspaceOf(world);
    const registered = await workspace.getModelVersion(model, version, signal);
    if (!registered) throw new Error(`Model ${model} has no version ${version} any more.`);
    const text = await workspace.readModelFile(registered, 'MLmodel', signal);
    if (text === undefined) {
      throw new Error(
        `Model ${model} version ${version} holds no MLmodel file: it is not an MLflow model.`,
      );
    }
    const parsed = parseMlmodel(text, `${model} ${version}: MLmodel`);
    const file = parsed.condaFile ?? 'conda.yaml';
    const conda = await workspace.readModelFile(registered, file, signal);
    return lookOf(parsed, conda === undefined ? [missingConda(file)] : lintConda(conda, file));
  },

  async nextVersion({ model }, { world, signal }) {
    const container = await workspaceOf(world).modelContainer(model, signal);
    return { model, version: container?.nextVersion ?? '1' };
  },

  async listSizes(_, { world, signal }) {
    const workspace = workspaceOf(world);
    const [sizes, usages] = await Promise.all([
      workspace.vmSizes(signal),
      workspace.usages(signal).catch(() => []),
    ]);
    return { sizes, usages };
  },
};
