/**
 * A request to any address by this connection's way out: its proxy, its certificate authorities. No token is
 * sent, and no redirect followed: a header that signs in is for this address alone.
 */
import { request } from 'undici';
import { abortError, orAborted } from '../common/clock.js';
import { AzureError, retryAfterSeconds, toFailure } from './errors.js';
import type { Transport } from './transport.js';
import type { WebAnswer, WebRequest } from './types.js';

export async function webRequest(
  transport: Pick<Transport, 'dispatcher'>,
  address: string,
  { headers, post }: WebRequest,
  signal?: AbortSignal,
): Promise<WebAnswer> {
  const url = new URL(address);
  try {
    const {
      statusCode,
      headers: answered,
      body,
    } = await orAborted(
      request(url, {
        dispatcher: transport.dispatcher(url),
        headers,
        ...(post !== undefined && { method: 'POST' as const, body: post }),
        ...(signal && { signal }),
      }),
      signal,
    );
    const asked = answered['retry-after'];
    const wait = retryAfterSeconds(typeof asked === 'string' ? asked : undefined);
    return { status: statusCode, body, ...(wait !== undefined && { retryAfterSeconds: wait }) };
  } catch (error) {
    throw signal?.aborted
      ? abortError(signal)
      : new AzureError(toFailure(error, `read ${url.host}`), { cause: error });
  }
}
