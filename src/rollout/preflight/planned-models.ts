/** The plan's models, on this machine or in Azure, and whether green takes and gives what blue does. */
import { resolve } from 'node:path';
import type { Deployment, ModelVersion, Workspace } from '../../azure/types.js';
import { readModelFolder } from '../../sampling/model-folder.js';
import { diffSignatures, type Signature } from '../../sampling/signature.js';
import { findDeployment } from '../changes/conditions.js';
import { judge } from '../evidence/gates/judge.js';
import { signatureOfModel } from '../evidence/model-signatures.js';
import { samePlace } from '../model-source.js';
import { LATEST, type PlannedModel } from '../plan.js';
import { proofAt } from '../plan/proof.js';
import type { PreflightFinding } from './finding.js';
import { lintFinding, modelFindings } from './model-folder.js';
import { modelInAzure } from './model-in-azure.js';
import type { Work } from './planned-work.js';
import { fail } from './finding.js';

interface Model {
  findings: PreflightFinding[];
  /** Absent where it is not known. */
  signature?: Signature;
  uploads: boolean;
}

/**
 * @param before blue's model, where the plan registers one of the same name first
 * @param environment that the deployment names, so that the model's own is not built
 */
export async function modelOf(
  { workspace, folder, signal }: Work,
  planned: PlannedModel | undefined,
  { before, environment }: { before?: PlannedModel | undefined; environment: string | undefined },
): Promise<Model> {
  if (!planned) return { findings: [], uploads: false };
  const { name, version, path, uri } = planned;
  const ownEnvironment = environment !== undefined;
  if (path !== undefined) {
    const whole = resolve(folder, path);
    const findings = await modelFindings(whole, path, workspace.filesToUpload, ownEnvironment);
    if (findings.some(({ state }) => state === 'fail')) return { findings, uploads: true };
    const { model } = await readModelFolder(whole);
    const taken = await takenFinding(workspace, planned, whole, signal);
    return {
      findings: [...findings, ...(taken ? [taken] : [])],
      ...(model.signature && { signature: model.signature }),
      uploads: true,
    };
  }
  if (uri !== undefined) return inAzure(workspace, { uri }, uri, ownEnvironment, signal);
  const comes = before?.name === name && (before.path ?? before.uri) !== undefined;
  if (comes) return { findings: [], uploads: false };
  const there = await registered(workspace, planned, signal);
  if (!there) {
    const which = version === LATEST ? 'no version' : `no version ${version ?? ''}`;
    return {
      findings: [
        fail(
          'model',
          `The workspace has ${which} of model ${name}.`,
          'Register it, or name a version that exists.',
        ),
      ],
      uploads: false,
    };
  }
  return inAzure(workspace, there, `${name} ${there.version}`, ownEnvironment, signal);
}

/** What this sign-in cannot read, Azure itself may. */
async function inAzure(
  workspace: Workspace,
  place: { uri: string; name?: string; version?: string },
  shown: string,
  ownEnvironment: boolean,
  signal: AbortSignal | undefined,
): Promise<Model> {
  const found = await modelInAzure(workspace, place, shown, signal).catch(() => {
    signal?.throwIfAborted();
    return undefined;
  });
  return {
    findings: found?.lint.map((each) => lintFinding(each, shown, ownEnvironment)) ?? [],
    uploads: false,
    ...(found?.model.signature && { signature: found.model.signature }),
  };
}

async function registered(
  workspace: Workspace,
  { name, version }: PlannedModel,
  signal: AbortSignal | undefined,
): Promise<ModelVersion | undefined> {
  if (version !== LATEST) return workspace.getModelVersion(name, version ?? '', signal);
  return (await workspace.listModelVersions(name, signal, 1))[0];
}

/** A version that the plan names and that is registered has to be the same content. */
async function takenFinding(
  workspace: Workspace,
  { name, version }: PlannedModel,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<PreflightFinding | undefined> {
  if (version === undefined) return undefined;
  const there = await workspace.getModelVersion(name, version, signal);
  if (!there) return undefined;
  const hashes = await workspace.folderHashes(folder);
  const same =
    hashes.some((hash) => there.uri.includes(`/${hash}/`)) || samePlace(there.uri, folder);
  return same
    ? undefined
    : fail(
        'model',
        `Version ${version} of model ${name} is already registered with different content.`,
        'Choose another version, or omit it for the next free one.',
      );
}

/** The signature that rows are fitted to: green's, or what serves where green stands already. */
export async function signatureFor(
  { workspace, plan, now, signal }: Work,
  green: Model,
  standing: Deployment | undefined,
): Promise<Signature | undefined> {
  if (green.signature) return green.signature;
  const there = findDeployment(now, plan.green.name) ?? standing;
  if (!there) return undefined;
  return signatureOfModel(there.model, workspace, signal).catch(() => undefined);
}

/** Whether green takes and gives what blue does, as far as both say so. */
export async function contractFindings(
  { plan, workspace, signal }: Work,
  [blue, green]: readonly Model[],
  standing: Deployment | undefined,
): Promise<PreflightFinding[]> {
  const before = standing
    ? await signatureOfModel(standing.model, workspace, signal).catch(() => undefined)
    : blue?.signature;
  if (!before || !green?.signature) return [];
  const evidence = {
    rows: [],
    blue: plan.blue?.name ?? standing?.name ?? 'blue',
    green: plan.green.name,
    signature: diffSignatures(before, green.signature),
  };
  return judge(evidence, proofAt(plan, 0).gates)
    .filter(
      ({ gate, verdict, mode }) => gate === 'contract' && verdict === 'fail' && mode === 'enforce',
    )
    .map(({ why }) =>
      fail('contract', why, 'Log the model again, or set the gate contract to warn.'),
    );
}
