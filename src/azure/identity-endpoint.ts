/**
 * Managed identity spoken directly, as App Service, Azure ML compute and the sandbox offer it
 * (IDENTITY_ENDPOINT, 2019-08-01). The library's own credential picks its source once for a
 * process's life, so that a token of one connection could reach another after a switch.
 */
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { request } from 'undici';
import { AzureError, toFailure } from './errors.js';
import { oneLine } from './text.js';

const WHAT = 'sign in with managed identity';

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
    let status: number;
    let text: string;
    try {
      const response = await request(url, {
        headers: { 'X-IDENTITY-HEADER': this.#header, Metadata: 'true' },
        ...(options?.abortSignal && { signal: options.abortSignal }),
      });
      status = response.statusCode;
      text = await response.body.text();
    } catch (error) {
      if (options?.abortSignal?.aborted) throw error;
      const failure = toFailure(error, WHAT);
      throw new AzureError({
        ...failure,
        kind: 'sign-in',
        message: `The identity endpoint ${url.host} does not answer: ${failure.message}`,
        advice: 'If this is the sandbox, start it again; else choose another way of signing in.',
      });
    }
    return parse(status, text);
  }
}

function parse(status: number, text: string): AccessToken {
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Said below, together with the status.
  }
  const token = body['access_token'];
  if (status !== 200 || typeof token !== 'string') {
    throw new AzureError({
      kind: 'sign-in',
      what: WHAT,
      message: oneLine(
        String(body['message'] ?? body['error_description'] ?? `It answered with ${status}.`),
      ),
      advice: 'Check that this machine has a managed identity; or choose another way to sign in.',
      status,
      retrySafe: true,
    });
  }
  const seconds = Number(body['expires_on']);
  return {
    token,
    expiresOnTimestamp: Number.isFinite(seconds) ? seconds * 1000 : Date.now() + 3_600_000,
  };
}
