/** What live users see: minutes of Azure Monitor, while green holds a share of traffic. */
import type { GateMode } from './gate.js';

/** One deployment's minute. Counts, not rates. */
export interface MinuteOfOne {
  requests: number;
  /** Model errors: 424, 408 and 5xx. */
  errors: number;
  /** 429. */
  busy: number;
  p95Ms?: number;
}

export interface LiveMinute {
  /** ISO time of its start. */
  at: string;
  blue: MinuteOfOne;
  green: MinuteOfOne;
}

/** What blue served at the steps before, to compare with once it serves nothing any more. */
export type Before = Pick<MinuteOfOne, 'requests' | 'errors'>;

export const sumOf = (
  minutes: readonly LiveMinute[],
  side: 'blue' | 'green',
  what: 'requests' | 'errors' | 'busy',
): number => minutes.reduce((sum, minute) => sum + minute[side][what], 0);

/** Too little traffic is no reason to hold for ever: such a verdict is a warning. */
export const lenient = (mode: GateMode): GateMode => (mode === 'enforce' ? 'warn' : mode);
