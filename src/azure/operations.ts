/** Long-running operations: Azure accepts a write, and says later how it ended. */
import { type ArmAnswer, record, type Json } from './arm-request.js';
import {
  answerFailure,
  AzureError,
  operationFailure,
  retryAfterSeconds,
  toFailure,
} from './errors.js';
import type { Scope } from './scope.js';
import type { AzureFailure, Operation, OperationStatus } from './types.js';

const FIRST_MS = 500;
const GROWTH = 1.5;
const LONGEST_MS = 5000;
/** Polls in a row that may fail; what Azure accepted goes on meanwhile. */
const PATIENCE = 6;

interface Look {
  status: OperationStatus;
  retryAfterMs: number | undefined;
}

export async function operationStatus(
  scope: Scope,
  operation: Operation,
  signal?: AbortSignal,
): Promise<OperationStatus> {
  return (await look(scope, operation, signal)).status;
}

export async function waitForOperation(
  scope: Scope,
  operation: Operation,
  onPoll?: (status: OperationStatus) => void,
  signal?: AbortSignal,
): Promise<void> {
  const what = 'wait for Azure';
  let pause = FIRST_MS;
  let failed = 0;
  for (;;) {
    let wait = pause;
    try {
      const { status, retryAfterMs } = await look(scope, operation, signal);
      failed = 0;
      onPoll?.(status);
      if (status.status === 'succeeded') return;
      if (status.status !== 'running') {
        throw new AzureError(
          status.error ?? operationFailure(undefined, what, status.status === 'canceled'),
        );
      }
      if (retryAfterMs !== undefined) wait = retryAfterMs;
    } catch (error) {
      const failure = toFailure(error, what);
      const transient = ['network', 'service', 'throttled'].includes(failure.kind);
      if (!transient || ++failed >= PATIENCE || signal?.aborted) {
        throw error instanceof AzureError ? error : new AzureError(failure, { cause: error });
      }
      if (failure.retryAfterSeconds !== undefined) wait = failure.retryAfterSeconds * 1000;
    }
    try {
      await scope.clock.delay(wait, signal);
    } catch (error) {
      throw new AzureError(toFailure(error, what), { cause: error });
    }
    pause = Math.min(pause * GROWTH, LONGEST_MS);
  }
}

async function look(
  scope: Scope,
  operation: Operation,
  signal: AbortSignal | undefined,
): Promise<Look> {
  const what = 'read the operation';
  const answer = await scope.arm.send('GET', operation.url, what, { signal });
  const wait = retryAfterSeconds(answer.header('retry-after'), scope.clock.now());
  const retryAfterMs = wait === undefined ? undefined : wait * 1000;
  if (answer.status === 202) return { status: { status: 'running' }, retryAfterMs };
  if (answer.status === 204) return { status: { status: 'succeeded' }, retryAfterMs };
  if (answer.status >= 400) throw new AzureError(pollFailure(answer, what));
  return { status: toStatus(record(answer.body), what), retryAfterMs };
}

const ACCEPTED = 'Azure accepted the request';

/**
 * What a refused poll says of the write that was accepted before it. The results of an operation
 * that failed are a 4xx with its error; an operation that Azure no longer knows leaves its outcome
 * open, so that the resource has to be read.
 */
function pollFailure(answer: ArmAnswer, what: string): AzureFailure {
  const failure = answerFailure(answer, what);
  const { status } = answer;
  if (status >= 500 || status === 408 || status === 429) return failure;
  if (status === 404 || status === 410) {
    return {
      ...failure,
      kind: 'service',
      message: `${ACCEPTED}, but no longer has its operation (${status}), so its result is unknown.`,
      advice: 'Read the endpoint and its deployments to see how it ended.',
      retrySafe: false,
    };
  }
  if (status === 401 || status === 403) {
    return {
      ...failure,
      message: `${ACCEPTED}, but refuses to report its result: ${failure.message}`,
      advice: `${failure.advice} The accepted change continues.`,
    };
  }
  const failed = operationFailure(record(answer.body)['error'] ?? answer.body, what, false);
  return { ...failed, status, message: `${ACCEPTED}, and it failed: ${failed.message}` };
}

/** `Succeeded|Failed|Canceled` end it; during a create the service says `Updating`. */
export function toStatus(body: Json, what: string): OperationStatus {
  const said = String(
    body['status'] ??
      record(body['properties'])['provisioningState'] ??
      // The answer of a model's packaging.
      body['buildState'] ??
      'Succeeded',
  ).toLowerCase();
  const started = body['startTime'];
  const ended = body['endTime'];
  const times = {
    ...(typeof started === 'string' && { startedAt: started }),
    ...(typeof ended === 'string' && { endedAt: ended }),
  };
  if (said === 'succeeded') return { status: 'succeeded', ...times };
  if (said !== 'failed' && said !== 'canceled' && said !== 'cancelled') {
    return { status: 'running', ...times };
  }
  const canceled = said !== 'failed';
  return {
    status: canceled ? 'canceled' : 'failed',
    ...times,
    error: operationFailure(body['error'] ?? buildError(body), what, canceled),
  };
}

/** A package whose build failed names no error, but where the build's log is. */
function buildError(body: Json): Json | undefined {
  const log = body['logUrl'];
  if (body['buildState'] === undefined) return undefined;
  const message = `The image was not built.${typeof log === 'string' ? ` Its log: ${log}` : ''}`;
  return { code: 'ImageBuildFailure', message };
}
