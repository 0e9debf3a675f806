/** Long-running operations: started by a write, done in the background, polled by the caller. */
import { sameName } from '../../common/same-name.js';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { isProviderRegistered } from '../conditions.js';
import { environmentKey } from '../references.js';
import {
  type OperationRecord,
  type SandboxState,
  deploymentRecord,
  findEndpoint,
  own,
} from '../model.js';
import type { DeploymentRecord, EndpointRecord } from '../endpoint-record.js';
import type { SandboxContext } from '../context.js';
import { DeploymentFailure } from '../problems.js';
import { deploymentBody, endpointBody, locationId } from './bodies.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  LOCATION,
  type OperationStart,
  ok,
  param,
} from './call.js';
import { armError, wireTime } from './errors.js';

export function operationRoutes(on: AddArmRoute): void {
  on('GET', `${LOCATION}/mfeOperationsStatus/:operation`, operationStatus);
  on('GET', `${LOCATION}/mfeOperationResults/:operation`, operationResult);
}

/** Finished operations that are still answered for. */
const KEPT = 500;

export class Operations {
  #context: SandboxContext;
  #stop = new AbortController();
  #running = new Map<string, Promise<void>>();

  constructor(context: SandboxContext) {
    this.#context = context;
  }

  /** Is anything still running on this endpoint or one of its deployments? */
  busy(endpoint: string): boolean {
    return Object.values(this.#context.state.operations).some(
      (operation) => operation.status === 'Updating' && sameName(operation.endpoint, endpoint),
    );
  }

  begin(start: OperationStart, call: ArmCall): OperationRecord {
    const { state, clock, faults } = this.#context;
    const prefix =
      start.package !== undefined ? 'mp' : start.deployment === undefined ? 'oeidp' : 'odidp';
    const operation: OperationRecord = {
      name: `${prefix}:${state.config.workspaceId}:${randomUUID()}`,
      kind: start.kind,
      endpoint: start.endpoint,
      deployment: start.deployment ?? null,
      effect: start.effect ?? null,
      status: 'Updating',
      startTime: wireTime(clock.now()),
      endTime: null,
      error: null,
      pending: start.pending ?? null,
      ...(start.package === undefined ? {} : { package: start.package }),
    };
    state.operations[operation.name] = operation;
    this.#forgetOld();
    this.#context.save();
    const target = {
      method: call.method,
      path: call.url,
      endpoint: start.endpoint,
      deployment: start.deployment,
    };
    const slow = faults.take(['slowOperationMs'], target)?.slowOperationMs ?? 0;
    const error = faults.take(['operationError'], target)?.operationError;
    this.#run(operation, slow, error);
    return operation;
  }

  /** After a restart: what was running goes on. What served is started again by scoring. */
  resume(): void {
    for (const operation of Object.values(this.#context.state.operations)) {
      if (operation.status === 'Updating') this.#run(operation, 0, undefined);
    }
  }

  /** Stops waiting; what was running stays recorded as running. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('The sandbox is closing.'));
    await Promise.allSettled(this.#running.values());
  }

  #run(
    operation: OperationRecord,
    slowMs: number,
    error: { code: string; message: string } | undefined,
  ): void {
    const signal = this.#stop.signal;
    const work = async (): Promise<void> => {
      try {
        if (slowMs > 0) await wait(slowMs, undefined, { signal });
        if (error !== undefined) throw new DeploymentFailure(error.code, error.message);
        await perform(this.#context, operation, signal);
        succeed(this.#context, operation);
        operation.status = 'Succeeded';
      } catch (reason) {
        if (signal.aborted) return;
        operation.status = 'Failed';
        operation.error =
          reason instanceof DeploymentFailure
            ? { code: reason.code, message: reason.message }
            : { code: 'InternalServerError', message: sentence(reason) };
        fail(this.#context, operation);
      }
      operation.endTime = wireTime(this.#context.clock.now());
      this.#context.save();
    };
    this.#track(operation.name, work());
  }

  #track(key: string, work: Promise<void>): void {
    this.#running.set(key, work);
    void work.finally(() => this.#running.delete(key));
  }

  #forgetOld(): void {
    const { operations } = this.#context.state;
    const done = Object.values(operations).filter(({ status }) => status !== 'Updating');
    for (const { name } of done.slice(0, Math.max(0, done.length - KEPT))) delete operations[name];
  }
}

function sentence(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** Always 200, a failure too; `Updating` while running, whatever was started. */
function operationStatus(call: ArmCall): ArmReply {
  const operation = mustFind(call);
  return ok({
    id: `${locationId(call.context)}/mfeOperationsStatus/${operation.name}`,
    name: operation.name,
    startTime: operation.startTime,
    ...(operation.endTime === null ? {} : { endTime: operation.endTime }),
    percentComplete: operation.status === 'Updating' ? 0 : 100,
    status: operation.status,
    ...(operation.error === null
      ? {}
      : { error: { ...operation.error, details: [], additionalInfo: [] } }),
  });
}

/** 202 while running, then the resource, or 204 where there is nothing to show. */
function operationResult(call: ArmCall): ArmReply {
  const operation = mustFind(call);
  if (operation.status === 'Updating') {
    const location = `${call.origin}${call.path}?api-version=${call.apiVersion}`;
    return { status: 202, body: null, headers: { location } };
  }
  if (operation.error !== null) {
    throw armError(400, operation.error.code, operation.error.message);
  }
  if (operation.package !== undefined) return ok(operation.package.response);
  const endpoint = findEndpoint(call.context.state, operation.endpoint);
  const deployment =
    operation.deployment === null ? undefined : deploymentRecord(endpoint, operation.deployment);
  if (operation.kind === 'deployment-write' && deployment !== undefined)
    return ok(deploymentBody(call, deployment));
  if (operation.kind === 'endpoint-write' && endpoint !== undefined)
    return ok(endpointBody(call, endpoint));
  return operation.kind === 'regenerate-keys' ? ok(null) : { status: 204 };
}

function mustFind(call: ArmCall): OperationRecord {
  const name = param(call, 'operation');
  const operation = own(call.context.state.operations, name);
  if (operation === undefined)
    throw armError(404, 'NotFound', `The operation '${name}' was not found.`);
  return operation;
}

/** The work itself: takes its time, and rejects when it failed. */
async function perform(
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
  if (
    ['Microsoft.PolicyInsights', 'Microsoft.Cdn'].every((name) => isProviderRegistered(state, name))
  )
    return;
  throw new DeploymentFailure(
    'SubscriptionNotRegistered',
    "Resource provider [N/A] isn't registered with Subscription [N/A]. Please see troubleshooting guide, available here: https://aka.ms/register-resource-provider",
  );
}

/** What becomes true at once when the work is done. */
function succeed(context: SandboxContext, operation: OperationRecord): void {
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
function fail(context: SandboxContext, operation: OperationRecord): void {
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
    operation.deployment === null ? undefined : deploymentRecord(endpoint, operation.deployment);
  return { endpoint, deployment };
}
