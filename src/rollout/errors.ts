/** The ways in which a change does not come about, each with a sentence for a person. */
import type { AzureFailure } from '../azure/types.js';

/** The change may not run against what is observed now. Nothing was sent. */
export class GuardError extends Error {
  override readonly name = 'GuardError';
}

/** Someone else changed the endpoint since this rollout looked. Nothing was sent. */
export class DriftError extends Error {
  override readonly name = 'DriftError';
}

/** A failure found by this program and not by Azure, in the one shape every failure has. */
export class ChangeError extends Error {
  override readonly name = 'ChangeError';
  constructor(
    readonly failure: AzureFailure,
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
  }
}

/** The person stopped waiting. Azure goes on with what it accepted; `settle` finds out how it ended. */
export class StoppedWaiting extends Error {
  override readonly name = 'StoppedWaiting';
  constructor(readonly title: string) {
    super(`Stopped waiting: ${title} continues in Azure; reopen the rollout to see the result.`);
  }
}

/** Of Azure, or a `ChangeError`. */
export function hasFailure(error: unknown): error is { failure: AzureFailure } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'failure' in error &&
    typeof error.failure === 'object' &&
    error.failure !== null
  );
}

/** Any rejection of the engine or the workspace, in the shape that screens and journals show. */
export function failureOf(error: unknown, what: string): AzureFailure {
  if (hasFailure(error)) return error.failure;
  if (error instanceof DriftError) {
    return {
      kind: 'drift',
      what,
      message: error.message,
      advice:
        'Nothing was sent. Adopt the current split, restore the split at the start, or leave.',
      retrySafe: false,
    };
  }
  if (error instanceof GuardError) {
    return {
      kind: 'conflict',
      what,
      message: error.message,
      advice: 'Nothing was sent. Read the state again, then decide.',
      retrySafe: true,
    };
  }
  if (error instanceof StoppedWaiting || (error instanceof Error && error.name === 'AbortError')) {
    return {
      kind: 'cancelled',
      what,
      message: error.message,
      advice: 'Open the rollout again to see how it ended.',
      retrySafe: false,
    };
  }
  return {
    kind: 'service',
    what,
    message: error instanceof Error ? error.message : String(error),
    advice: 'Read the state again; if the error persists, report it with the steps that led here.',
    retrySafe: false,
  };
}
