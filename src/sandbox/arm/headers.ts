/** Headers of every ARM answer, as recorded from the service. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Correlation } from './call.js';

export function newCorrelation(given: string | undefined): Correlation {
  return {
    id: given !== undefined && /^[\w-]{1,64}$/.test(given) ? given : randomUUID(),
    operation: randomBytes(16).toString('hex'),
    request: randomBytes(8).toString('hex'),
  };
}

/** Counts down per kind of call, as ARM does; starts afresh every hour. */
export class RateLimits {
  #hour = 0;
  #left = { reads: 0, writes: 0, deletes: 0, 'resource-requests': 0 };

  header(method: string, path: string, nowMs: number): [string, string] {
    const hour = Math.floor(nowMs / 3_600_000);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#left = { reads: 12_000, writes: 1_200, deletes: 15_000, 'resource-requests': 25 };
    }
    const kind =
      method === 'PUT' && /\/deployments\/[^/]+$/i.test(path)
        ? 'resource-requests'
        : method === 'GET' || method === 'HEAD'
          ? 'reads'
          : method === 'DELETE'
            ? 'deletes'
            : 'writes';
    this.#left[kind] = Math.max(1, this.#left[kind] - 1);
    return [`x-ms-ratelimit-remaining-subscription-${kind}`, String(this.#left[kind])];
  }
}

export function commonHeaders(
  correlation: Correlation,
  location: string,
  startedMs: number,
  nowMs: number,
): Record<string, string> {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'request-context': 'appId=cid-v1:00000000-0000-0000-0000-000000000000',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-aml-cluster': `vienna-${location}-01`,
    'x-request-time': ((nowMs - startedMs) / 1_000).toFixed(3),
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': correlation.id,
    'x-ms-routing-request-id': `${location.toUpperCase()}:${stamp}:${randomUUID()}`,
  };
}
