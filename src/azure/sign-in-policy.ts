/** How our ARM pipeline signs in, which differs from the SDK's way. */
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
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
