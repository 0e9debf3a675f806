/** What of the sign-in and the workspace a rollout depends on; only reads are sent. */
import type { Deployment, Endpoint, Workspace, WorkspaceInfo } from '../azure/types.js';
import { nameProblem } from '../rollout/names.js';
import { identityFindings } from '../rollout/preflight/identity.js';
import { secretFindings } from '../rollout/preflight/secrets.js';
import type { PreflightFinding } from '../rollout/preflight/finding.js';
import type { Planned } from '../rollout/preflight/quota.js';
import { workspaceFindings } from '../rollout/preflight/workspace.js';
import { liveNames, shareOf } from '../common/split.js';
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

export async function* targetFindings(
  flags: DoctorFlags,
  { out, signal }: Run,
): AsyncGenerator<PreflightFinding> {
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

/** Of what green will name, as long as nothing else is said: what the deployments there are name. */
async function inheritedSecrets(
  endpoint: Endpoint,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<PreflightFinding[]> {
  const deployments = await workspace.listDeployments(endpoint.name, signal);
  return secretFindings(endpoint, { isNew: false, deployments }, workspace, signal);
}

async function* inside(
  workspace: Workspace,
  { name, prod }: Target,
  flags: DoctorFlags,
  signal: AbortSignal,
): AsyncGenerator<PreflightFinding> {
  const { signIn } = workspace.connection;
  let info: WorkspaceInfo;
  try {
    const who = await workspace.who(signal);
    yield { state: 'ok', what: 'sign-in', detail: `${who ?? 'no name in the token'} (${signIn})` };
    info = await workspace.info(signal);
    const where = `${info.resourceGroup} / ${info.workspaceName}, ${info.location}`;
    yield { state: 'ok', what: 'workspace', detail: `${name}${prod ? ' PROD' : ''}: ${where}` };
  } catch (error) {
    signal.throwIfAborted();
    yield failed(failureIn(error)?.kind === 'sign-in' ? 'sign-in' : 'workspace', error);
    return;
  }
  const endpoint = await standing(workspace, flags.endpoint, signal);
  if (endpoint) {
    yield* await identityFindings(endpoint, { isNew: false }, workspace, signal).catch(() => []);
    yield* await inheritedSecrets(endpoint, workspace, signal).catch(() => []);
  }
  yield* workspaceFindings(
    {
      ...(flags.endpoint !== undefined && { endpoint: flags.endpoint }),
      ...(endpoint && { auth: endpoint.authMode }),
      cores: () => cores(workspace, flags, signal),
      adds: endpoint ? { endpoints: 0, deployments: 1 } : { endpoints: 1, deployments: 2 },
    },
    workspace,
    info,
    signal,
  );
}

/** For both deployments, or for green alone where one serves already. */
async function cores(
  workspace: Workspace,
  { endpoint, instanceType, instances }: DoctorFlags,
  signal: AbortSignal,
): Promise<Planned[]> {
  const blue = endpoint === undefined ? undefined : await largestLive(workspace, endpoint, signal);
  const count = instances ?? blue?.instanceCount ?? 1;
  const type = instanceType ?? blue?.instanceType ?? USUAL_TYPE;
  return [
    blue
      ? { title: `green beside ${blue.name}`, instanceType: type, instances: [count] }
      : { title: 'blue and green together', instanceType: type, instances: [count, count] },
  ];
}

/** The endpoint, where it is there and can be read. */
async function standing(
  workspace: Workspace,
  name: string | undefined,
  signal: AbortSignal,
): Promise<Endpoint | undefined> {
  if (name === undefined || nameProblem('endpoint', name) !== undefined) return undefined;
  return workspace.getEndpoint(name, signal).catch(() => {
    signal.throwIfAborted();
    return undefined;
  });
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

function failed(what: string, error: unknown): PreflightFinding {
  const end = ending(error, CODE.attention);
  if (!end) throw error;
  const failure = failureIn(error);
  if (failure) return { state: 'fail', what, detail: failure.message, advice: failure.advice };
  return { state: 'fail', what, detail: end.lines.join(' ') };
}
