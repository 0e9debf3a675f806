/** Tokens of one credential, kept in memory and renewed before they end. */
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { abortError, type Clock, systemClock } from '../common/clock.js';

const AHEAD_MS = 5 * 60_000;

interface Kept {
  token: AccessToken;
  receivedAt: number;
}

interface TokenRequest {
  signal?: AbortSignal | undefined;
  /** From a claims challenge: the kept token is not good enough. */
  claims?: string | undefined;
  /** The service refused this token: ask for another one. */
  refused?: string | undefined;
}

export class TokenSource implements TokenCredential {
  readonly #inner: TokenCredential;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #asking = new Map<string, Promise<AccessToken>>();

  constructor(inner: TokenCredential, clock: Clock = systemClock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  /** Rejects with what the credential says, or with the signal's reason. */
  async token(scope: string, request: TokenRequest = {}): Promise<AccessToken> {
    if (request.signal?.aborted) throw abortError(request.signal);
    const kept = this.#kept.get(scope);
    if (kept && request.refused === kept.token.token) this.#kept.delete(scope);
    else if (kept && !request.claims && this.#isFresh(kept)) return kept.token;

    const key = `${scope} ${request.claims ?? ''}`;
    const running = this.#asking.get(key);
    if (running) {
      try {
        return await unlessAborted(running, request.signal);
      } catch (error) {
        // Another caller gave up; this one did not.
        if (isAbort(error) && !request.signal?.aborted) return this.token(scope, request);
        throw error;
      }
    }
    const asking = this.#ask(scope, request);
    const settled = (): unknown => this.#asking.delete(key);
    this.#asking.set(key, asking);
    asking.then(settled, settled);
    return unlessAborted(asking, request.signal);
  }

  async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    const scope = Array.isArray(scopes) ? (scopes[0] ?? '') : scopes;
    // The storage client names a tenant from its challenge; we sign in to one tenant only.
    return this.token(scope, {
      signal: options?.abortSignal as AbortSignal | undefined,
      claims: options?.claims,
    });
  }

  async #ask(scope: string, request: TokenRequest): Promise<AccessToken> {
    const token = await this.#inner.getToken(scope, {
      ...(request.signal && { abortSignal: request.signal }),
      ...(request.claims && { claims: request.claims }),
    });
    if (!token) throw new Error('The sign-in returned no token.');
    this.#kept.set(scope, { token, receivedAt: this.#clock.now() });
    return token;
  }

  #isFresh({ token, receivedAt }: Kept): boolean {
    const life = token.expiresOnTimestamp - receivedAt;
    // Short-lived tokens would otherwise be asked for on each request.
    const ahead = Math.min(AHEAD_MS, life / 5);
    return this.#clock.now() < token.expiresOnTimestamp - ahead;
  }
}

/** A browser sign-in goes on after an abort; who asked need not wait for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(abortError(signal));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
