/**
 * A move is one thing a rollout does next, from creating the endpoint to closing the report. It is
 * a plain value; what is true of each kind of move is in the file named for it.
 */
import type { Deployment } from '../../azure/types.js';
import type { Decision } from '../evidence/gates/decision.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import type { Drift } from '../drift.js';
import type { Judgement } from '../journal/entry.js';
import type { Loss } from '../inherit.js';
import type { Hold } from '../plan/proof.js';
import type { RollbackPlan } from '../rollback.js';
import type { MoveContext } from './context.js';
import type { OutcomeKind } from './events.js';
import type { Facts } from './facts.js';

/** Rows of a further round: new ones of the file, or ones that were sent already. */
export interface MoreRows {
  count: number;
  again: boolean;
}

interface Pair {
  blue: string;
  green: string;
}

/** `weight` is green's traffic weight in percent. */
export type Move =
  | { id: 'create-endpoint' }
  | { id: 'create-blue' }
  | { id: 'first-traffic'; blue: string }
  | { id: 'test' }
  | { id: 'find-model' }
  | { id: 'check-contract'; blue: Deployment }
  | { id: 'create-green'; blue: Deployment }
  | ({ id: 'adopt-green' } & Pair)
  | ({ id: 'prove'; more?: MoreRows } & Pair)
  | ({ id: 'check-load'; weight: number } & Pair)
  | { id: 'set-mirror'; green: string; percent: number }
  | ({ id: 'watch-mirror'; percent: number; minutes: number } & Pair)
  | { id: 'set-traffic'; weight: number }
  | ({ id: 'verify-split'; weight: number } & Pair)
  /** Minutes at this weight that nobody watched. */
  | ({ id: 'catch-up'; weight: number } & Pair)
  | ({ id: 'hold'; weight: number; hold: Hold } & Pair)
  | ({ id: 'run-checks'; weight: number; time: 'before' | 'retire' } & Pair)
  | { id: 'retire'; blue: Deployment }
  | { id: 'close' }
  /** The ways back. `because` is empty where a person asked for it. */
  | { id: 'abort'; because: string[] }
  | { id: 'undo' }
  | { id: 'roll-back'; plan: Extract<RollbackPlan, { kind: 'ready' }>; scale: boolean }
  | { id: 'delete-green'; green: string };

export type MoveId = Move['id'];
export type MoveOf<K extends MoveId> = Extract<Move, { id: K }>;

/** What has to come from a person, a plan or time before anything else is done. */
export type Wait =
  /** Somebody's operation, this rollout's or another's. */
  | { for: 'operation'; what: string }
  /** Someone else changed the endpoint. */
  | { for: 'adoption'; drift: Drift }
  /** Blue has what green can't be given. */
  | { for: 'loss'; losses: Loss[] }
  | { for: 'approval'; weight: number; next: number | undefined }
  /** A gate did not pass; only an override with a reason goes past it. */
  | {
      for: 'reason';
      stage: Judgement['stage'];
      weight: number;
      decision: Decision['do'];
      verdicts: Verdict[];
    }
  /** Something that the plan leaves open. */
  | {
      for: 'choice';
      of: 'endpoint' | 'roles' | 'blue' | 'green' | 'retire' | 'weight';
      sentence: string;
    }
  /** Nothing can be sent without rows of a file. */
  | { for: 'rows'; sentence: string };

/** What `nextMove` says. */
export type Next =
  | { kind: 'move'; move: Move }
  | { kind: 'wait'; wait: Wait }
  | { kind: 'refused'; outcome: OutcomeKind; sentence: string }
  | { kind: 'over'; outcome: 'promoted' | 'aborted' };

/** All that is true of one kind of move. */
export interface MoveKind<K extends MoveId> {
  id: K;
  /** It may change what users meet: the endpoint, or a deployment that exists. */
  writes?: boolean;
  /** Where it writes nothing, it takes no longer than a look at the endpoint. */
  momentary?: boolean;
  /** As a person reads it: `Prove green on the same rows`. */
  title(move: MoveOf<K>): string;
  /** Whether this is what comes next; asked in the order of the registry. */
  when?(facts: Facts): Next | undefined;
  /**
   * Does it: looks, writes, looks again, and journals its own judgement. Rejects with a
   * `DriftError` where someone else changed the endpoint, and with what Azure answered.
   */
  perform(move: MoveOf<K>, context: MoveContext): Promise<unknown>;
}

export const doMove = (move: Move): Next => ({ kind: 'move', move });
export const waitFor = (wait: Wait): Next => ({ kind: 'wait', wait });
export const refuse = (outcome: OutcomeKind, sentence: string): Next => ({
  kind: 'refused',
  outcome,
  sentence,
});
