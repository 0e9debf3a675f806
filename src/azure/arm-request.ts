/**
 * Requests that the typed client can't carry, through the same pipeline. The client's models are
 * of 2022-10-01: they drop `mirrorTraffic` and every member they do not know from a PUT, and lose
 * the error's structure when an operation fails. So endpoints and deployments are read and
 * written here as plain JSON, at an api-version that knows all members.
 */
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import pRetry from 'p-retry';
import type { ArmClient } from './arm-client.js';
import { parseJson, stringifyJson } from '../common/exact-numbers.js';
import { abortError, type Clock, systemClock } from '../common/clock.js';
import { answerFailure, AzureError, toFailure } from './errors.js';
import { backoffMs, RETRIES } from './retry.js';
import type { AzureFailure, Operation, ProvisioningState } from './types.js';

/**
 * Stable, and azure-ai-ml 1.35's own. Older ones leave members out of what they answer: before
 * 2024-04-01 there is no `dataCollector`, before 2023-04-01 no `mirrorTraffic`.
 */
export const ENDPOINT_API = '2025-12-01';

export type Json = Record<string, unknown>;

export interface ArmAnswer {
  status: number;
  body: unknown;
  header(name: string): string | undefined;
}

export function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

export class ArmRequests {
  readonly #client: ArmClient;
  readonly #origin: string;
  readonly #clock: Clock;

  constructor(client: ArmClient, origin: string, clock: Clock = systemClock) {
    this.#client = client;
    this.#origin = origin;
    this.#clock = clock;
  }

  /** `path` starts at ARM's root; or a whole URL of ARM, as it gave it to us. */
  async send(
    method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE',
    path: string,
    what: string,
    options: { body?: unknown; apiVersion?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<ArmAnswer> {
    const url = new URL(path, this.#origin);
    if (url.origin !== this.#origin) {
      // Such a URL can come from a journal or an answer; our token must not follow it.
      throw new AzureError({
        kind: 'invalid',
        what,
        message: `The address ${url.host} is not this cloud's Resource Manager.`,
        advice: 'Check the workspace instead of following this operation.',
        retrySafe: false,
      });
    }
    if (!url.searchParams.has('api-version')) {
      url.searchParams.set('api-version', options.apiVersion ?? ENDPOINT_API);
    }
    try {
      const response = await this.#client.sendRequest(
        createPipelineRequest({
          url: url.href,
          method,
          headers: createHttpHeaders({
            Accept: 'application/json',
            ...(options.body !== undefined && { 'Content-Type': 'application/json' }),
          }),
          ...(options.body !== undefined && { body: stringifyJson(options.body) ?? '' }),
          ...(options.signal && { abortSignal: options.signal }),
        }),
      );
      return {
        status: response.status,
        body: parse(response.bodyAsText),
        header: (name) => response.headers.get(name),
      };
    } catch (error) {
      throw new AzureError(toFailure(error, what), { cause: error });
    }
  }

  /** The body of a success; `undefined` for 404. */
  async find(
    path: string,
    what: string,
    options: { apiVersion?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<Json | undefined> {
    const answer = await this.send('GET', path, what, options);
    if (answer.status === 404) {
      // A missing workspace or group is not a missing endpoint: say it instead of creating one.
      const failure = answerFailure(answer, what);
      if (/ResourceGroupNotFound|SubscriptionNotFound/.test(failure.code ?? '')) {
        throw new AzureError(failure);
      }
      if (failure.code === 'ResourceNotFound' && /workspaces\/[^/']+'/i.test(failure.message)) {
        throw new AzureError(failure);
      }
      return undefined;
    }
    return record(successful(answer, what).body);
  }

  async get(
    path: string,
    what: string,
    options: { apiVersion?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<Json> {
    return record(successful(await this.send('GET', path, what, options), what).body);
  }

  /** All pages. */
  async list(
    path: string,
    what: string,
    options: { apiVersion?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<Json[]> {
    const all: Json[] = [];
    const seen = new Set<string>();
    let next: string | undefined = path;
    while (next && !seen.has(next)) {
      seen.add(next);
      const page: Json = await this.get(next, what, options);
      const values = page['value'];
      all.push(...(Array.isArray(values) ? values.map(record) : []));
      next = typeof page['nextLink'] === 'string' ? page['nextLink'] : undefined;
    }
    return all;
  }

  /**
   * A write that Azure accepts and carries out later. When its answer is lost, the resource is
   * looked at before anything is sent again: what was accepted is found, not repeated.
   * `before` is the resource as it was, absent when there was none; `undefined` comes back when
   * a deletion found nothing.
   */
  async write(
    method: 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    what: string,
    options: { body?: unknown; before?: Json | undefined; signal?: AbortSignal | undefined },
  ): Promise<Operation | undefined> {
    const previous = asyncUri(options.before);
    const send = async (): Promise<Operation | undefined> => {
      let failure: AzureFailure;
      try {
        const answer = await this.send(method, path, what, options);
        if (method === 'DELETE' && (answer.status === 204 || answer.status === 404)) {
          return undefined;
        }
        if (answer.status < 300) return this.#operation(answer, path, method, previous);
        failure = answerFailure(answer, what);
        if (answer.status < 500) throw new AzureError(failure);
      } catch (error) {
        failure = toFailure(error, what);
        if (failure.kind !== 'network' && failure.kind !== 'service') throw error;
        if (options.signal?.aborted) throw error;
      }
      const now = await this.#look(path, what, options.signal);
      if (now.known) {
        const uri = asyncUri(now.resource);
        if (uri && uri !== previous) return { url: uri };
        if (method === 'DELETE' && !now.resource) return undefined;
      }
      throw new Unanswered(failure);
    };
    return pRetry(send, {
      retries: RETRIES,
      minTimeout: 0,
      shouldRetry: async ({ error, attemptNumber, retriesLeft }) => {
        const again = error instanceof Unanswered && error.failure.retrySafe && retriesLeft > 0;
        if (again) await this.#clock.delay(backoffMs(attemptNumber), options.signal);
        return again;
      },
    });
  }

  /** The operation of a POST that was sent by itself. */
  acceptedBy(answer: ArmAnswer, path: string, what: string): Operation {
    return this.#operation(successful(answer, what), path, 'POST', undefined);
  }

  async #look(
    path: string,
    what: string,
    signal: AbortSignal | undefined,
  ): Promise<{ known: boolean; resource?: Json | undefined }> {
    try {
      return { known: true, resource: await this.find(path, what, { signal }) };
    } catch {
      if (signal?.aborted) throw new AzureError(toFailure(abortError(signal), what));
      return { known: false };
    }
  }

  /**
   * Azure promises `Azure-AsyncOperation` for a PUT, and `Location` for the others; a PUT's Location
   * is the resource itself. `previous` is the operation that the resource named before the write:
   * an answer may still name it, and it tells nothing of this one.
   */
  #operation(
    answer: ArmAnswer,
    path: string,
    method: string,
    previous: string | undefined,
  ): Operation {
    const named = asyncUri(record(answer.body));
    const url =
      answer.header('azure-asyncoperation') ??
      (method === 'PUT' ? undefined : answer.header('location')) ??
      (named === previous ? undefined : named) ??
      `${this.#origin}${path}${path.includes('?') ? '&' : '?'}api-version=${ENDPOINT_API}`;
    return { url };
  }
}

/** The write's answer was lost, and the resource does not show that it was accepted. */
class Unanswered extends AzureError {}

/**
 * Where an online resource stands. Every answer of the service says it: one that does not is no
 * such resource, and waiting for it would never end.
 */
export function stateOf(raw: Json, what: string): ProvisioningState {
  const state = record(raw['properties'])['provisioningState'];
  if (typeof state === 'string' && state !== '') return state as ProvisioningState;
  throw new AzureError({
    kind: 'service',
    what,
    message: `Azure's answer does not describe ${what.replace(/^read /, '')}: it has no provisioning state.`,
    advice: 'Try again. If it persists, check the proxy between here and Azure.',
    retrySafe: true,
  });
}

/** @throws AzureError with what the service said instead */
export function successful(answer: ArmAnswer, what: string): ArmAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new AzureError(answerFailure(answer, what));
}

function asyncUri(resource: Json | undefined): string | undefined {
  const uri = record(record(resource?.['properties'])['properties'])['AzureAsyncOperationUri'];
  return typeof uri === 'string' && uri ? uri : undefined;
}

function parse(text: string | null | undefined): unknown {
  if (!text) return undefined;
  try {
    // A member that is only passed on keeps its digits.
    return parseJson(text);
  } catch {
    return text;
  }
}
