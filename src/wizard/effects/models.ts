/** Models, registered or in a folder, and the sizes a deployment can have. */
import type { CondaFinding } from '../../sampling/conda-dependencies.js';
import { lintModelFolder } from '../../sampling/folder-lint.js';
import type { MlModel } from '../../sampling/mlmodel.js';
import { readModelFolder } from '../../sampling/model-folder.js';
import type { Signature, SignatureColumn } from '../../sampling/signature.js';
import type { FamilyUsage, JobModel, ModelVersion, VmSize, Workspace } from '../../azure/types.js';
import type { HourlyPrices } from '../../rollout/cost.js';
import { failureOf } from '../../rollout/errors.js';
import { modelInAzure } from '../../rollout/preflight/model-in-azure.js';
import { findModel } from '../../rollout/moves/registered-model.js';
import { typedPath } from './typed-path.js';
import { workspaceOf, type CommandKind, type Context } from './world.js';

interface ModelFinding {
  level: 'error' | 'warning';
  text: string;
  advice: string;
}

export interface Column {
  name: string;
  type: string;
}

/** An MLflow model, in a folder or registered. */
export interface ModelLook {
  flavors: string[];
  /** Absent: the model names none, and nothing can be compared. */
  signature?: Signature;
  inputs: Column[];
  outputs: Column[];
  findings: ModelFinding[];
  metadata: Record<string, string>;
  /** For the registration's `flavors` member. */
  flavorData: Record<string, Record<string, string>>;
  /** Absolute, when it is a folder. */
  folder?: string;
  /** As MLflow wrote it: the same id is the same model, however often it was registered. */
  modelUuid?: string;
}

const columns = (list: readonly SignatureColumn[] = []): Column[] =>
  list.map((column, index) => ({ name: column.name ?? `${index + 1}`, type: column.typeText }));

const findings = (list: readonly CondaFinding[]): ModelFinding[] =>
  list.map(({ level, file, line, what, advice }) => ({
    level,
    text: `${file}${line === undefined ? '' : ` line ${line}`}: ${what}`,
    advice,
  }));

function lookOf(model: MlModel, lint: readonly CondaFinding[], folder?: string): ModelLook {
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
    ...(model.modelUuid !== undefined && { modelUuid: model.modelUuid }),
    ...(folder !== undefined && { folder }),
  };
}

/** `undefined`: it has no MLmodel, or its place is out of this workspace's reach. */
async function lookInAzure(
  workspace: Workspace,
  model: { uri: string; name?: string; version?: string },
  shown: string,
  signal: AbortSignal,
): Promise<ModelLook | undefined> {
  const found = await modelInAzure(workspace, model, shown, signal);
  return found && lookOf(found.model, found.lint);
}

async function lookAtVersion(
  { model, version }: { model: string; version: string },
  { world, signal }: Context,
): Promise<ModelLook> {
  const workspace = workspaceOf(world);
  const registered = await workspace.getModelVersion(model, version, signal);
  if (!registered) throw new Error(`Model ${model} no longer has version ${version}.`);
  const look = await lookInAzure(workspace, registered, `${model} ${version}`, signal);
  if (look) return look;
  throw new Error(
    `Model ${model} version ${version} holds no MLmodel file: it is not an MLflow model.`,
  );
}

/** Of each model, as many as one request brings and a person looks through. */
const NEWEST = 100;

export const listModelsCommand: CommandKind<object, { name: string; versions: ModelVersion[] }[]> =
  {
    what: 'listing models',
    async carryOut(_, { world, signal }) {
      const workspace = workspaceOf(world);
      const names = await workspace.listModels(signal);
      return Promise.all(
        names.map(async (name) => ({
          name,
          versions: await workspace.listModelVersions(name, signal, NEWEST),
        })),
      );
    },
  };

export const lookAtFolderCommand: CommandKind<{ folder: string }, ModelLook> = {
  what: 'reading the model',
  async carryOut({ folder }, { world }) {
    const read = await readModelFolder(typedPath(world.cwd, folder));
    const findings = await lintModelFolder(read, workspaceOf(world).filesToUpload);
    return lookOf(read.model, findings, read.path);
  },
};

/** The model that serves, to compare the new one with. */
export const lookAtBlueCommand: CommandKind<{ model: string; version: string }, ModelLook> = {
  what: 'reading the model that serves',
  carryOut: lookAtVersion,
};

export const lookAtVersionCommand: CommandKind<{ model: string; version: string }, ModelLook> = {
  what: 'reading the model',
  carryOut: lookAtVersion,
};

/** A place in Azure that is not registered yet; `why` it can't be read from here. */
export const lookAtUriCommand: CommandKind<{ uri: string }, { look: ModelLook } | { why: string }> =
  {
    what: 'reading the model',
    async carryOut({ uri }, { world, signal }) {
      try {
        const look = await lookInAzure(workspaceOf(world), { uri }, uri, signal);
        return look ? { look } : { why: 'no MLmodel file is found there' };
      } catch (error) {
        signal.throwIfAborted();
        // Azure itself may read what this sign-in cannot.
        const { kind, message } = failureOf(error, 'read the model');
        if (kind === 'sign-in' || kind === 'network' || kind === 'throttled') throw error;
        return { why: message };
      }
    },
  };

/** Models that jobs left behind, where the service tells. */
export const listJobModelsCommand: CommandKind<object, JobModel[]> = {
  what: 'listing models of jobs',
  async carryOut(_, { world, signal }) {
    // A list that only saves typing: who may not read jobs types the place.
    return workspaceOf(world)
      .listJobModels(signal)
      .catch(() => []);
  },
};

/** A folder is uploaded to find out: uploads are named by their content, and change nothing. */
export const nextVersionCommand: CommandKind<
  { model: string; folder?: string; uri?: string },
  { model: string; version: string; registered?: true }
> = {
  what: 'looking for the same content',
  async carryOut({ model, folder, uri }, { world, signal }) {
    const planned = { name: model, path: folder, uri };
    const found = await findModel(planned, workspaceOf(world), world.cwd, signal);
    return 'version' in found
      ? { model, version: found.version.version, registered: true }
      : { model, version: found.register.version };
  },
};

export const listSizesCommand: CommandKind<object, { sizes: VmSize[]; usages: FamilyUsage[] }> = {
  what: 'listing instance types',
  async carryOut(_, { world, signal }) {
    const workspace = workspaceOf(world);
    const [sizes, usages] = await Promise.all([
      workspace.vmSizes(signal),
      workspace.usages(signal).catch(() => []),
    ]);
    return { sizes: sizes.filter(({ forEndpoints }) => forEndpoints !== false), usages };
  },
};

/** A courtesy: what is not known is left out. */
export const listPricesCommand: CommandKind<
  { sizes: readonly string[] },
  { prices: HourlyPrices }
> = {
  what: 'reading list prices',
  carryOut: async ({ sizes }, { world, signal }) => ({
    prices: await workspaceOf(world).hourlyPrices(sizes, signal),
  }),
};
