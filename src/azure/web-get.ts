/**
 * A GET of any address by this connection's way out: its proxy, its certificate authorities. No token is
 * sent, and no redirect followed: a header that signs in is for this address alone.
 */
import { request } from 'undici';
import { abortError } from '../common/clock.js';
import { AzureError, toFailure } from './errors.js';
import type { Transport } from './transport.js';
import type { WebAnswer } from './types.js';

export async function webGet(
  transport: Pick<Transport, 'dispatcher'>,
  address: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<WebAnswer> {
  const url = new URL(address);
  try {
    const { statusCode, body } = await request(url, {
      dispatcher: transport.dispatcher(url),
      headers,
      ...(signal && { signal }),
    });
    return { status: statusCode, body };
  } catch (error) {
    throw signal?.aborted
      ? abortError(signal)
      : new AzureError(toFailure(error, `read ${url.host}`), { cause: error });
  }
}
