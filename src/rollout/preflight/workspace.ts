/** What of a workspace a rollout depends on; only reads are sent. */
import { sameName } from '../../common/same-name.js';
import type { AuthMode, FamilyUsage, Workspace, WorkspaceInfo } from '../../azure/types.js';
import { failureOf } from '../errors.js';
import { coresNeeded, withUsed } from '../quota.js';
import { nameFinding, nameRuleFinding } from './endpoint-name.js';
import type { PreflightFinding } from './finding.js';
import { limitFinding } from './limits.js';
import { actionsFor, permissionFindings, type AlsoNeeded } from './permissions.js';
import { quotaFindings, type Planned } from './quota.js';
import { LIST_SECRETS, storageFinding } from './storage.js';
import { legacyFinding, providerFinding } from './subscription.js';

/** What a rollout means to do there. */
interface Intent {
  /** Absent: not said. */
  endpoint?: string;
  /** How the endpoint's callers sign in; `key` by default. */
  auth?: AuthMode;
  /** Whether a folder is uploaded; `true` by default. */
  uploads?: boolean;
  /** What it can't do without, beyond what every rollout needs. */
  alsoNeeds?: readonly AlsoNeeded[];
  /** Whose cores are needed together, by instance type. */
  cores(): Promise<readonly Planned[]>;
  /** What is counted against the limits of the region. */
  adds: { endpoints: number; deployments: number };
}

/** One after the other, as they are found. What can't be looked up is a warning: Azure itself answers then. */
export async function* workspaceFindings(
  { endpoint, auth = 'key', uploads = true, alsoNeeds = [], cores, adds }: Intent,
  workspace: Workspace,
  info: WorkspaceInfo,
  signal?: AbortSignal,
): AsyncGenerator<PreflightFinding> {
  yield* legacyFinding(info);
  yield* networkFinding(info);
  // One answer tells of all of them.
  let asked: Promise<readonly string[]> | undefined;
  const missing = () =>
    (asked ??= workspace.missingPermissions(
      [...actionsFor(auth, alsoNeeds), LIST_SECRETS],
      signal,
    ));
  const checks: [string, () => Promise<PreflightFinding[]>][] = [
    ['permissions', async () => permissionFindings(await missing(), auth, alsoNeeds)],
    [
      'storage',
      async () => (uploads ? [await storageFinding(workspace, info, missing, signal)] : []),
    ],
    [
      'providers',
      async () =>
        (await workspace.providerStates(signal)).map((each) =>
          providerFinding(each, info.subscriptionId),
        ),
    ],
    ['endpoint name', () => endpointName(workspace, info, endpoint, signal)],
    [
      'limits',
      async () => [limitFinding(await workspace.regionCounts(signal), info.location, adds)],
    ],
    ['quota', () => quota(cores, workspace, signal)],
  ];
  for (const [what, check] of checks) {
    try {
      yield* await check();
    } catch (error) {
      signal?.throwIfAborted();
      // One may be allowed to do a rollout, and not to look at this.
      const { message, advice } = failureOf(error, what);
      yield { state: 'warn', what, detail: message, advice };
    }
  }
}

function networkFinding({ workspaceName, publicNetworkAccess, managedNetwork }: WorkspaceInfo) {
  const closed = publicNetworkAccess === 'disabled';
  const what = 'network';
  const found: PreflightFinding[] = [];
  if (closed) {
    found.push({
      state: 'warn',
      what,
      detail: `${workspaceName} refuses the public network: it is reached from its own network only.`,
    });
  }
  if (managedNetwork) {
    const reached =
      managedNetwork === 'AllowOnlyApprovedOutbound'
        ? ', and conda and pip reach only what its outbound rules approve'
        : '';
    found.push({
      state: 'ok',
      what,
      detail: `managed network (${managedNetwork}): it governs egress, so no deployment gets an egress setting${reached}`,
    });
  }
  return found;
}

async function endpointName(
  workspace: Workspace,
  info: WorkspaceInfo,
  endpoint: string | undefined,
  signal: AbortSignal | undefined,
): Promise<PreflightFinding[]> {
  if (endpoint === undefined) return [];
  const wrong = nameRuleFinding(endpoint);
  if (wrong) return [wrong];
  return [nameFinding(endpoint, info.location, await workspace.endpointNameUse(endpoint, signal))];
}

async function quota(
  cores: Intent['cores'],
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Promise<PreflightFinding[]> {
  const planned = await cores();
  if (planned.length === 0) return [];
  const [sizes, usages] = await Promise.all([workspace.vmSizes(signal), workspace.usages(signal)]);
  // All of them stand side by side: what one takes is not free for the next.
  let left: readonly FamilyUsage[] = usages;
  return planned.flatMap((each) => {
    const found = quotaFindings(each, sizes, left);
    const size = sizes.find(({ name }) => sameName(name, each.instanceType));
    if (size) {
      const cores = each.instances.reduce((sum, count) => sum + coresNeeded(size, count), 0);
      left = withUsed(left, size.family, cores);
    }
    return found;
  });
}
