/** What Azure's client for blobs does not send again by itself, though it passes. */
import type { Clock } from '../common/clock.js';
import { backoffMs, RETRIES } from './retry.js';

interface StorageRetry {
  clock: Clock;
  signal?: AbortSignal | undefined;
  /** Resolves with `true` where it removed the cause, so that the next attempt needs no pause. */
  renew?(error: unknown): Promise<boolean>;
}

/** Busy, or of a gateway on the way; the client repeats 500 and 503 itself. */
const PASSING: unknown[] = [409, 429, 502, 504];

/** The body ended too soon, which the client tells as if the caller had ended it. */
const wasCut = (error: unknown, signal: AbortSignal | undefined): boolean =>
  error instanceof Error && error.name === 'AbortError' && signal?.aborted !== true;

const passes = (error: unknown, signal: AbortSignal | undefined): boolean =>
  PASSING.includes((error as { statusCode?: unknown } | undefined)?.statusCode) ||
  wasCut(error, signal);

/** A body that was cut as the failure of the network that it is; any other as it is. */
const asNetworkError = (error: unknown, signal: AbortSignal | undefined): unknown =>
  wasCut(error, signal)
    ? Object.assign(new Error('The connection was closed.', { cause: error }), {
        code: 'ECONNRESET',
      })
    : error;

/** Every piece that `read` yields, which is called again after a failure that passes. */
export async function* retryStream<T>(
  read: () => AsyncIterable<T>,
  { clock, signal, renew }: StorageRetry,
): AsyncGenerator<T> {
  for (let failed = 1; ; failed += 1) {
    try {
      yield* read();
      return;
    } catch (error) {
      if (await renew?.(error)) continue;
      if (!passes(error, signal) || failed > RETRIES) throw asNetworkError(error, signal);
      await clock.delay(backoffMs(failed), signal);
    }
  }
}

/** What `work` resolves with, which is called again after a failure that passes. */
export async function retryStorage<T>(work: () => Promise<T>, options: StorageRetry): Promise<T> {
  async function* once(): AsyncGenerator<T> {
    yield await work();
  }
  const first = await retryStream(once, options).next();
  return first.value as T;
}
