/**
 * Every check that can be made before a plan's first write: its names, models, rows, and what the
 * workspace allows. Nothing is sent but reads. The wizard, `run` and `doctor` share them.
 */
import { grouped, rowsOf } from '../../common/counts.js';
import { sameName } from '../../common/same-name.js';
import { resolve } from 'node:path';
import type { Deployment, DeploymentSpec, ModelVersion, Workspace } from '../../azure/types.js';
import { InputError } from '../../sampling/input-error.js';
import { leftOutNote } from '../../sampling/left-out.js';
import { plannedChoices } from '../../sampling/check-table.js';
import { planMapping } from '../../sampling/mapping.js';
import { readModelFolder } from '../../sampling/model-folder.js';
import { prepareRows } from '../../sampling/prepare.js';
import { diffSignatures, type Signature } from '../../sampling/signature.js';
import { attachmentLines } from '../attachments.js';
import { parseModel, workspaceModel } from '../../common/model-ref.js';
import {
  approvedEgressNote,
  egressProblem,
  fullProblem,
  settingsProblem,
} from '../changes/create-deployment.js';
import { packageProblem } from '../changes/package-model.js';
import { findDeployment, kubernetesProblem } from '../changes/conditions.js';
import { failureOf } from '../errors.js';
import { judge } from '../evidence/gates/judge.js';
import { signatureOfModel } from '../evidence/model-signatures.js';
import { samePlace } from '../model-source.js';
import { nameProblem } from '../names.js';
import {
  evidenceProblem,
  LATEST,
  type Plan,
  type PlannedDeployment,
  type PlannedModel,
  wrongRetired,
} from '../plan.js';
import { drawRows } from '../open-rows.js';
import { proofAt } from '../plan/proof.js';
import { blueSpec, greenSpec, isPackaged, plannedBlue, plannedLosses } from '../planned-spec.js';
import { tooFewInstances } from '../quota.js';
import { observe, type Snapshot } from '../snapshot.js';
import { liveNames, movable, shareOf } from '../../common/split.js';
import { autoscaleFindings } from './autoscale.js';
import type { PreflightFinding } from './finding.js';
import { identityFindings } from './identity.js';
import { secretFindings, type WithVariables } from './secrets.js';
import { lintFinding, modelFindings } from './model-folder.js';
import { modelInAzure } from './model-in-azure.js';
import type { AlsoNeeded } from './permissions.js';
import type { Planned } from './quota.js';
import { legacyFinding } from './subscription.js';
import { workspaceFindings } from './workspace.js';

export interface PreflightOptions {
  /** What was observed; looked up otherwise. */
  now?: Snapshot;
  signal?: AbortSignal;
}

/**
 * Findings in the order plan, models, rows, workspace. One that is `fail` is in the way: nothing
 * of the plan may be written. Rejects with an AzureError when the workspace can't be opened.
 * @param folder the plan's own, from which its paths are read
 */
export async function preflight(
  plan: Plan,
  workspace: Workspace,
  folder: string,
  { now: seen, signal }: PreflightOptions = {},
): Promise<PreflightFinding[]> {
  const names = nameFindings(plan);
  if (names.length > 0) return names;
  // Such a workspace does not even say which endpoints it has.
  const legacy = legacyFinding(seen?.workspace ?? (await workspace.info(signal)));
  if (legacy.length > 0) return legacy;
  const now = seen ?? (await observe(workspace, plan.endpoint.name, [], signal));
  const work: Work = { plan, workspace, folder, now, signal };
  const to = toMake(plan, now);
  const blue = to.blue ? plan.blue : undefined;
  const green = to.green ? plan.green : undefined;
  const specs = specsOf(work, to);
  // A package is built of the model's own environment.
  const environmentOf = (planned: PlannedDeployment | undefined): string | undefined => {
    const made = specs.find(({ name }) => name === planned?.name);
    return made?.packaged ? undefined : made?.spec.environment;
  };
  const models = await Promise.all([
    modelOf(work, blue?.model, { environment: environmentOf(blue) }),
    modelOf(work, green?.model, { before: blue?.model, environment: environmentOf(green) }),
  ]);
  const settings = [blue, green].flatMap((each) => each?.settings ?? []);
  const code = settings.flatMap(({ codeConfiguration }) => codeConfiguration ?? []);
  const found: PreflightFinding[] = [
    ...endpointFindings(work, to, specs),
    ...models.flatMap(({ findings }) => findings),
    ...(await assetFindings(work, settings)),
    ...(await contractFindings(work, models, to.standing)),
    ...(await attachmentFindings(work, to)),
    ...(await identityOf(
      work,
      specs.map(({ name, spec }) => ({ ...spec, name })),
    )),
    ...(await rowFindings(work, await signatureFor(work, models[1], to.standing), to.standing)),
  ];
  const intent = {
    endpoint: plan.endpoint.name,
    auth: now.endpoint?.authMode ?? plan.endpoint.auth,
    uploads:
      models.some(({ uploads }) => uploads) || code.some(({ folder }) => folder !== undefined),
    alsoNeeds: alsoNeededBy(plan, settings),
    cores: () => Promise.resolve(coresOf(plan, to)),
    adds: {
      endpoints: now.endpoint === undefined ? 1 : 0,
      deployments: Number(to.blue) + Number(to.green),
    },
  };
  for await (const finding of workspaceFindings(intent, workspace, now.workspace, signal)) {
    found.push(finding);
  }
  return found;
}

interface Work {
  plan: Plan;
  workspace: Workspace;
  folder: string;
  now: Snapshot;
  signal: AbortSignal | undefined;
}

/** What of the plan is not there yet. */
interface ToMake {
  blue: boolean;
  green: boolean;
  /** What serves, and is replaced. */
  standing?: Deployment;
}

function toMake(plan: Plan, now: Snapshot): ToMake {
  const live = liveNames(now.endpoint?.traffic ?? {}).filter((name) => name !== plan.green.name);
  const name = plan.blue?.name ?? (live.length === 1 ? live[0] : undefined);
  const standing = name === undefined ? undefined : findDeployment(now, name);
  return {
    blue: plan.blue !== undefined && standing === undefined && now.deployments.length === 0,
    green: findDeployment(now, plan.green.name) === undefined,
    ...(standing && { standing }),
  };
}

/** Rights beyond those that every rollout needs. */
function alsoNeededBy(
  { retire }: Plan,
  all: readonly NonNullable<PlannedDeployment['settings']>[],
): AlsoNeeded[] {
  const code = all.some(({ codeConfiguration }) => codeConfiguration?.folder !== undefined);
  const environment = all.some(({ environmentDefinition }) => environmentDefinition !== undefined);
  return [
    ...(code ? (['code'] as const) : []),
    ...(environment ? (['environment'] as const) : []),
    ...(typeof retire === 'object' ? (['retire'] as const) : []),
  ];
}

const fail = (what: string, detail: string, advice?: string): PreflightFinding => ({
  state: 'fail',
  what,
  detail,
  ...(advice !== undefined && { advice }),
  kind: 'invalid',
});

function nameFindings(plan: Plan): PreflightFinding[] {
  const { endpoint, blue, green } = plan;
  const unproved = evidenceProblem(plan);
  return [
    nameProblem('endpoint', endpoint.name),
    blue && nameProblem('deployment', blue.name),
    nameProblem('deployment', green.name),
    unproved,
  ]
    .filter((problem) => problem !== undefined)
    .map((problem) => fail('plan', problem));
}

interface PlannedSpec {
  name: string;
  spec: DeploymentSpec;
  /** Whether its model is packaged first. */
  packaged: boolean;
  model: PlannedModel;
}

/** The deployments that are to be made. */
function specsOf({ plan }: Work, to: ToMake): PlannedSpec[] {
  const blue = to.standing ?? (plan.blue && plannedBlue(plan.blue));
  const { green } = plan;
  const blueIs = blue?.packagedEnvironment !== undefined;
  const planned = (each: PlannedDeployment, spec: DeploymentSpec): PlannedSpec => ({
    name: each.name,
    spec,
    packaged: isPackaged(each, each === green && blueIs),
    model: each.model,
  });
  return [
    ...(to.blue && plan.blue ? [planned(plan.blue, blueSpec(plan.blue, ''))] : []),
    ...(to.green && blue ? [planned(green, greenSpec(green, '', blue))] : []),
  ];
}

/** What the endpoint and its workspace make of the deployments. */
function endpointFindings(
  { plan, now }: Work,
  to: ToMake,
  specs: readonly PlannedSpec[],
): PreflightFinding[] {
  const { endpoint } = now;
  if (endpoint?.kubernetes !== undefined) return [fail('endpoint', kubernetesProblem(endpoint))];
  const blue = to.standing ?? (plan.blue && plannedBlue(plan.blue));
  const losses = to.green && blue ? plannedLosses(plan, blue) : [];
  const short = reachProblem(plan, now);
  const full = to.green ? fullProblem(plan.endpoint.name, now.deployments.length) : undefined;
  const unpackaged = specs.filter(({ packaged }) => !packaged);
  const wrong = specs.map(({ name, spec, packaged, model }) =>
    packaged && isFromRegistry(model) ? packageProblem(name) : settingsProblem(spec, packaged),
  );
  const retired = retireProblem(plan, to);
  const egress = unpackaged.flatMap(({ name, spec }) => {
    const problem = egressProblem(spec, now.workspace);
    if (problem === undefined) return [];
    const own = name === plan.green.name ? plan.green : plan.blue;
    const said = own?.egressPublicNetworkAccess ?? own?.settings;
    return [said || !blue ? problem : `${problem} ${inheritedEgress(name, blue.name)}`];
  });
  const approved = unpackaged
    .map(({ name, spec }) => approvedEgressNote(name, spec, now.workspace))
    .filter((note) => note !== undefined);
  return [
    ...(retired === undefined ? [] : [fail('retire', retired)]),
    ...wrong
      .filter((problem) => problem !== undefined)
      .map((problem) => fail('definition', problem)),
    ...egress.map((problem) => fail('egress', problem)),
    ...approved.map(({ sentence: detail, advice }): PreflightFinding => ({
      state: 'warn',
      what: 'egress',
      detail,
      advice,
    })),
    ...(full === undefined ? [] : [fail('deployments', full)]),
    ...(short ? [fail('instances', short.sentence, short.advice)] : []),
    ...losses.map(({ sentence }): PreflightFinding => ({
      state: 'warn',
      what: 'definition',
      detail: sentence,
      advice:
        "Approve it with --approve 0, add it to green's file, or set it on green with another tool.",
    })),
  ];
}

const inheritedEgress = (green: string, blue: string): string =>
  `${green} has the setting from ${blue}: to change it, write egressPublicNetworkAccess: enabled at green in the plan.`;

const isFromRegistry = ({ uri }: PlannedModel): boolean =>
  uri !== undefined && parseModel(uri) !== undefined && workspaceModel(uri) === undefined;

/** A plan without blue may delete another deployment than the one that it replaces. */
function retireProblem({ retire }: Plan, { standing }: ToMake): string | undefined {
  if (typeof retire !== 'object' || !standing) return undefined;
  return retire.delete === standing.name ? undefined : wrongRetired(retire.delete, standing.name);
}

/**
 * Whether green's instances are enough for the last weight of the plan, as they are now or will be.
 * `undefined`: they are, or green has traffic already.
 */
export function reachProblem(plan: Plan, now: Snapshot): ReturnType<typeof tooFewInstances> {
  const { name, settings, instanceType, instanceCount } = plan.green;
  const { standing } = toMake(plan, now);
  const blue = standing ?? (plan.blue && blueSpec(plan.blue, ''));
  const traffic = now.endpoint?.traffic ?? {};
  if (!blue || shareOf(traffic, name) > 0) return undefined;
  const wanted = settings
    ? blueSpec(plan.green, '')
    : {
        instanceType: instanceType ?? blue.instanceType,
        instanceCount: instanceCount ?? blue.instanceCount,
      };
  const green = findDeployment(now, name) ?? wanted;
  const most = standing ? movable(traffic, standing.name, name) : 100;
  return tooFewInstances(most, { ...green, name }, blue);
}

/** What watches and scales blue from outside, and would not do so for green. */
async function attachmentFindings(
  { plan, workspace, signal }: Work,
  { green, standing }: ToMake,
): Promise<PreflightFinding[]> {
  if (!green || !standing) return [];
  const copies = plan.autoscale === 'copy';
  const attached = await workspace.attachments(standing.id, signal);
  return [
    ...(copies ? await autoscaleFindings(standing, workspace, signal) : []),
    ...attachmentLines(standing.name, attached, { copies }).map((detail): PreflightFinding => ({
      state: 'warn',
      what: 'attached',
      detail,
      advice: 'Point it at green too, before green gets traffic.',
    })),
  ];
}

/** Rights that the endpoint's identity asks for and needs: of the endpoint there is, or of the planned one. */
async function identityOf(
  { plan, now, workspace, signal }: Work,
  deployments: readonly WithVariables[],
): Promise<PreflightFinding[]> {
  // A new endpoint of which nothing is said has an identity that Azure makes.
  const planned = plan.endpoint.settings ?? { identity: { type: 'system_assigned' as const } };
  const endpoint = now.endpoint ?? planned;
  const isNew = now.endpoint === undefined;
  return [
    ...(await identityFindings(endpoint, { isNew }, workspace, signal)),
    ...(await secretFindings(endpoint, { isNew, deployments }, workspace, signal)),
  ];
}

/** Whether the deployments' code is there, with its script, and their environments are or can be. */
async function assetFindings(
  { workspace, signal }: Work,
  all: readonly NonNullable<PlannedDeployment['settings']>[],
): Promise<PreflightFinding[]> {
  const found: PreflightFinding[] = [];
  const check = async (what: string, read: () => Promise<unknown>): Promise<void> => {
    try {
      await read();
    } catch (error) {
      signal?.throwIfAborted();
      const { kind, message, advice } = failureOf(error, what);
      const known = kind === 'invalid';
      found.push({ ...fail(what, message, advice), ...(!known && { state: 'warn' as const }) });
    }
  };
  for (const { codeConfiguration: code, environment, environmentDefinition } of all) {
    if (code) await check('code', () => workspace.checkCode(code, signal));
    if (environment === undefined) continue;
    await check('environment', () =>
      workspace.pinEnvironment(environment, environmentDefinition, signal),
    );
  }
  return found;
}

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
async function modelOf(
  { workspace, folder, signal }: Work,
  planned: PlannedModel | undefined,
  { before, environment }: { before?: PlannedModel | undefined; environment: string | undefined },
): Promise<Model> {
  if (!planned) return { findings: [], uploads: false };
  const { name, version, path, uri } = planned;
  const ownEnvironment = environment !== undefined;
  if (path !== undefined) {
    const whole = resolve(folder, path);
    const findings = await modelFindings(whole, path, ownEnvironment);
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
async function signatureFor(
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
async function contractFindings(
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

/** The plan's rows: can they be read, is the target known, does it fill the model's inputs. */
async function rowFindings(
  { plan, folder, workspace, signal }: Work,
  signature: Signature | undefined,
  blue: Deployment | undefined,
): Promise<PreflightFinding[]> {
  const { evidence } = plan;
  if (!evidence) return [];
  const { csv, seed, keepDefaultNa = true } = evidence;
  const what = 'rows';
  try {
    const place = { folder, workspace, blue, now: Date.now() };
    const sample = await drawRows(csv, place, {
      rows: evidence.rows,
      seed,
      ...(signal && { signal }),
    });
    const mapping = planMapping(signature, sample, plannedChoices(evidence));
    if (mapping.askTarget) {
      const { candidates } = mapping.askTarget;
      return [
        fail(
          what,
          `Which column of ${sample.file.name} is the target?`,
          `Name it in the plan as evidence.target; it may be ${candidates.join(' or ')}.`,
        ),
      ];
    }
    if (mapping.problems.length > 0) {
      return mapping.problems.map((problem) => fail(what, `${sample.file.name}: ${problem}`));
    }
    const prepared = prepareRows(sample, mapping, { keepDefaultNa });
    const [failure] = prepared.failures;
    const leftOut = leftOutNote(sample.file);
    if (prepared.rows.length === 0) {
      return [fail(what, failure?.message ?? `${sample.file.name} has no rows.`)];
    }
    return [
      {
        state: failure ? 'warn' : 'ok',
        what,
        detail: failure
          ? `${grouped(prepared.failures.length)} cells of ${sample.file.name} do not fit the model; their rows are left out. ${failure.message}`
          : `${sample.file.name}: ${grouped(prepared.rows.length)} of ${rowsOf(sample.file.rows)} are sent`,
      },
      ...(leftOut === undefined ? [] : [{ state: 'warn' as const, what, detail: leftOut }]),
      ...(sample.file.rows < evidence.rows
        ? [
            {
              state: 'warn' as const,
              what,
              detail: `The plan asks for ${rowsOf(evidence.rows)}, and ${sample.file.name} has ${grouped(sample.file.rows)}.`,
              advice: 'Gates may stay inconclusive: use a longer file, or wider limits.',
            },
          ]
        : []),
    ];
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof InputError) return [fail(what, error.message)];
    return [fail(what, failureOf(error, what).message)];
  }
}

/** Cores that are needed together, by instance type: blue and green run side by side. */
function coresOf({ blue, green }: Plan, to: ToMake): Planned[] {
  const beside = to.standing?.name ?? blue?.name;
  const wanted = [
    ...(to.blue && blue
      ? [{ title: blue.name, type: blue.instanceType, count: blue.instanceCount ?? 1 }]
      : []),
    ...(to.green
      ? [
          {
            title: `green${beside === undefined ? '' : ` beside ${beside}`}`,
            type: green.instanceType ?? to.standing?.instanceType ?? blue?.instanceType,
            count: green.instanceCount ?? to.standing?.instanceCount ?? blue?.instanceCount ?? 1,
          },
        ]
      : []),
  ].filter((each) => each.type !== undefined);
  const [first, second] = wanted;
  if (first && second && sameName(first.type, second.type)) {
    const instances = [first.count, second.count];
    return [{ title: 'blue and green together', instanceType: first.type ?? '', instances }];
  }
  return wanted.map(({ title, type = '', count }) => ({
    title,
    instanceType: type,
    instances: [count],
  }));
}
