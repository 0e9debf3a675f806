/** What a gate says, and what it found before all gates are weighed together. */
import type { GateMode, GateName } from './settings.js';

/** `error`: the gate could not be asked, e.g. because nobody answered. */
export type Outcome = 'pass' | 'fail' | 'inconclusive' | 'error';

/** A line of the evidence table; all text is ready to be shown. */
export interface Verdict {
  gate: GateName;
  mode: GateMode;
  verdict: Outcome;
  /** Of the deployment that serves. */
  live: string;
  /** Of the new one. */
  fresh: string;
  difference: string;
  limit: string;
  /** Inconclusive: at least so many more rows (or probes, for `split`) until it can pass. */
  needsMoreRows?: number;
  /** One sentence. */
  why: string;
}

/** A gate's result before Holm: with `p` and no outcome yet, the others' p decide with it. */
export interface Finding {
  live: string;
  fresh: string;
  difference: string;
  limit: string;
  outcome: Outcome | 'by-p';
  /** Probability of such harm by chance. */
  p?: number;
  /** Rows more, should it stay inconclusive. */
  needsMoreRows?: number | undefined;
  why: (outcome: Outcome) => string;
}
