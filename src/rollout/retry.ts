/** The one policy for what fails and may succeed when it is sent again. */
import pRetry from 'p-retry';
import type { AzureFailure } from '../azure/types.js';
import { systemClock, type Clock } from '../common/clock.js';
import { failureOf, GuardError } from './errors.js';

/**
 * `busy`: Azure is willing, but not now (409 while another operation runs, 429). `moment`: an
 * answer that says nothing about the request (5xx, a dropped connection).
 */
export type Passing = 'busy' | 'moment';

export interface RetryPolicy {
  /** Attempts in total at failures of a moment. */
  tries: number;
  /** Milliseconds from the first attempt during which a busy service is asked again. */
  patienceMs: number;
  /** Milliseconds between attempts; a longer `Retry-After` wins. */
  pauseMs: number;
}

/** For writes that must go through: as long as Azure lets an operation on an endpoint run. */
export const UNTIL_DONE: RetryPolicy = { tries: 5, patienceMs: 30 * 60_000, pauseMs: 2_000 };

/** For what costs money, or may have been carried out: only what was surely not begun is sent again. */
export const WHILE_BUSY: RetryPolicy = { ...UNTIL_DONE, tries: 1 };

interface RetryOptions {
  /** Ends the retrying: the last failure is thrown, or the clock's AbortError during a pause. */
  signal?: AbortSignal | undefined;
  clock?: Clock;
  /** Failures that pass besides those of Azure, e.g. a guard that looks at a busy endpoint. */
  passing?(error: unknown): Passing | undefined;
  /** Called before each pause. */
  onRetry?(failure: AzureFailure, pauseMs: number): void;
}

/** Whether a failure passes by itself; faults of this program and refusals do not. */
function passingOf(error: unknown): Passing | undefined {
  if (error instanceof GuardError) return undefined;
  const { kind, retrySafe } = failureOf(error, '');
  if (!retrySafe) return undefined;
  if (kind === 'conflict' || kind === 'throttled') return 'busy';
  return kind === 'service' || kind === 'network' ? 'moment' : undefined;
}

/**
 * Runs `work` until it succeeds, or rejects with its last failure once that does not pass, the
 * tries or the patience are used up, or the signal fired.
 * @param work gets the number of the attempt, from 1
 */
export function retry<T>(
  policy: RetryPolicy,
  work: (attempt: number) => Promise<T>,
  { signal, clock = systemClock, passing, onRetry }: RetryOptions = {},
): Promise<T> {
  const deadline = clock.now() + policy.patienceMs;
  let tried = 0;
  return pRetry(work, {
    retries: Infinity,
    // The pause is taken below, by a clock that tests can hold and by what Azure asks for.
    minTimeout: 0,
    async shouldRetry({ error }) {
      if (signal?.aborted) return false;
      const kind = passing?.(error) ?? passingOf(error);
      if (kind === undefined) return false;
      if (kind === 'moment' && (tried += 1) >= policy.tries) return false;
      const failure = failureOf(error, '');
      const pauseMs = Math.max(policy.pauseMs, (failure.retryAfterSeconds ?? 0) * 1000);
      if (kind === 'busy' && clock.now() + pauseMs > deadline) return false;
      onRetry?.(failure, pauseMs);
      await clock.delay(pauseMs, signal);
      return true;
    },
  });
}
