/** What our ARM pipeline does differently from the SDK's: sign-in and repeating. */
import type { PipelinePolicy, RetryStrategy } from '@azure/core-rest-pipeline';
import { networkCode } from './network-error.js';
import { retryAfterSeconds } from './errors.js';
import type { TokenSource } from './token-source.js';

const CLAIMS = /claims="([^"]+)"/;

/**
 * Unlike the SDK's policy it also asks once for another token when a plain 401 says that this one
 * has ended, and honours claims challenges the same way.
 */
export function signInPolicy(source: TokenSource, scope: string): PipelinePolicy {
  return {
    name: 'signIn',
    async sendRequest(request, next) {
      if (!request.url.startsWith('https:')) throw new Error('A token is never sent without TLS.');
      const signal = request.abortSignal as AbortSignal | undefined;
      const { token } = await source.token(scope, { signal });
      request.headers.set('Authorization', `Bearer ${token}`);
      const response = await next(request);
      if (response.status !== 401) return response;

      const challenge = CLAIMS.exec(response.headers.get('www-authenticate') ?? '')?.[1];
      const claims = challenge && Buffer.from(challenge, 'base64').toString('utf8');
      const again = await source.token(scope, { signal, claims, refused: token });
      request.headers.set('Authorization', `Bearer ${again.token}`);
      return next(request);
    },
  };
}

// POSTs that only read.
const READS = /\/(listKeys|listSecrets|token|getLogs)(\?|$)/i;
const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Repeats what can't have been done: reads, and writes that were throttled or never left. A write
 * whose answer was lost may have been accepted: `ArmRequests.write` looks before it sends again.
 */
export const repeatStrategy: RetryStrategy = {
  name: 'repeatWhatIsSafe',
  retry({ retryCount, response, responseError }) {
    const request = response?.request ?? responseError?.request;
    if (!request) return { skipStrategy: true };
    const backoff = 400 * 2 ** retryCount;
    const reads = request.method === 'GET' || request.method === 'HEAD' || READS.test(request.url);
    const status = response?.status ?? responseError?.statusCode;
    if (status !== undefined) {
      const header = (response ?? responseError?.response)?.headers.get('retry-after');
      const asked = retryAfterSeconds(header);
      if (status === 429 || (status === 503 && asked !== undefined)) {
        const pause = asked === undefined ? backoff * 2 : asked * 1000;
        return pause > LONGEST_PAUSE_MS ? { skipStrategy: true } : { retryAfterInMs: pause };
      }
      return reads && (status === 408 || (status >= 500 && status !== 501))
        ? { retryAfterInMs: backoff }
        : { skipStrategy: true };
    }
    const code = networkCode(responseError);
    if (!code || /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) return { skipStrategy: true };
    return reads || NEVER_SENT.test(code) ? { retryAfterInMs: backoff } : { skipStrategy: true };
  },
};
