/** What of the sign-in and the workspace a rollout depends on; only reads are sent. */
import type { Deployment, Workspace, WorkspaceInfo } from '../azure/types.js';
import { nameProblem } from '../rollout/names.js';
import { nameFinding, nameRuleFinding } from '../rollout/preflight/endpoint-name.js';
import type { Finding } from '../rollout/preflight/finding.js';
import { NEEDED_ACTIONS, permissionFindings } from '../rollout/preflight/permissions.js';
import { quotaFindings } from '../rollout/preflight/quota.js';
import { storageFinding } from '../rollout/preflight/storage.js';
import { legacyFinding, providerFinding } from '../rollout/preflight/subscription.js';
import { liveNames, shareOf } from '../rollout/split.js';
import type { Run } from './command-run.js';
import { findTarget, openTarget, type Target } from './connect-profile.js';
import type { WorkspaceFlags } from './connection-flags.js';
import { caFinding } from './doctor-machine.js';
import { ending, failureIn } from './errors.js';
import { CODE } from './exit-codes.js';

/** Microsoft recommends no smaller one for MLflow models. */
const USUAL_TYPE = 'Standard_DS3_v2';

/** What the person means to roll out, as far as it was said. */
export interface DoctorFlags extends WorkspaceFlags {
  endpoint?: string;
  instanceType?: string;
  instances?: number;
}

export async function* workspaceFindings(
  flags: DoctorFlags,
  { out, signal }: Run,
): AsyncGenerator<Finding> {
  const note = (line: string): void => out.note(line);
  let target: Target;
  try {
    target = await findTarget(flags, note);
  } catch (error) {
    yield failed('workspace', error);
    return;
  }
  const { proxyUrl, caFile } = target.connection ?? {};
  if (proxyUrl) yield { state: 'ok', what: 'proxy', detail: `${proxyUrl} (${target.name})` };
  if (caFile) {
    const finding = caFinding(caFile, target.name);
    yield finding;
    if (finding.state === 'fail') return;
  }
  let opened: Awaited<ReturnType<typeof openTarget>>;
  try {
    opened = await openTarget(target, { signal, note });
  } catch (error) {
    yield failed('workspace', error);
    return;
  }
  try {
    yield* inside(opened.workspace, target, flags, signal);
  } finally {
    await opened.close();
  }
}

async function* inside(
  workspace: Workspace,
  { name, prod }: Target,
  flags: DoctorFlags,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const { signIn } = workspace.connection;
  let info: WorkspaceInfo;
  try {
    const who = await workspace.who(signal);
    yield { state: 'ok', what: 'sign-in', detail: `${who ?? 'no name in the token'} (${signIn})` };
    info = await workspace.info(signal);
    const where = `${info.resourceGroup} / ${info.workspaceName}, ${info.location}`;
    yield { state: 'ok', what: 'workspace', detail: `${name}${prod ? ' PROD' : ''}: ${where}` };
    yield* legacyFinding(info);
  } catch (error) {
    signal.throwIfAborted();
    yield failed(failureIn(error)?.kind === 'sign-in' ? 'sign-in' : 'workspace', error);
    return;
  }
  const checks: [string, () => Promise<Finding[]>][] = [
    [
      'permissions',
      async () => permissionFindings(await workspace.missingPermissions(NEEDED_ACTIONS, signal)),
    ],
    ['storage', async () => [await storageFinding(workspace, info, signal)]],
    ['providers', async () => (await workspace.providerStates(signal)).map(providerFinding)],
    ['endpoint name', () => endpointName(workspace, info, flags, signal)],
    ['quota', () => quota(workspace, flags, signal)],
  ];
  for (const [what, check] of checks) {
    try {
      yield* await check();
    } catch (error) {
      signal.throwIfAborted();
      // One may be allowed to do a rollout, and not to look at this.
      yield { ...failed(what, error), state: 'warn' };
    }
  }
}

async function endpointName(
  workspace: Workspace,
  info: WorkspaceInfo,
  { endpoint }: DoctorFlags,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (endpoint === undefined) return [];
  const wrong = nameRuleFinding(endpoint);
  if (wrong) return [wrong];
  return [nameFinding(endpoint, info.location, await workspace.endpointNameUse(endpoint, signal))];
}

/** For both deployments, or for green alone where one serves already. */
async function quota(
  workspace: Workspace,
  { endpoint, instanceType, instances }: DoctorFlags,
  signal: AbortSignal,
): Promise<Finding[]> {
  const [sizes, usages, blue] = await Promise.all([
    workspace.vmSizes(signal),
    workspace.usages(signal),
    endpoint === undefined ? undefined : largestLive(workspace, endpoint, signal),
  ]);
  const count = instances ?? blue?.instanceCount ?? 1;
  const type = instanceType ?? blue?.instanceType ?? USUAL_TYPE;
  return quotaFindings(
    blue
      ? { title: `green beside ${blue.name}`, instanceType: type, instances: [count] }
      : { title: 'blue and green together', instanceType: type, instances: [count, count] },
    sizes,
    usages,
  );
}

/** The deployment that a new version would replace. */
async function largestLive(
  workspace: Workspace,
  name: string,
  signal: AbortSignal,
): Promise<Deployment | undefined> {
  if (nameProblem('endpoint', name) !== undefined) return undefined;
  const endpoint = await workspace.getEndpoint(name, signal);
  if (!endpoint) return undefined;
  const [first] = liveNames(endpoint.traffic).sort(
    (a, b) => shareOf(endpoint.traffic, b) - shareOf(endpoint.traffic, a),
  );
  return (await workspace.listDeployments(name, signal)).find((each) => each.name === first);
}

function failed(what: string, error: unknown): Finding {
  const end = ending(error, CODE.attention);
  if (!end) throw error;
  const failure = failureIn(error);
  if (failure) return { state: 'fail', what, detail: failure.message, advice: failure.advice };
  return { state: 'fail', what, detail: end.lines.join(' ') };
}
