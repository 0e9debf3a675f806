/** The one policy by which this room sends again what failed and may succeed: Azure's pipelines and our own writes. */
import type { RetryStrategy } from '@azure/core-rest-pipeline';
import { retryAfterSeconds } from './errors.js';
import { networkCode } from './network-error.js';

/** Attempts after the first. */
export const RETRIES = 3;

/** Milliseconds before the next attempt. @param failed attempts that failed, from 1 */
export const backoffMs = (failed: number): number => 400 * 2 ** (failed - 1);

// POSTs that only read.
const READS = /\/(listKeys|listSecrets|token|getLogs|query)(\?|$)/i;
// The same PUT twice registers one version: it is synchronous, and its body never changes.
const REPEATABLE_PUT = /\/(models|codes|environments)\/[^/]+\/versions\/[^/]+(\?|$)/i;
// Synchronous too, and kept by name.
const REPEATABLE = /\/autoscaleSettings\/[^/]+(\?|$)/i;
const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/;
const LONGEST_PAUSE_MS = 60_000;

interface Sent {
  method: string;
  url: string;
}

const isRead = ({ method, url }: Sent): boolean =>
  method === 'GET' || method === 'HEAD' || READS.test(url);

const isRepeatable = (request: Sent): boolean =>
  isRead(request) ||
  REPEATABLE.test(request.url) ||
  (request.method === 'PUT' && REPEATABLE_PUT.test(request.url));

/**
 * Repeats what does no harm twice, and writes that were throttled or never left. A write whose
 * answer was lost may have been accepted: `ArmRequests.write` looks before it sends again.
 */
export const retryStrategy: RetryStrategy = {
  name: 'retryWhatIsSafe',
  retry({ retryCount, response, responseError }) {
    const request = response?.request ?? responseError?.request;
    if (!request) return { skipStrategy: true };
    const backoff = backoffMs(retryCount + 1);
    const repeatable = isRepeatable(request);
    const status = response?.status ?? responseError?.statusCode;
    if (status !== undefined) {
      const header = (response ?? responseError?.response)?.headers.get('retry-after');
      const asked = retryAfterSeconds(header);
      if (status === 429 || (status === 503 && asked !== undefined)) {
        const pause = asked === undefined ? backoff * 2 : asked * 1000;
        return pause > LONGEST_PAUSE_MS ? { skipStrategy: true } : { retryAfterInMs: pause };
      }
      const passes =
        (repeatable && (status === 408 || (status >= 500 && status !== 501))) ||
        // Of a write it says that someone else was faster, of a read that something is busy.
        (status === 409 && isRead(request));
      return passes ? { retryAfterInMs: backoff } : { skipStrategy: true };
    }
    const code = networkCode(responseError);
    if (!code || /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) return { skipStrategy: true };
    return repeatable || NEVER_SENT.test(code)
      ? { retryAfterInMs: backoff }
      : { skipStrategy: true };
  },
};
