import * as z from 'zod';
import { sameModel } from '../../common/model-ref.js';
import type { DeploymentSpec, Workspace, WorkspaceInfo } from '../../azure/types.js';
import { scriptNotRunIn } from '../../common/sandbox-words.js';
import { hideSecrets } from '../../common/hide-secrets.js';
import { ChangeError, failureOf } from '../errors.js';
import { nameProblem } from '../names.js';
import { shareOf } from '../../common/split.js';
import type { ApplyContext, Change, ChangeKind, CreateDeployment } from './change.js';
import {
  endpointBusy,
  endpointMissing,
  findDeployment,
  instancesProblem,
  isBusy,
  kubernetesProblem,
  notSucceeded,
} from './conditions.js';
import { member } from './members.js';
import { finish } from './operation.js';

/** Microsoft Learn, "Manage and increase quotas": deployments per endpoint. */
const MOST_DEPLOYMENTS = 20;

/** Why an endpoint takes no further deployment. */
export const fullProblem = (endpoint: string, count: number): string | undefined =>
  count < MOST_DEPLOYMENTS
    ? undefined
    : `Endpoint ${endpoint} has ${count} deployments, the most Azure allows. Delete one first.`;
/** Microsoft Learn, "CLI (v2) managed online deployment YAML schema". */
const LONGEST_REQUEST_MS = 180_000;

/** @param packaged whether it is deployed as a package, which may be made later */
export function settingsProblem(spec: DeploymentSpec, packaged: boolean): string | undefined {
  const { codeConfiguration: code } = spec;
  if (code && packaged) {
    return 'A packaged model brings its own scoring: leave out package or code_configuration.';
  }
  if (spec.instanceType === '') return 'The deployment needs an instance type.';
  const instances = instancesProblem(spec.instanceCount);
  if (instances) return instances;
  const request = spec.requestSettings;
  if (request) {
    // What it leaves out is Azure's default, and that is in range.
    const {
      requestTimeoutMs = 1,
      maxConcurrentRequestsPerInstance = 1,
      maxQueueWaitMs = 0,
    } = request;
    if (!(requestTimeoutMs > 0 && requestTimeoutMs <= LONGEST_REQUEST_MS)) {
      return `A request may take 1 to ${LONGEST_REQUEST_MS} ms, not ${requestTimeoutMs}.`;
    }
    if (
      !Number.isInteger(maxConcurrentRequestsPerInstance) ||
      maxConcurrentRequestsPerInstance < 1
    ) {
      return `Concurrent requests per instance are a whole number from 1, not ${maxConcurrentRequestsPerInstance}.`;
    }
    if (!(maxQueueWaitMs >= 0)) return `The queue wait is 0 ms or more, not ${maxQueueWaitMs}.`;
  }
  return undefined;
}

function specProblem(spec: DeploymentSpec): string | undefined {
  if (spec.model === '') return 'The deployment needs a model.';
  return settingsProblem(spec, spec.packagedEnvironment !== undefined);
}

/** Microsoft Learn, "Troubleshooting online endpoints deployment", BadArgument. */
const NO_EGRESS = 'MLflow model format with private network is unsupported';

/** What the workspace's network makes of the deployment's egress. */
export function egressProblem(
  spec: DeploymentSpec,
  { workspaceName, managedNetwork }: WorkspaceInfo,
): string | undefined {
  if (spec.egressPublicNetworkAccess !== 'disabled') return undefined;
  if (managedNetwork !== undefined) {
    return `Workspace ${workspaceName} has a managed network (${managedNetwork}), which governs egress: leave the deployment's own egress setting at enabled.`;
  }
  if (hasEnvironment(spec)) return undefined;
  return `Azure refuses this deployment without egress: "${NO_EGRESS}". Package the model first, name an environment, or leave egress enabled.`;
}

/**
 * Microsoft Learn, "Network isolation with managed online endpoints" and "Deploy MLflow models to online
 * endpoints": such a network lets a deployment reach Azure's own resources and images, but the packages of
 * an MLflow model are installed when its container starts, from wherever conda.yaml and pip name.
 */
export function approvedEgressNote(
  name: string,
  spec: DeploymentSpec,
  { managedNetwork }: WorkspaceInfo,
): { sentence: string; advice: string } | undefined {
  if (managedNetwork !== 'AllowOnlyApprovedOutbound' || hasEnvironment(spec)) return undefined;
  return {
    sentence: `${name} installs the packages of its MLflow model when it starts, and the managed network lets it reach only what the workspace's outbound rules approve (${managedNetwork}): without rules for its conda channels and package index, it fails.`,
    advice:
      'Package the model first (package: true), name an environment, or add outbound rules for them, such as pypi.org and *.anaconda.org.',
  };
}

const hasEnvironment = ({ packagedEnvironment, environment }: DeploymentSpec): boolean =>
  packagedEnvironment !== undefined || environment !== undefined;

/** What `@latest` means is kept, so that journal, report and scripts name the version that is used. */
export async function withPinnedEnvironment(
  change: Change,
  workspace: Workspace,
  signal?: AbortSignal,
): Promise<Change> {
  if (change.kind !== 'createDeployment') return change;
  const { environment, environmentDefinition, packagedEnvironment } = change.spec;
  if (environment === undefined || packagedEnvironment !== undefined) return change;
  const pinned = await workspace.pinEnvironment(environment, environmentDefinition, signal);
  return { ...change, spec: { ...change.spec, environment: pinned } };
}

/** Azure Storage's words for an identity that has no role there. */
const MAY_NOT_READ = /AuthorizationPermissionMismatch|AuthorizationFailure|not authorized/i;
const READER_ADVICE =
  'Give the endpoint’s identity the role Storage Blob Data Reader on the workspace’s storage account; a new role takes a few minutes. Then delete this deployment and create it again.';

/** Azure says only that the model was not downloaded; why is in the log of what downloads it. */
async function withDownloadReason(
  error: unknown,
  { endpoint, deployment }: CreateDeployment,
  { workspace, signal }: ApplyContext,
): Promise<unknown> {
  const failure = failureOf(error, `create deployment ${deployment}`);
  if (!/failed to download the model|storage-initializer/i.test(failure.message)) return error;
  const options = { container: 'storage-initializer' as const, tail: 50 };
  const log = await workspace.deploymentLogs(endpoint, deployment, options, signal).catch(() => '');
  const reason = log.split('\n').findLast((line) => /fail|error|denied|not found/i.test(line));
  if (reason === undefined) return error;
  const message = `${failure.message} Its log: ${hideSecrets(reason.trim())}`;
  const advice = MAY_NOT_READ.test(reason) ? READER_ADVICE : failure.advice;
  return new ChangeError({ ...failure, message, advice });
}

/** The sandbox's log says in its first line that it runs no script. */
async function noteSkippedScript(
  { endpoint, deployment }: CreateDeployment,
  { workspace, signal, onProgress }: ApplyContext,
): Promise<void> {
  const options = { tail: 1_000 };
  const log = await workspace.deploymentLogs(endpoint, deployment, options, signal).catch(() => '');
  const message = scriptNotRunIn(log);
  if (message !== undefined) onProgress({ stage: 'note', message });
}

export const createDeploymentKind: ChangeKind<CreateDeployment> = {
  members: {
    endpoint: member.hosted,
    deployment: member.hosted,
    role: z.enum(['blue', 'green']),
    spec: member.deploymentSpec,
  },
  // Recorded from the service: 9 min 10 s for a no-code MLflow deployment.
  usualSeconds: 550,
  title: (change) => `create deployment ${change.deployment}`,

  guard(change, now) {
    const problem =
      nameProblem('deployment', change.deployment) ??
      specProblem(change.spec) ??
      egressProblem(change.spec, now.workspace);
    if (problem) return problem;
    const { endpoint } = now;
    if (!endpoint) return endpointMissing(now);
    if (endpoint.kubernetes !== undefined) return kubernetesProblem(endpoint);
    const busy = endpointBusy(endpoint);
    if (busy) return busy;
    if (endpoint.provisioningState !== 'Succeeded') {
      return `Endpoint ${endpoint.name} is ${endpoint.provisioningState.toLowerCase()}: Azure refuses new deployments there. Delete the endpoint and create it again.`;
    }
    const there = findDeployment(now, change.deployment);
    if (there?.provisioningState === 'Failed') {
      return `Deployment ${there.name} exists, but its creation failed; it can't be repaired. Delete it, then create it again.`;
    }
    if (there && isBusy(there)) {
      return `Deployment ${there.name} is ${there.provisioningState.toLowerCase()} already. Wait until that has ended.`;
    }
    if (there) return `Deployment ${there.name} already exists. Choose another name.`;
    if (shareOf(endpoint.traffic, change.deployment) > 0) {
      return `Endpoint ${endpoint.name} still has a traffic rule for the name ${change.deployment}. Choose another name, so that the new deployment starts at 0%.`;
    }
    return fullProblem(endpoint.name, now.deployments.length);
  },

  async apply(change, context) {
    const operation = await context.workspace.createDeployment(
      change.endpoint,
      change.deployment,
      change.spec,
      context.signal,
    );
    try {
      await finish(operation, context);
    } catch (error) {
      throw await withDownloadReason(error, change, context);
    }
    if (change.spec.codeConfiguration) await noteSkippedScript(change, context);
  },

  readBack(change, after) {
    const there = findDeployment(after, change.deployment);
    if (!there || there.provisioningState !== 'Succeeded') {
      return notSucceeded(after, change.deployment);
    }
    if (!sameModel(there.model, change.spec.model)) {
      return `Deployment ${there.name} serves ${there.model}, not ${change.spec.model}.`;
    }
    const share = shareOf(after.endpoint?.traffic ?? {}, there.name);
    return change.role === 'green' && share > 0
      ? `Deployment ${there.name} should start at 0%, but has ${share}% of the traffic.`
      : undefined;
  },
};
