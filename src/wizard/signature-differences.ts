/** What callers of the live model would notice of another one, in sentences. */
import { diffSignatures, type ColumnChange } from '../sampling/signature.js';
import type { ModelLook } from './effects/models.js';

const CHANGES: Record<ColumnChange['change'], (change: ColumnChange) => string> = {
  added: ({ name, after }) => `${name} (${after ?? ''}) is new`,
  dropped: ({ name }) => `${name} is removed`,
  retyped: ({ name, before, after }) => `${name} was ${before ?? ''} and is ${after ?? ''}`,
  'now-required': ({ name }) => `${name} is required now`,
  'now-optional': ({ name }) => `${name} is optional now`,
};

/** What differs between two signatures, a line each; empty when nothing does. */
export function signatureDifferences(live: ModelLook, now: ModelLook): string[] {
  const { inputs, outputs } = diffSignatures(live.signature, now.signature);
  const line = (what: string) => (change: ColumnChange) =>
    `${what} ${CHANGES[change.change](change)}${change.breaks ? ': callers would fail' : ''}`;
  return [...inputs.map(line('input')), ...outputs.map(line('output'))];
}
