/** What an operation does, and what its end changes. The same for a new one and a resumed one. */
import { isRegistered } from '../conditions.js';
import { environmentKey } from '../environment-reference.js';
import {
  DeploymentFailure,
  type DeploymentRecord,
  type EndpointRecord,
  type OperationRecord,
  type SandboxContext,
  type SandboxState,
  findDeployment,
  findEndpoint,
} from '../model.js';

/** The work itself: takes its time, and rejects when it failed. */
export async function perform(
  context: SandboxContext,
  operation: OperationRecord,
  signal: AbortSignal,
): Promise<void> {
  const { clock, durations, runtime } = context;
  const { endpoint, deployment } = subjects(context, operation);
  switch (operation.kind) {
    case 'endpoint-write':
      await clock.delay(
        endpoint?.everSucceeded === true ? durations.update : durations.endpointCreate,
        signal,
      );
      if (endpoint?.everSucceeded === false) checkProviders(context.state);
      return;
    case 'regenerate-keys':
      await clock.delay(durations.update, signal);
      return;
    case 'model-package':
      if (operation.package !== undefined)
        await runtime.buildPackage(operation.package.environment.packaged, signal);
      return;
    case 'deployment-write':
      if (endpoint === undefined || deployment === undefined) return;
      if (operation.effect === 'start') {
        await runtime.start(endpoint.name, deployment.name, signal);
        return;
      }
      await clock.delay(durations.update, signal);
      if (operation.effect === 'scale')
        await runtime.scale(endpoint.name, deployment.name, deployment.sku.capacity);
      return;
    case 'deployment-delete':
      await clock.delay(durations.delete, signal);
      if (endpoint !== undefined && deployment !== undefined)
        await runtime.stop(endpoint.name, deployment.name);
      return;
    case 'endpoint-delete':
      await clock.delay(durations.delete, signal);
      for (const { name } of Object.values(endpoint?.deployments ?? {}))
        await runtime.stop(operation.endpoint, name);
  }
}

/** Endpoints stand on two more services (Microsoft Learn, "Troubleshoot online endpoints"). */
function checkProviders(state: SandboxState): void {
  if (['Microsoft.PolicyInsights', 'Microsoft.Cdn'].every((name) => isRegistered(state, name)))
    return;
  throw new DeploymentFailure(
    'SubscriptionNotRegistered',
    "Resource provider [N/A] isn't registered with Subscription [N/A]. Please see troubleshooting guide, available here: https://aka.ms/register-resource-provider",
  );
}

/** What becomes true at once when the work is done. */
export function succeed(context: SandboxContext, operation: OperationRecord): void {
  const { state } = context;
  const { endpoint, deployment } = subjects(context, operation);
  switch (operation.kind) {
    case 'endpoint-write':
    case 'regenerate-keys':
      if (endpoint === undefined) return;
      endpoint.provisioningState = 'Succeeded';
      endpoint.everSucceeded = true;
      if (operation.pending !== null) {
        endpoint.traffic = operation.pending.traffic;
        endpoint.mirrorTraffic = operation.pending.mirrorTraffic;
      }
      return;
    case 'model-package': {
      const environment = operation.package?.environment;
      if (environment !== undefined) state.environments[environmentKey(environment)] = environment;
      return;
    }
    case 'deployment-write':
      if (deployment === undefined) return;
      deployment.provisioningState = 'Succeeded';
      deployment.everSucceeded = true;
      return;
    case 'deployment-delete':
      if (endpoint === undefined || deployment === undefined) return;
      delete endpoint.deployments[deployment.name.toLowerCase()];
      delete endpoint.traffic[deployment.name];
      delete endpoint.mirrorTraffic[deployment.name];
      return;
    case 'endpoint-delete':
      delete state.endpoints[operation.endpoint.toLowerCase()];
  }
}

/** A failed write leaves the resource there, marked so; the traffic is untouched. */
export function fail(context: SandboxContext, operation: OperationRecord): void {
  const { endpoint, deployment } = subjects(context, operation);
  const subject = operation.deployment === null ? endpoint : deployment;
  if (subject !== undefined) subject.provisioningState = 'Failed';
}

function subjects(
  context: SandboxContext,
  operation: OperationRecord,
): { endpoint: EndpointRecord | undefined; deployment: DeploymentRecord | undefined } {
  const endpoint = findEndpoint(context.state, operation.endpoint);
  const deployment =
    operation.deployment === null ? undefined : findDeployment(endpoint, operation.deployment);
  return { endpoint, deployment };
}
