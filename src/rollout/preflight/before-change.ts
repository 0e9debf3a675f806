/**
 * What would block a change that costs money, looked up before it is sent. What can't
 * be looked up stops nothing: Azure itself answers then.
 */
import { sameName } from '../../common/same-name.js';
import type { AzureFailure, Workspace } from '../../azure/types.js';
import type { Change, CreateDeployment, CreateEndpoint } from '../changes/change.js';
import { nameFinding } from './endpoint-name.js';
import type { PreflightFinding } from './finding.js';
import { identityFindings } from './identity.js';
import { secretFindings } from './secrets.js';
import { stepPermission } from './permissions.js';
import { quotaFindings } from './quota.js';
import type { Snapshot } from '../snapshot.js';
import { legacyFinding, providerFinding } from './subscription.js';

type Check = () => Promise<readonly (PreflightFinding | undefined)[]>;

interface Known {
  /** This sign-in's rights, the services and a new name were in nobody's way a moment ago. */
  checked: boolean;
  signal: AbortSignal | undefined;
}

/** `undefined`: nothing is known to be in the way. */
export async function obstacleTo(
  change: Change,
  now: Snapshot,
  workspace: Workspace,
  known: Known,
): Promise<AzureFailure | undefined> {
  const { signal } = known;
  const checks = checksFor(change, now, workspace, known);
  const found = await Promise.all(
    checks.map(async (check) => {
      try {
        return await check();
      } catch {
        signal?.throwIfAborted();
        return [];
      }
    }),
  );
  const worst = found.flat().find((finding) => finding?.state === 'fail');
  if (!worst) return undefined;
  return {
    kind: worst.kind ?? 'invalid',
    what: worst.what,
    message: `${worst.detail} Nothing was sent.`,
    advice: worst.advice ?? '',
    retrySafe: true,
  };
}

function checksFor(change: Change, now: Snapshot, workspace: Workspace, known: Known): Check[] {
  switch (change.kind) {
    case 'createEndpoint':
      return known.checked ? [] : endpointChecks(change, now, workspace, known.signal);
    case 'createDeployment':
      return deploymentChecks(change, now, workspace, known);
    default:
      return [];
  }
}

function endpointChecks(
  { endpoint, identity, properties }: CreateEndpoint,
  { workspace: info }: Snapshot,
  workspace: Workspace,
  signal: AbortSignal | undefined,
): Check[] {
  return [
    () => Promise.resolve(legacyFinding(info)),
    async () => [await stepPermission('endpoint', workspace, signal)],
    () => identityFindings({ identity, properties }, { isNew: true }, workspace, signal),
    async () => {
      // Where endpoints exist already, the services they need are registered.
      const standing = await workspace.listEndpoints(signal);
      return standing.some(({ provisioningState }) => provisioningState === 'Succeeded')
        ? []
        : (await workspace.providerStates(signal)).map((each) =>
            providerFinding(each, info.subscriptionId),
          );
    },
    async () => [
      nameFinding(endpoint, info.location, await workspace.endpointNameUse(endpoint, signal)),
    ],
  ];
}

function deploymentChecks(
  { role, deployment, spec }: CreateDeployment,
  { workspace: info, endpoint: there }: Snapshot,
  workspace: Workspace,
  { checked, signal }: Known,
): Check[] {
  return [
    () => Promise.resolve(legacyFinding(info)),
    async () => (checked ? [] : [await stepPermission('deployment', workspace, signal)]),
    async () => {
      if (!there) return [];
      const deployments = [{ ...spec, name: deployment }];
      return [
        ...(await identityFindings(there, { isNew: false }, workspace, signal)),
        ...(await secretFindings(there, { isNew: false, deployments }, workspace, signal)),
      ];
    },
    async () => {
      const [sizes, usages] = await Promise.all([
        workspace.vmSizes(signal),
        workspace.usages(signal),
      ]);
      const title = role === 'green' ? `${deployment} beside blue` : deployment;
      const { instanceType, instanceCount } = spec;
      const known = sizes.some(({ name }) => sameName(name, instanceType));
      // The list of sizes lags behind what endpoints take: only Azure can refuse a type.
      if (!known) return [];
      return quotaFindings({ title, instanceType, instances: [instanceCount] }, sizes, usages);
    },
  ];
}
