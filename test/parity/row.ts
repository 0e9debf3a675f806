/** One row of the table: a plan, what goes wrong, and what is right at either face. */
import type { Face, FaceName, Meaning } from './face.js';
import type { Outcome } from './outcome.js';
import type { PlanPieces, Stage } from './world.js';

export interface Row {
  /** Short: part of an endpoint's name. */
  id: string;
  /** As the table calls it. */
  title: string;
  plan: PlanPieces;
  /** Before the face starts. */
  prepare?(stage: Stage): Promise<void>;
  /** From the first start to the end; without it the face just goes on until it rests. */
  drive?(face: Face, stage: Stage): Promise<Meaning>;
  right: Right;
  /**
   * What is wrong at present, by face and where the two are compared; absent is right. The test of
   * a wrong one is expected to fail, so that whoever mends it is told.
   */
  today?: { [K in FaceName | 'same']?: string };
}

export interface Right {
  /** In words, for the table. */
  says: string;
  meaning: Meaning;
  split: Record<string, number> | 'no endpoint';
  report?: string;
  /** Each has to be among the judgements. */
  judgements?: RegExp[];
  atMost?: { blue?: number; green?: number };
  /** Anything else, which fails by throwing. */
  also?(outcome: Outcome, stage: Stage): void | Promise<void>;
}
