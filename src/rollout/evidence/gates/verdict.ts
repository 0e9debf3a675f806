/** What a gate says of the evidence. */
import type { Shown } from './gate.js';
import type { GateName } from './registry.js';

/** A line of the evidence table. */
export interface Verdict extends Shown {
  gate: GateName;
}
