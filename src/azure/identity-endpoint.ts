/**
 * Managed identity spoken directly, as App Service, Azure ML compute and the sandbox offer it
 * (IDENTITY_ENDPOINT, 2019-08-01). The library's own credential picks its source once for a
 * process's life, so that a token of one connection could reach another after a switch.
 */
import { Agent } from 'node:http';
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import {
  agentPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  retryPolicy,
  type RetryStrategy,
} from '@azure/core-rest-pipeline';
import { record } from './arm-request.js';
import { AzureError, answerFailure, type FailedAnswer, toFailure } from './errors.js';
import { RETRIES, retryStrategy } from './retry.js';
import { brokenAnswerPolicy, endsInSilence } from './silence.js';
import { oneLine } from './text.js';

const WHAT = 'sign in with managed identity';

const agent = endsInSilence(new Agent());

export class IdentityEndpointCredential implements TokenCredential {
  readonly #endpoint: string;
  readonly #header: string;

  constructor(endpoint: string, header = '') {
    this.#endpoint = endpoint;
    this.#header = header;
  }

  async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    const scope = Array.isArray(scopes) ? (scopes[0] ?? '') : scopes;
    const url = new URL(this.#endpoint);
    url.searchParams.set('api-version', '2019-08-01');
    url.searchParams.set('resource', scope.replace(/\/\.default$/, ''));
    let answer: FailedAnswer;
    try {
      const response = await identityPipeline().sendRequest(
        createDefaultHttpClient(),
        createPipelineRequest({
          url: url.href,
          headers: createHttpHeaders({ 'X-IDENTITY-HEADER': this.#header, Metadata: 'true' }),
          // The protocol is plain http, on this machine.
          allowInsecureConnection: true,
          ...(options?.abortSignal && { abortSignal: options.abortSignal }),
        }),
      );
      const body = parsed(response.bodyAsText ?? '');
      answer = { status: response.status, body, header: (name) => response.headers.get(name) };
    } catch (error) {
      if (options?.abortSignal?.aborted) throw error;
      const failure = toFailure(error, WHAT);
      throw new AzureError({
        ...failure,
        kind: 'sign-in',
        message: `The identity endpoint ${url.host} does not answer: ${failure.message}`,
        advice: 'If this is the sandbox, start it again. Otherwise choose another way to sign in.',
      });
    }
    return tokenIn(answer);
  }
}

/** A refusal may be of the moment; asking once more costs nothing. */
const refusedOnce: RetryStrategy = {
  name: 'refusedOnce',
  retry: ({ retryCount, response }) =>
    response?.status === 401 && retryCount === 0 ? { retryAfterInMs: 0 } : { skipStrategy: true },
};

/** Passing failures are sent again as every other request is, and a refusal once; nothing else is added to it. */
function identityPipeline() {
  const pipeline = createEmptyPipeline();
  const strategies = [retryStrategy, refusedOnce];
  pipeline.addPolicy(retryPolicy(strategies, { maxRetries: RETRIES }), { phase: 'Retry' });
  pipeline.addPolicy(agentPolicy(agent));
  pipeline.addPolicy(brokenAnswerPolicy, { afterPhase: 'Retry' });
  return pipeline;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function tokenIn(answer: FailedAnswer): AccessToken {
  const { status } = answer;
  const body = record(answer.body);
  const token = body['access_token'];
  if (status !== 200 || typeof token !== 'string') {
    const failure = answerFailure(answer, WHAT);
    const passing = status === 429 || status >= 500;
    throw new AzureError({
      ...failure,
      // What passes by itself is no reason to sign in another way.
      kind: passing ? failure.kind : 'sign-in',
      message: oneLine(
        String(
          body['message'] ??
            body['error_description'] ??
            `The identity endpoint answered ${status}.`,
        ),
      ),
      advice: passing
        ? failure.advice
        : 'Check that this machine has a managed identity, or choose another way to sign in.',
      retrySafe: true,
    });
  }
  const seconds = Number(body['expires_on']);
  return {
    token,
    expiresOnTimestamp: Number.isFinite(seconds) ? seconds * 1000 : Date.now() + 3_600_000,
  };
}
