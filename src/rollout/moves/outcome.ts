/** How whatever a rollout rejects with ends it. */
import type { AzureFailure } from '../../azure/types.js';
import { failureOf } from '../errors.js';
import { Ended, type Outcome, type OutcomeKind } from './events.js';

const KINDS: Record<AzureFailure['kind'], OutcomeKind> = {
  'sign-in': 'access',
  forbidden: 'access',
  policy: 'access',
  quota: 'access',
  drift: 'drift',
  conflict: 'drift',
  'not-found': 'refused',
  invalid: 'refused',
  provisioning: 'stopped',
  throttled: 'held',
  network: 'held',
  service: 'held',
  cancelled: 'interrupted',
};

/** How a rollout ends that meets such a failure. */
export const outcomeKind = (kind: AzureFailure['kind']): OutcomeKind => KINDS[kind];

/** `undefined`: a fault of this program. */
export function outcomeOf(error: unknown, stopped: boolean): Outcome | undefined {
  if (error instanceof Ended) return error.outcome;
  if (!(error instanceof Error)) return undefined;
  // The signal that ends the program is the cause of whatever rejects after it.
  if (stopped) {
    const said = error.name === 'StoppedWaiting' ? error.message : 'Stopped.';
    return { kind: 'interrupted', lines: [said] };
  }
  if (error.name === 'InputError') return { kind: 'refused', lines: [error.message] };
  // Nothing is sent that can't be journaled; what was sent before stays.
  if (error.name === 'JournalError') return { kind: 'held', lines: [error.message] };
  if (error.name === 'GuardError' || error.name === 'DriftError')
    return { kind: 'drift', lines: [error.message] };
  if (!('failure' in error) && error.name !== 'StoppedWaiting') return undefined;
  const { kind, what, message, advice, correlationId } = failureOf(error, 'carry out the plan');
  return {
    kind: KINDS[kind],
    lines: [
      `${what}: ${message}`,
      advice,
      ...(correlationId === undefined ? [] : [`correlation ${correlationId}`]),
    ],
  };
}
