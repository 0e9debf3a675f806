/** What Azure's client for blobs does not send again by itself, though it passes. */
import type { Clock } from '../common/clock.js';
import { backoffMs, RETRIES } from './retry.js';

/** Busy, or of a gateway on the way; the client repeats 500 and 503 itself. */
const PASSING: unknown[] = [409, 429, 502, 504];

/** The body ended too soon, which the client tells as if the caller had ended it. */
const wasCut = (error: unknown, signal: AbortSignal | undefined): boolean =>
  error instanceof Error && error.name === 'AbortError' && signal?.aborted !== true;

/**
 * Waits and resolves with `true` where another try may succeed.
 * @param failed tries that failed, from 1
 */
export async function maySucceed(
  error: unknown,
  failed: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  const passes = PASSING.includes(statusCode) || wasCut(error, signal);
  if (!passes || failed > RETRIES) return false;
  await clock.delay(backoffMs(failed), signal);
  return true;
}

/** A body that was cut as the failure of the network that it is; any other as it is. */
export const asNetworkError = (error: unknown, signal: AbortSignal | undefined): unknown =>
  wasCut(error, signal)
    ? Object.assign(new Error('The connection was closed.', { cause: error }), {
        code: 'ECONNRESET',
      })
    : error;
