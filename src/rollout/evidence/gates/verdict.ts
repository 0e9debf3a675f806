/** What a gate says of the evidence. */
import type { Shown } from './gate.js';
import type { GateName } from './registry.js';

/** A check of the plan's own, by its name. */
type CheckGate = `check:${string}`;

/** A line of the evidence table. */
export interface Verdict extends Shown {
  gate: GateName | CheckGate;
}
