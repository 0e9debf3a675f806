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

/** What differs between two signatures, a line each, first what breaks; empty when nothing does. */
export function signatureDifferences(live: ModelLook, now: ModelLook): string[] {
  const { inputs, outputs } = diffSignatures(live.signature, now.signature);
  const of = (what: string, changes: readonly ColumnChange[]) =>
    changes.map((change) => ({ what, change }));
  return [...of('input', inputs), ...of('output', outputs)]
    .sort((a, b) => Number(b.change.breaks) - Number(a.change.breaks))
    .map(({ what, change }) => {
      const harm = change.breaks ? ': callers would fail' : '';
      return `${what} ${CHANGES[change.change](change)}${harm}`;
    });
}
