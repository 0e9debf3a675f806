/** What a rollout without a screen tells as it goes; plain data, each fit for one line of JSON. */
import type { Split } from '../../azure/types.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import type { LoadPlan, LoadSeen } from '../evidence/load-check.js';
import type { Judgement, TestResult } from '../journal/entry.js';
import type { Hold } from '../plan/proof.js';

/** What verdicts are about. */
export type Stage = 'contract' | Judgement['stage'];

/** A row on which the two answer unlike; no cell of the file. */
export interface Differing {
  row: number;
  live: string;
  new: string;
  /** Where the file knows the truth. */
  right?: 'live' | 'new' | 'both' | 'neither';
}

export type MoveEvent =
  /** A change that is sent now. */
  | { event: 'sending'; title: string; usualSeconds: number }
  | { event: 'confirmed'; title: string; seconds: number }
  | { event: 'failed'; title: string; message: string }
  /** The end of the log of a deployment that failed. */
  | { event: 'log'; deployment: string; lines: string[] }
  /** Something that is there already, and is as the plan wants it. */
  | { event: 'adopted'; what: string; message: string }
  /** Somebody else's operation, or one of an earlier run. */
  | { event: 'waiting'; message: string }
  | { event: 'tested'; result: TestResult }
  | { event: 'differing'; total: number; rows: Differing[] }
  | { event: 'verdict'; stage: Stage; share: number; verdict: Verdict }
  | { event: 'more'; what: 'rows' | 'probes'; count: number; message: string }
  | ({ event: 'loading'; deployment: string } & LoadPlan)
  | { event: 'loaded'; deployment: string; seen: LoadSeen; message: string }
  | { event: 'mirroring'; deployment: string; percent: number; minutes: number }
  | {
      event: 'mirrored';
      deployment: string;
      percent: number;
      minutes: number;
      requests: number;
    }
  | {
      event: 'probed';
      share: number;
      sent: number;
      failed: number;
      served: Record<string, number>;
      /** Answers name nobody: requests as Azure Monitor counts them, users' among them. */
      source?: 'metrics';
    }
  | ({ event: 'holding'; share: number } & Hold)
  | { event: 'watched'; share: number; minutes: number; requests: number }
  | { event: 'aborting'; message: string }
  | { event: 'aborted'; restored: Split }
  | { event: 'note'; message: string };

/** How a rollout without a screen ended. */
export type OutcomeKind =
  | 'promoted'
  /** The plan, or what it names, can't be carried out. */
  | 'refused'
  /** A gate failed, or green never came up; the split at the start is live. */
  | 'stopped'
  | 'not-rolled-back'
  /** Not decided: inconclusive, or Azure could not be reached. Nothing was moved back. */
  | 'held'
  | 'drift'
  | 'access'
  | 'approval'
  | 'interrupted';

export interface Outcome {
  kind: OutcomeKind;
  /** Sentences for a person, the first one says it all. */
  lines: string[];
}

export type Emit = (event: MoveEvent) => void;

/** Ends the rollout where it stands. */
export class Ended extends Error {
  override readonly name = 'Ended';
  constructor(readonly outcome: Outcome) {
    super(outcome.lines[0]);
  }
}

export const end = (kind: OutcomeKind, ...lines: string[]): Ended => new Ended({ kind, lines });
