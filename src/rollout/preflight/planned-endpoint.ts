/** What the endpoint and its workspace make of the planned deployments. */
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
import { type Plan, type PlannedDeployment, type PlannedModel, wrongRetired } from '../plan.js';
import { blueSpec, plannedBlue, plannedLosses } from '../planned-spec.js';
import { tooFewInstances } from '../quota.js';
import { type Snapshot } from '../snapshot.js';
import { movable, shareOf } from '../../common/split.js';
import { autoscaleFindings } from './autoscale.js';
import type { PreflightFinding } from './finding.js';
import { identityFindings } from './identity.js';
import { secretFindings, type WithVariables } from './secrets.js';
import { toMake, type PlannedSpec, type ToMake, type Work } from './planned-work.js';
import { fail } from './finding.js';

/** What the endpoint and its workspace make of the deployments. */
export function endpointFindings(
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
export async function attachmentFindings(
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
export async function identityOf(
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
export async function assetFindings(
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
