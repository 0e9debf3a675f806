/** What of the sign-in and the workspace a rollout depends on; only reads are sent. */
import type { FamilyUsage, ProviderState, Workspace } from '../azure/types.js';
import type { Run } from './command-run.js';
import { findTarget, openTarget, type Target } from './connect-profile.js';
import type { WorkspaceFlags } from './connection-flags.js';
import { caFinding } from './doctor-machine.js';
import type { Finding } from './doctor.js';
import { ending, failureIn } from './errors.js';
import { CODE } from './exit-codes.js';

/** Two of the smallest usual instances, blue and green, with Azure's reserve. */
const CORES_FOR_A_PAIR = 16;
const FAMILIES_SHOWN = 3;

export async function* workspaceFindings(
  flags: WorkspaceFlags,
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
    yield* inside(opened.workspace, target, signal);
  } finally {
    await opened.close();
  }
}

async function* inside(
  workspace: Workspace,
  { name, prod }: Target,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const { signIn } = workspace.connection;
  try {
    const who = await workspace.who(signal);
    yield { state: 'ok', what: 'sign-in', detail: `${who ?? 'no name in the token'} (${signIn})` };
    const info = await workspace.info(signal);
    const where = `${info.resourceGroup} / ${info.workspaceName}, ${info.location}`;
    yield { state: 'ok', what: 'workspace', detail: `${name}${prod ? ' PROD' : ''}: ${where}` };
    if (info.v1LegacyMode) {
      yield {
        state: 'fail',
        what: 'legacy mode',
        detail: 'v1 legacy mode is on, which refuses the API that endpoints need.',
        advice: 'Ask the owner: az ml workspace update --v1-legacy-mode false',
      };
    }
  } catch (error) {
    signal.throwIfAborted();
    yield failed(failureIn(error)?.kind === 'sign-in' ? 'sign-in' : 'workspace', error);
    return;
  }
  const checks: [string, () => Promise<Finding[]>][] = [
    ['permissions', async () => permissions(await workspace.missingPermissions(signal))],
    ['providers', async () => (await workspace.providerStates(signal)).map(provider)],
    ['quota', async () => [quota(await workspace.usages(signal))]],
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

function failed(what: string, error: unknown): Finding {
  const end = ending(error, CODE.attention);
  if (!end) throw error;
  const failure = failureIn(error);
  if (failure) return { state: 'fail', what, detail: failure.message, advice: failure.advice };
  return { state: 'fail', what, detail: end.lines.join(' ') };
}

async function permissions(missing: readonly string[]): Promise<Finding[]> {
  const what = 'permissions';
  if (missing.length === 0) {
    return [{ state: 'ok', what, detail: 'all that a rollout needs' }];
  }
  const { roleFor } = await import('../azure/advice.js');
  const { WISHED } = await import('../azure/permissions.js');
  const groups = new Map<string, { role: string; wished: boolean; actions: string[] }>();
  for (const action of missing) {
    const role = roleFor(action);
    const wished = WISHED.includes(action);
    const group = groups.get(`${role} ${wished}`) ?? { role, wished, actions: [] };
    groups.set(`${role} ${wished}`, group);
    group.actions.push(action);
  }
  return [...groups.values()].map(({ role, wished, actions }) => ({
    state: wished ? 'warn' : 'fail',
    what,
    detail: `This sign-in may not ${actions.join(', ')}.${wished ? ' A rollout works without.' : ''}`,
    advice: `Ask an owner for the role ${role}. A new role takes some minutes.`,
  }));
}

export function provider({ namespace, state }: ProviderState): Finding {
  const what = 'provider';
  if (state === 'Registered') return { state: 'ok', what, detail: namespace };
  const advice =
    state === 'Registering'
      ? 'Registering takes some minutes: try again later.'
      : `Ask a Contributor of the subscription: az provider register --namespace ${namespace}`;
  return { state: 'fail', what, detail: `${namespace} is ${state}.`, advice };
}

/** The families with most free cores; the wizard says exactly what a deployment needs. */
export function quota(usages: readonly FamilyUsage[]): Finding {
  const free = ({ limit, used }: FamilyUsage): number => Math.max(0, limit - used);
  const roomy = usages.filter((each) => free(each) > 0).sort((a, b) => free(b) - free(a));
  const shown = roomy
    .slice(0, FAMILIES_SHOWN)
    .map((each) => `${each.family} ${free(each)} of ${each.limit}`)
    .join(', ');
  const most = roomy[0] ? free(roomy[0]) : 0;
  const advice = 'Ask for more in the portal: Azure ML, Quotas; or delete what is not used.';
  if (most === 0) {
    return { state: 'fail', what: 'quota', detail: 'No free cores in this region.', advice };
  }
  const detail = `free cores: ${shown}`;
  return most < CORES_FOR_A_PAIR
    ? {
        state: 'warn',
        what: 'quota',
        detail,
        advice: `Two deployments side by side, of one 4-core instance each, count ${CORES_FOR_A_PAIR} cores. ${advice}`,
      }
    : { state: 'ok', what: 'quota', detail };
}
