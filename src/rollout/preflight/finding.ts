/** What a check found before anything is paid for. */
import type { AzureFailure } from '../../azure/types.js';

export interface PreflightFinding {
  state: 'ok' | 'warn' | 'fail';
  /** Which check: one word or two, in a narrow column. */
  what: string;
  detail: string;
  /** What to do about it. */
  advice?: string;
  /** What Azure's refusal would be, where it would refuse. */
  kind?: AzureFailure['kind'];
}

export const fail = (what: string, detail: string, advice?: string): PreflightFinding => ({
  state: 'fail',
  what,
  detail,
  ...(advice !== undefined && { advice }),
  kind: 'invalid',
});
