/** Long-running operations: begun by a write, polled at mfeOperationsStatus, ended in background. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  DeploymentFailure,
  type OperationKind,
  type OperationRecord,
  type PackagePending,
  type PendingEndpoint,
  type SandboxContext,
} from '../model.js';
import type { ArmCall } from './call.js';
import { wireTime } from './errors.js';
import { fail, perform, succeed } from './lifecycle.js';

export interface OperationStart {
  kind: OperationKind;
  /** Empty where it is about no endpoint. */
  endpoint: string;
  deployment?: string;
  effect?: OperationRecord['effect'];
  pending?: PendingEndpoint;
  package?: PackagePending;
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
      (operation) =>
        operation.status === 'Updating' &&
        operation.endpoint.toLowerCase() === endpoint.toLowerCase(),
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

/** `…/mfeOperationsStatus/{op}?api-version=…`, or `mfeOperationResults`. */
export function operationUrl(
  call: ArmCall,
  operation: string,
  kind: 'mfeOperationsStatus' | 'mfeOperationResults' = 'mfeOperationsStatus',
): string {
  const { subscriptionId, location } = call.context.state.config;
  return `${call.origin}/subscriptions/${subscriptionId}/providers/Microsoft.MachineLearningServices/locations/${location}/${kind}/${operation}?api-version=${call.apiVersion}`;
}

/**
 * Headers of an accepted write. The specification promises `Azure-AsyncOperation` for a PUT, whose
 * Location is the resource; PATCH and `regenerateKeys` have a Location only, where the result will
 * be. A DELETE was recorded with both.
 */
export function operationHeaders(
  call: ArmCall,
  operation: OperationRecord,
  resource?: string,
): Record<string, string> {
  const named = call.method !== 'PATCH' && operation.kind !== 'regenerate-keys';
  return {
    ...(named ? { 'azure-asyncoperation': operationUrl(call, operation.name) } : {}),
    location: resource ?? operationUrl(call, operation.name, 'mfeOperationResults'),
    'x-ms-async-operation-timeout': 'PT30M',
  };
}
