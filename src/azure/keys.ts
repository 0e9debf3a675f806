/** Keys and tokens of endpoints: in memory only, never on disk, in a log or on a screen. */
import { AzureError } from './errors.js';
import { abortOption, doing, type Scope } from './scope.js';
import { accepted, endpointPath } from './endpoints.js';
import { checkName } from './scope.js';
import type { Endpoint, Operation } from './types.js';

interface Kept {
  secret: string;
  /** Milliseconds since the epoch; a key stays. */
  until: number;
}

const SHOWN = 4;

export class EndpointKeys {
  readonly #scope: Scope;
  readonly #kept = new Map<string, Kept>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** The bearer secret for scoring. `refused` is one that the endpoint did not accept. */
  async secret(endpoint: Endpoint, signal?: AbortSignal, refused?: string): Promise<string> {
    if (endpoint.authMode === 'aad_token') {
      const { mlScope } = this.#scope.cloud;
      return doing(`sign in to ${endpoint.name}`, async () => {
        const { token } = await this.#scope.tokens.token(mlScope, { signal, refused });
        return token;
      });
    }
    const id = `${endpoint.id} ${endpoint.authMode}`;
    const kept = this.#kept.get(id);
    if (kept && kept.secret !== refused && this.#scope.clock.now() < kept.until) return kept.secret;
    const fresh =
      endpoint.authMode === 'key'
        ? await this.#key(endpoint.name, signal)
        : await this.#token(endpoint.name, signal);
    this.#kept.set(id, fresh);
    return fresh.secret;
  }

  async hint(endpoint: Endpoint, signal?: AbortSignal): Promise<string | undefined> {
    if (endpoint.authMode !== 'key') return undefined;
    return `••••${(await this.secret(endpoint, signal)).slice(-SHOWN)}`;
  }

  async regenerate(
    endpoint: string,
    which: 'primary' | 'secondary',
    signal?: AbortSignal,
  ): Promise<Operation> {
    checkName('endpoint', endpoint);
    const what = `regenerate the ${which} key of ${endpoint}`;
    // Never repeated by itself: each call makes another key.
    const answer = await this.#scope.arm.send(
      'POST',
      `${endpointPath(this.#scope, endpoint)}/regenerateKeys`,
      what,
      { body: { keyType: which === 'primary' ? 'Primary' : 'Secondary' }, signal },
    );
    this.forget();
    return accepted(this.#scope.arm.acceptedBy(answer, endpointPath(this.#scope, endpoint), what));
  }

  forget(): void {
    this.#kept.clear();
  }

  async #key(name: string, signal: AbortSignal | undefined): Promise<Kept> {
    const { resourceGroup, workspaceName } = this.#scope.connection;
    return doing(`read the key of ${name}`, async () => {
      const keys = await this.#scope.client.onlineEndpoints.listKeys(
        resourceGroup,
        workspaceName,
        name,
        abortOption(signal),
      );
      return { secret: some(keys.primaryKey, name), until: Infinity };
    });
  }

  async #token(name: string, signal: AbortSignal | undefined): Promise<Kept> {
    const { resourceGroup, workspaceName } = this.#scope.connection;
    return doing(`get a token for ${name}`, async () => {
      const token = await this.#scope.client.onlineEndpoints.getToken(
        resourceGroup,
        workspaceName,
        name,
        abortOption(signal),
      );
      // Unix seconds; the service names a time to renew well before the end.
      const renew = token.refreshAfterTimeUtc ?? token.expiryTimeUtc;
      const until = renew ? renew * 1000 : this.#scope.clock.now() + 3_600_000;
      return { secret: some(token.accessToken, name), until };
    });
  }
}

function some(secret: string | undefined, name: string): string {
  if (secret) return secret;
  throw new AzureError({
    kind: 'service',
    what: `read the key of ${name}`,
    message: 'Azure returned no key.',
    advice: 'Wait until the endpoint is ready, then try again.',
    retrySafe: true,
  });
}
